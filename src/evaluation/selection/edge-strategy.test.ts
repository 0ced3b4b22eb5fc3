import { describe, expect, it } from 'vitest'
import { expm1, log } from '../../numerics/elementary.ts'
import type { Backtest, ForecastTrack } from '../backtest.ts'
import { DEFAULT_EDGE_STRATEGY, edgeReturns, periodReturns } from './edge-strategy.ts'

function backtestOf(outcome: readonly number[], horizon = 1): Backtest {
  const n = outcome.length
  return {
    symbol: 'SIM',
    horizon,
    folds: [],
    date: Int32Array.from(outcome, (_, i) => i),
    fold: new Int32Array(n),
    referenceClose: new Float64Array(n).fill(1),
    outcome: Float64Array.from(outcome),
    varianceProxy: new Float64Array(n),
    naivePriceError: new Float64Array(n),
    tracks: [],
  }
}

function trackOf(location: readonly number[]): ForecastTrack {
  return {
    model: 'm',
    location: Float64Array.from(location),
    scale: new Float64Array(location.length).fill(1),
    degreesOfFreedom: new Float64Array(location.length).fill(Infinity),
  }
}

describe('edgeReturns', () => {
  it('is fully in from the edge on, pays for every change, and goes short', () => {
    const returns = edgeReturns(backtestOf([log(1.02), log(1.01), log(0.97)]), trackOf([1, 1, -1]))
    expect(returns[0]).toBeCloseTo(0.02 - 0.0005, 12)
    expect(returns[1]).toBeCloseTo(0.01, 12)
    expect(returns[2]).toBeCloseTo(0.03 - 2 * 0.0005, 12)
  })

  it('holds a part of the capital for a smaller edge', () => {
    const track = trackOf([0.0626])
    const [value] = edgeReturns(backtestOf([log(1.02)]), track, {
      ...DEFAULT_EDGE_STRATEGY,
      costBasisPoints: 0,
    })
    expect(value).toBeCloseTo(0.5 * 0.02, 4)
  })

  it('takes no position where the forecast has no direction', () => {
    const returns = edgeReturns(backtestOf([0.01, -0.02]), trackOf([0, 0]))
    expect(returns.every((value) => value === 0)).toBe(true)
  })

  it('trades once a holding period', () => {
    const returns = edgeReturns(backtestOf([0.01, 0.02, 0.03, 0.04], 2), trackOf([1, 1, 1, 1]))
    expect(returns[1]).toBe(0)
    expect(returns[3]).toBe(0)
    expect(returns[2]).toBeCloseTo(expm1(0.03), 12)
    expect(periodReturns(returns, 2)).toHaveLength(2)
  })
})
