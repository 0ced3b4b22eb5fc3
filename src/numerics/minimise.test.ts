import { describe, expect, test } from 'vitest'
import { minimiseNelderMead, type Objective } from './minimise.ts'
import { minimiseBfgs } from './minimise-bfgs.ts'
import { minimiseBrent } from './minimise-brent.ts'

/** Rosenbrock's valley: minimum 0 at (1, 1). */
const valley: Objective = ([x = NaN, y = NaN]) => {
  const [across, along] = [y - x * x, 1 - x]
  return 100 * across * across + along * along
}

function valleyGradient([x = NaN, y = NaN]: Float64Array, out: Float64Array): void {
  out[0] = -400 * x * (y - x * x) - 2 * (1 - x)
  out[1] = 200 * (y - x * x)
}

const START = Float64Array.of(-1.2, 1)

describe.each([
  { name: 'Nelder–Mead', minimise: (f: Objective) => minimiseNelderMead(f, START), digits: 6 },
  { name: 'BFGS with differences', minimise: (f: Objective) => minimiseBfgs(f, START), digits: 6 },
  {
    name: 'BFGS with a gradient',
    minimise: (f: Objective) => minimiseBfgs(f, START, { gradient: valleyGradient }),
    digits: 9,
  },
])('$name', ({ minimise, digits }) => {
  test('follows the curved valley to its end and says so', () => {
    const found = minimise(valley)
    expect(found.converged).toBe(true)
    expect(found.point[0]).toBeCloseTo(1, digits)
    expect(found.point[1]).toBeCloseTo(1, digits)
    expect(found.value).toBe(valley(found.point))
    expect(found.iterations).toBeGreaterThan(5)
  })

  test('leaves the start as it was', () => {
    minimise(valley)
    expect([...START]).toEqual([-1.2, 1])
  })

  test('refuses a start where the function is not finite', () => {
    expect(() => minimise(() => NaN)).toThrow(/not finite/)
  })
})

describe('minimisers', () => {
  test('avoid places where the function is NaN', () => {
    const walled: Objective = ([x = NaN]) => (x < 0 ? NaN : x - 2 * Math.sqrt(x))
    expect(minimiseNelderMead(walled, [4]).point[0]).toBeCloseTo(1, 5)
    expect(minimiseBfgs(walled, [4]).point[0]).toBeCloseTo(1, 5)
  })

  test('say when the budget ran out', () => {
    expect(minimiseNelderMead(valley, START, { maxEvaluations: 20 }).converged).toBe(false)
    expect(minimiseBfgs(valley, START, { maxIterations: 2 }).converged).toBe(false)
  })

  test('handle six dimensions of very different curvature', () => {
    const bowl: Objective = (point) =>
      point.reduce((total, x, i) => total + (i + 1) * (i + 1) * (x - i) * (x - i), 0)
    for (const minimise of [minimiseNelderMead, minimiseBfgs]) {
      const found = minimise(bowl, new Float64Array(6))
      expect(found.converged).toBe(true)
      found.point.forEach((x, i) => {
        expect(x).toBeCloseTo(i, 4)
      })
    }
  })

  test('refuse an empty start', () => {
    expect(() => minimiseNelderMead(() => 0, [])).toThrow(RangeError)
    expect(() => minimiseBfgs(() => 0, [])).toThrow(RangeError)
  })
})

describe("Brent's method", () => {
  test('finds the bottom of a curve', () => {
    const found = minimiseBrent((x) => x * x * x * x - 3 * x, -2, 5)
    expect(found.converged).toBe(true)
    expect(found.point[0]).toBeCloseTo(0.9085602964160698, 7)
  })

  test('ends at a bound when the function falls towards it', () => {
    expect(minimiseBrent((x) => -x, 0, 3).point[0]).toBeCloseTo(3, 6)
  })

  test('refuses an empty interval', () => {
    expect(() => minimiseBrent((x) => x, 1, 1)).toThrow(RangeError)
  })
})
