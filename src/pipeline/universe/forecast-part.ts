/** The newest forecast of every symbol in one part of a universe. */
import { isTickerflowError } from '../../errors.ts'
import { FEATURES } from '../../features/feature-set.ts'
import { panelFrame } from '../../features/panel-features.ts'
import type { Forecast } from '../../forecast/forecast.ts'
import type {
  FittedForecaster,
  ForecasterSpec,
  SerialisedForecaster,
} from '../../forecast/forecaster.ts'
import { createForecaster, restoreForecaster } from '../../forecast/model-catalogue.ts'
import { type DuckDbOptions, openDuckDb } from '../../market/panel/duckdb.ts'
import { type PanelPrices, slicePanelRows } from '../../market/panel/panel-prices.ts'
import { readPart } from '../../market/panel/parquet-part.ts'
import { createRandom } from '../../numerics/random.ts'

/** A model for all symbols that is fitted already, or one that is fitted on each symbol's history. */
export type UniverseModel =
  | { readonly kind: 'fitted'; readonly saved: SerialisedForecaster }
  | { readonly kind: 'fit-each'; readonly spec: ForecasterSpec; readonly horizon: number }

export interface ForecastPartTask {
  /** Of the Parquet file, whose bytes have been checked. */
  readonly path: string
  readonly model: UniverseModel
  readonly seed: number
  readonly database: DuckDbOptions
}

/** Forecasts by symbol, and why there is none where there is none. */
export interface PartForecasts {
  readonly forecasts: readonly Forecast[]
  readonly skipped: readonly { readonly symbol: string; readonly reason: string }[]
}

/** @throws {TickerflowError} DUCKDB_UNAVAILABLE, MODEL_DAMAGED. */
export async function forecastPart(task: ForecastPartTask): Promise<PartForecasts> {
  const panel = await read(task)
  const fitted = task.model.kind === 'fitted' ? restoreForecaster(task.model.saved) : undefined
  // A fitted model reads its lookback and nothing before it, so nothing before it is computed.
  const prices = fitted === undefined ? panel : slicePanelRows(panel, fitted.lookback)
  const forecasts: Forecast[] = []
  const skipped: { symbol: string; reason: string }[] = []
  for (const [index, symbol] of prices.symbols.entries()) {
    const outcome = forecastSymbol(prices, index, { task, fitted })
    if (typeof outcome === 'string') skipped.push({ symbol, reason: outcome })
    else forecasts.push(outcome)
  }
  return { forecasts, skipped }
}

async function read({ path, database }: ForecastPartTask): Promise<PanelPrices> {
  const db = await openDuckDb(database)
  try {
    return await readPart(db, path)
  } finally {
    db.close()
  }
}

interface Forecasting {
  readonly task: ForecastPartTask
  readonly fitted: FittedForecaster | undefined
}

/** The forecast, or why there is none. */
function forecastSymbol(
  panel: PanelPrices,
  index: number,
  { task, fitted }: Forecasting,
): Forecast | string {
  const frame = panelFrame(panel, index, FEATURES)
  const at = frame.date.length - 1
  try {
    const model = fitted ?? fitOwn(task, frame)
    return model.forecast(frame, at) ?? `fewer than ${model.lookback} sessions without a gap`
  } catch (error) {
    if (isTickerflowError(error) && error.code === 'DATA_INSUFFICIENT') return error.message
    throw error
  }
}

function fitOwn(
  { model, seed }: ForecastPartTask,
  frame: ReturnType<typeof panelFrame>,
): FittedForecaster {
  if (model.kind !== 'fit-each') throw new RangeError('The model is fitted already')
  const { spec, horizon } = model
  return createForecaster(spec).fit({
    frames: [frame],
    symbol: frame.symbol,
    span: { from: frame.date[0] ?? 0, to: frame.date.at(-1) ?? 0 },
    horizon,
    random: createRandom(seed).fork(`${spec.name}/${frame.symbol}`),
  })
}
