import { describe, expect, it } from 'vitest'
import { createRandom } from '../../numerics/random.ts'
import { mean } from '../../numerics/statistics.ts'
import { backtestOverfitting } from './backtest-overfitting.ts'
import { confidenceSet } from './confidence-set.ts'
import { deflatedSharpe, expectedMaximumSharpe, sharpeRatio } from './sharpe-ratio.ts'
import { optimalBlockLength, stationaryBootstrap } from './stationary-bootstrap.ts'
import { superiorAbility } from './superior-ability.ts'

const noise = (label: string, n: number, level = 0) => {
  const random = createRandom(3).fork(label)
  return Float64Array.from({ length: n }, () => level + random.normal())
}
const many = (count: number, n: number) =>
  Array.from({ length: count }, (_, k) => noise(`${count}/${k}`, n))

describe('stationaryBootstrap', () => {
  it('draws blocks of the asked mean length, every day as often as any other', () => {
    const resample = stationaryBootstrap(100, 8, createRandom(1))
    const counts = new Float64Array(100)
    let breaks = 0
    for (let b = 0; b < 2000; b++) {
      const days = resample()
      days.forEach((day, i) => {
        counts[day] = (counts[day] ?? 0) + 1
        if (i > 0 && day !== ((days[i - 1] ?? 0) + 1) % 100) breaks += 1
      })
    }
    expect((2000 * 99) / breaks).toBeCloseTo(8, 0)
    expect(Math.min(...counts)).toBeGreaterThan(1700)
    expect(Math.max(...counts)).toBeLessThan(2300)
  })

  it('draws the same days for the same seed', () => {
    const draw = () => [...stationaryBootstrap(30, 3, createRandom(5))()]
    expect(draw()).toEqual(draw())
  })
})

describe('optimalBlockLength', () => {
  it('is finite for a series that does not vary', () => {
    expect(optimalBlockLength(new Float64Array(50))).toBeLessThanOrEqual(17)
  })
})

describe('superiorAbility', () => {
  const options = () => ({ resample: stationaryBootstrap(250, 2, createRandom(9)), blockLength: 2 })

  it('finds the one model that is better, and nothing among fifty that are not', () => {
    const benchmark = noise('benchmark', 250, 2)
    const worthless = Array.from({ length: 50 }, (_, k) => noise(`w${k}`, 250, 2))
    expect(superiorAbility(benchmark, worthless, options()).consistent).toBeGreaterThan(0.05)
    const better = [...worthless, benchmark.map((loss) => loss - 0.2)]
    better[50] = (better[50] ?? benchmark).map((loss, i) => loss + (i % 2 === 0 ? 0.1 : -0.1))
    expect(superiorAbility(benchmark, better, options()).consistent).toBeLessThan(0.01)
  })

  it('says that a copy of the benchmark is not better', () => {
    const benchmark = noise('benchmark', 250)
    expect(superiorAbility(benchmark, [benchmark], options()).consistent).toBe(0)
  })

  it('refuses losses of other days', () => {
    expect(() => superiorAbility(noise('a', 250), [noise('b', 249)], options())).toThrowError(
      RangeError,
    )
  })
})

describe('confidenceSet', () => {
  it('drops what is clearly worse and keeps what cannot be told apart', () => {
    const losses = [noise('a', 300), noise('b', 300), noise('c', 300, 1)]
    const p = confidenceSet(losses, { resample: stationaryBootstrap(300, 2, createRandom(4)) })
    expect(p[2]).toBeLessThan(0.01)
    expect(Math.max(p[0] ?? 0, p[1] ?? 0)).toBe(1)
    expect(Math.min(p[0] ?? 0, p[1] ?? 0)).toBeGreaterThan(0.05)
  })

  it('keeps all of several equal models', () => {
    const one = noise('a', 100)
    const resample = stationaryBootstrap(100, 2, createRandom(4))
    expect(confidenceSet([one, one, one], { resample })).toEqual([1, 1, 1])
  })
})

describe('backtestOverfitting', () => {
  it('is about a half among noise, on average over many series', () => {
    const found = Array.from({ length: 60 }, (_, series) => {
      const trials = Array.from({ length: 10 }, (_, k) => noise(`${series}/${k}`, 96))
      return backtestOverfitting(trials, { criterion: 'mean', blocks: 8 }).probability
    })
    expect(mean(found)).toBeGreaterThan(0.4)
    expect(mean(found)).toBeLessThan(0.65)
  })

  it('is none where one trial is truly better', () => {
    const trials = many(20, 640)
    const good = [...trials, noise('good', 640, 0.5)]
    const found = backtestOverfitting(good, { criterion: 'sharpe' })
    expect(found).toEqual({ probability: 0, halvings: 12_870 })
  })

  it('refuses a single trial, an odd number of blocks, and too few days', () => {
    const refuse = (count: number, n: number, blocks: number) =>
      expect(() => backtestOverfitting(many(count, n), { criterion: 'mean', blocks })).toThrowError(
        RangeError,
      )
    refuse(1, 100, 8)
    refuse(3, 100, 7)
    refuse(3, 15, 8)
  })
})

describe('deflated Sharpe ratio', () => {
  it('expects more of the best of many', () => {
    const ratios = (count: number) => many(count, 250).map((series) => sharpeRatio(series) ?? 0)
    expect(expectedMaximumSharpe([0.1])).toBe(0)
    expect(expectedMaximumSharpe(ratios(100))).toBeGreaterThan(expectedMaximumSharpe(ratios(5)))
  })

  it('takes the best of a hundred noise strategies for what it is', () => {
    const strategies = many(100, 500)
    const ratios = strategies.map((series) => sharpeRatio(series) ?? 0)
    const best = strategies[ratios.indexOf(Math.max(...ratios))] ?? new Float64Array()
    expect(deflatedSharpe(best, [0.1])).toBeGreaterThan(0.95)
    expect(deflatedSharpe(best, ratios)).toBeLessThan(0.95)
  })

  it('has no value for returns that do not vary', () => {
    expect(deflatedSharpe(new Float64Array(10), [0, 0])).toBeNull()
    expect(sharpeRatio(Float64Array.of(1))).toBeNull()
  })
})
