/**
 * A simple trading rule on the forecasts, costs included: what their direction would have been
 * worth. It is a yardstick, not advice.
 */
import { expm1 } from '../../numerics/elementary.ts'
import { studentTCdf } from '../../numerics/student-t.ts'
import type { Backtest, ForecastTrack } from '../backtest.ts'

export interface EdgeStrategy {
  /** Edge 2·P(rise) − 1 from which on the position is full: 0.1 is a probability of 55 %. */
  readonly fullAtEdge: number
  /** Paid on every unit of position that is bought or sold, in basis points (0.0001). */
  readonly costBasisPoints: number
}

export const DEFAULT_EDGE_STRATEGY: EdgeStrategy = { fullAtEdge: 0.1, costBasisPoints: 5 }

/**
 * Returns of holding clip(edge / fullAtEdge, −1, 1) of the capital in the stock over each forecast's
 * horizon, the rest earning nothing, less the cost of every change of position.
 *
 * Positions change every h-th test day, so that holding periods don't overlap; a period's return
 * stands at the day it begins, and the days between are 0. A forecast with a location of zero takes
 * no position.
 *
 * @returns Simple returns [n].
 */
export function edgeReturns(
  backtest: Backtest,
  track: ForecastTrack,
  strategy: EdgeStrategy = DEFAULT_EDGE_STRATEGY,
): Float64Array {
  const { horizon, outcome } = backtest
  const cost = strategy.costBasisPoints / 10_000
  const returns = new Float64Array(outcome.length)
  let held = 0
  for (let i = 0; i < outcome.length; i += horizon) {
    const position = positionAt(track, i, strategy)
    returns[i] = position * expm1(outcome[i] as number) - cost * Math.abs(position - held)
    held = position
  }
  return returns
}

function positionAt(track: ForecastTrack, i: number, { fullAtEdge }: EdgeStrategy): number {
  const z = (track.location[i] as number) / (track.scale[i] as number)
  const edge = 2 * studentTCdf(z, track.degreesOfFreedom[i] as number) - 1
  return Math.max(-1, Math.min(1, edge / fullAtEdge))
}

/** The holding periods' returns: every h-th day. */
export function periodReturns(returns: Float64Array, horizon: number): Float64Array {
  return horizon === 1 ? returns : returns.filter((_, i) => i % horizon === 0)
}
