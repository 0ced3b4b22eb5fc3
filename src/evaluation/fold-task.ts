/** One unit of walk-forward work: fit one model on one fold and forecast its test days. */

import { isTickerflowError } from '../errors.ts'
import type { FeatureFrame } from '../features/feature-frame.ts'
import { lowerBound } from '../features/windows.ts'
import type {
  FittedForecaster,
  ForecasterSpec,
  SerialisedForecaster,
  TrainingEvent,
} from '../forecast/forecaster.ts'
import { startsWarm } from '../forecast/model-catalogue.ts'
import type { FoldSpan } from './backtest.ts'
import { type FittedPart, type Fitting, fitWhole } from './fitting.ts'

/** Plain data, so that it can cross to a worker thread. */
export interface FoldTask {
  readonly spec: ForecasterSpec
  readonly frames: readonly FeatureFrame[]
  /** Symbols to forecast: one, or all that a pooled model serves. */
  readonly symbols: readonly string[]
  readonly fold: FoldSpan
  readonly horizon: number
  readonly seed: number
  /** The fold before, as a model that starts warm goes on from it. */
  readonly initial?: SerialisedForecaster
}

/** Student-t parameters for the rows `from … from + length − 1` of a symbol's frame; NaN: none. */
export interface FoldForecasts {
  readonly symbol: string
  readonly from: number
  readonly location: Float64Array
  readonly scale: Float64Array
  readonly degreesOfFreedom: Float64Array
}

export interface FoldResult {
  readonly forecasts: readonly FoldForecasts[]
  readonly training: readonly TrainingEvent[]
  /** What the next fold of a model that starts warm goes on from. */
  readonly saved?: SerialisedForecaster
  /** Why the model could not be fitted on this fold, where it could not. */
  readonly skipped?: string
  /** An earlier evaluation that was stopped had this result. */
  readonly resumed?: boolean
}

/**
 * Runs fold tasks: in this thread, in workers, or elsewhere. Results don't depend on which.
 *
 * @param onPart Called with the share of the task that is done as its parts end, where it has parts.
 */
export type FoldExecutor = (
  task: FoldTask,
  signal?: AbortSignal,
  onPart?: (share: number) => void,
) => Promise<FoldResult>

/** What the task fits. */
export function fittingOf(task: FoldTask): Fitting {
  const { spec, frames, symbols, fold, horizon, seed, initial } = task
  return {
    spec,
    frames,
    symbol: symbols[0] as string,
    span: { from: fold.trainFrom, to: fold.trainTo },
    horizon,
    seed,
    stream: `${spec.name}/${fold.testFrom}`,
    ...(initial === undefined ? {} : { initial }),
  }
}

/**
 * Executes a task in the calling thread.
 *
 * @param parts Of the model, where they have been fitted already.
 */
export function runFoldTask(
  task: FoldTask,
  signal?: AbortSignal,
  parts?: readonly FittedPart[],
): FoldResult {
  const { frames, symbols, fold } = task
  try {
    const { fitted, training } = fitWhole(fittingOf(task), parts, signal)
    const forecasts = symbols.map((symbol) => {
      const frame = frames.find((candidate) => candidate.symbol === symbol)
      if (frame === undefined) throw new RangeError(`No frame of ${symbol} in the fold task`)
      const from = lowerBound(frame.date, fold.testFrom)
      const to = lowerBound(frame.date, fold.testTo + 1)
      return forecastRows(fitted, frame, { from, to })
    })
    return { forecasts, training, ...(startsWarm(task.spec) ? { saved: fitted.serialise() } : {}) }
  } catch (error) {
    return skippedBy(error)
  }
}

/** A fold with too little data to fit on is left out. @throws Any other error. */
export function skippedBy(error: unknown): FoldResult {
  if (!isTickerflowError(error) || error.code !== 'DATA_INSUFFICIENT') throw error
  return { forecasts: [], training: [], skipped: error.message }
}

function forecastRows(
  fitted: FittedForecaster,
  frame: FeatureFrame,
  rows: { readonly from: number; readonly to: number },
): FoldForecasts {
  const length = Math.max(0, rows.to - rows.from)
  const location = new Float64Array(length).fill(Number.NaN)
  const scale = new Float64Array(length).fill(Number.NaN)
  const degreesOfFreedom = new Float64Array(length).fill(Number.NaN)
  for (let i = 0; i < length; i++) {
    const forecast = fitted.forecast(frame, rows.from + i)
    if (forecast === undefined) continue
    location[i] = forecast.distribution.location
    scale[i] = forecast.distribution.scale
    degreesOfFreedom[i] = forecast.distribution.degreesOfFreedom
  }
  return { symbol: frame.symbol, from: rows.from, location, scale, degreesOfFreedom }
}
