/** The zero of a continuous function between two points where its signs differ. */

export interface RootOptions {
  /** Absolute width of the final bracket. Default 1e-14, and never below an ulp. */
  readonly tolerance?: number
  readonly maxIterations?: number
}

export interface RootResult {
  readonly root: number
  readonly iterations: number
  readonly converged: boolean
}

interface Bracket {
  /** Best point so far. */
  b: number
  fb: number
  /** The point before it. */
  a: number
  fa: number
  /** The other side of the sign change. */
  c: number
  fc: number
}

/**
 * Finds x in [low, high] with f(x) = 0.
 *
 * @throws {RangeError} When f(low) and f(high) have the same sign.
 *
 * Source: Brent 1973, chapter 4: inverse quadratic interpolation guarded by bisection.
 */
export function findRoot(
  f: (x: number) => number,
  low: number,
  high: number,
  options: RootOptions = {},
): RootResult {
  const { tolerance = 1e-14, maxIterations = 200 } = options
  const fLow = f(low)
  const fHigh = f(high)
  if (fLow === 0) return { root: low, iterations: 0, converged: true }
  if (fHigh === 0) return { root: high, iterations: 0, converged: true }
  if (!(fLow > 0 !== fHigh > 0)) {
    throw new RangeError(
      `A root needs values of different signs at the ends; f(${low}) = ${fLow}, f(${high}) = ${fHigh}`,
    )
  }
  const bracket: Bracket = { a: low, fa: fLow, b: high, fb: fHigh, c: low, fc: fLow }
  return narrow(f, bracket, tolerance, maxIterations)
}

function narrow(
  f: (x: number) => number,
  bracket: Bracket,
  tolerance: number,
  maxIterations: number,
): RootResult {
  let step = bracket.b - bracket.a
  let stepBefore = step
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    orient(bracket)
    const width = 0.5 * (bracket.c - bracket.b)
    const least = 2.220446049250313e-16 * Math.abs(bracket.b) + 0.5 * tolerance
    if (Math.abs(width) <= least || bracket.fb === 0) {
      return { root: bracket.b, iterations, converged: true }
    }
    const guess = interpolatedStep(bracket)
    const trusted =
      Math.abs(stepBefore) >= least &&
      Math.abs(bracket.fa) > Math.abs(bracket.fb) &&
      guess / width > 0 &&
      Math.abs(guess) < Math.min(1.5 * Math.abs(width), 0.5 * Math.abs(stepBefore))
    stepBefore = trusted ? step : width
    step = trusted ? guess : width
    bracket.a = bracket.b
    bracket.fa = bracket.fb
    bracket.b += Math.abs(step) > least ? step : width > 0 ? least : -least
    bracket.fb = f(bracket.b)
    if (bracket.fb > 0 === bracket.fc > 0) {
      bracket.c = bracket.a
      bracket.fc = bracket.fa
      step = bracket.b - bracket.a
      stepBefore = step
    }
  }
  return { root: bracket.b, iterations: maxIterations, converged: false }
}

/** Makes b the end with the smaller |f|. */
function orient(bracket: Bracket): void {
  if (Math.abs(bracket.fc) >= Math.abs(bracket.fb)) return
  bracket.a = bracket.b
  bracket.fa = bracket.fb
  bracket.b = bracket.c
  bracket.fb = bracket.fc
  bracket.c = bracket.a
  bracket.fc = bracket.fa
}

/** The step from b by inverse quadratic interpolation, or by the secant when only two points differ. */
function interpolatedStep({ a, fa, b, fb, c, fc }: Bracket): number {
  if (a === c) return (-fb * (b - a)) / (fb - fa)
  const r = fb / fc
  const s = fb / fa
  const t = fa / fc
  const numerator = s * (t * (r - t) * (c - b) - (1 - r) * (b - a))
  return numerator / ((t - 1) * (r - 1) * (s - 1))
}
