/** One unit of walk-forward work: fit one model on one fold and forecast its test days. */

import { isTickerflowError } from '../errors.ts'
import type { FeatureFrame } from '../features/feature-frame.ts'
import { lowerBound } from '../features/windows.ts'
import type { FittedForecaster, ForecasterSpec, TrainingEvent } from '../forecast/forecaster.ts'
import { createForecaster } from '../forecast/model-catalogue.ts'
import { createRandom } from '../numerics/random.ts'
import type { FoldSpan } from './backtest.ts'

/** Plain data, so that it can cross to a worker thread. */
export interface FoldTask {
  readonly spec: ForecasterSpec
  readonly frames: readonly FeatureFrame[]
  /** Symbols to forecast: one, or all that a pooled model serves. */
  readonly symbols: readonly string[]
  readonly fold: FoldSpan
  readonly horizon: number
  readonly seed: number
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
  /** Why the model could not be fitted on this fold, where it could not. */
  readonly skipped?: string
}

/** Runs fold tasks: in this thread, in workers, or elsewhere. Results don't depend on which. */
export type FoldExecutor = (task: FoldTask, signal?: AbortSignal) => Promise<FoldResult>

/** Executes a task in the calling thread. */
export function runFoldTask(task: FoldTask, signal?: AbortSignal): FoldResult {
  const { spec, frames, symbols, fold, horizon, seed } = task
  const training: TrainingEvent[] = []
  const random = createRandom(seed).fork(`${spec.name}/${fold.testFrom}`)
  try {
    const fitted = createForecaster(spec).fit({
      frames,
      symbol: symbols[0] as string,
      span: { from: fold.trainFrom, to: fold.trainTo },
      horizon,
      random,
      onEvent: (event) => training.push(event),
      ...(signal === undefined ? {} : { signal }),
    })
    const forecasts = symbols.map((symbol) => {
      const frame = frames.find((candidate) => candidate.symbol === symbol)
      if (frame === undefined) throw new RangeError(`No frame of ${symbol} in the fold task`)
      const from = lowerBound(frame.date, fold.testFrom)
      const to = lowerBound(frame.date, fold.testTo + 1)
      return forecastRows(fitted, frame, { from, to })
    })
    return { forecasts, training }
  } catch (error) {
    if (!isTickerflowError(error) || error.code !== 'DATA_INSUFFICIENT') throw error
    return { forecasts: [], training, skipped: error.message }
  }
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
