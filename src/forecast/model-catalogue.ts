/** Every model by name: the one place that knows them all. */
import { TickerflowError } from '../errors.ts'
import type {
  FittedForecaster,
  Forecaster,
  ForecasterOptions,
  ForecasterSpec,
  SerialisedForecaster,
} from './forecaster.ts'
import { ewma, restoreEwma } from './models/ewma.ts'
import { garch, restoreGarch } from './models/garch.ts'
import { har, restoreHar } from './models/har.ts'
import { createLstm, restoreLstm } from './models/lstm.ts'
import { drift, naive, restoreConstant } from './models/naive.ts'

interface CatalogueEntry {
  readonly create: (options: ForecasterOptions) => Forecaster
  readonly restore: (saved: SerialisedForecaster) => FittedForecaster
  /** A pooled model learns from all frames at once and forecasts any of their symbols. */
  readonly pooled: boolean
  /** Time to fit, relative to the naive forecast; for estimates of the time left. */
  readonly relativeCost: number
}

const CATALOGUE: Readonly<Record<string, CatalogueEntry>> = {
  naive: { create: () => naive, restore: restoreConstant, pooled: false, relativeCost: 1 },
  drift: { create: () => drift, restore: restoreConstant, pooled: false, relativeCost: 1 },
  ewma: { create: () => ewma, restore: restoreEwma, pooled: false, relativeCost: 1 },
  garch: { create: () => garch, restore: restoreGarch, pooled: false, relativeCost: 10 },
  har: { create: () => har, restore: restoreHar, pooled: false, relativeCost: 2 },
  lstm: { create: createLstm, restore: restoreLstm, pooled: true, relativeCost: 1000 },
}

export const MODEL_NAMES: readonly string[] = Object.keys(CATALOGUE)

/** @throws {TickerflowError} CONFIG_INVALID on an unknown model or option; lists the known ones. */
export function createForecaster(spec: ForecasterSpec): Forecaster {
  return entryOf(spec.name).create(spec.options ?? {})
}

/** The fitted model that `serialise` wrote; it forecasts the same bits. */
export function restoreForecaster(saved: SerialisedForecaster): FittedForecaster {
  return entryOf(saved.model).restore(saved)
}

export function isPooled(spec: ForecasterSpec): boolean {
  return entryOf(spec.name).pooled
}

export function relativeCost(spec: ForecasterSpec): number {
  return entryOf(spec.name).relativeCost
}

function entryOf(name: string): CatalogueEntry {
  const entry = CATALOGUE[name]
  if (entry === undefined) {
    throw new TickerflowError(
      'CONFIG_INVALID',
      `Unknown model '${name}'. Known models: ${MODEL_NAMES.join(', ')}.`,
      { details: { model: name } },
    )
  }
  return entry
}
