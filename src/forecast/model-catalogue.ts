/** Every model by name: the one place that knows them all. */
import { TickerflowError } from '../errors.ts'
import type {
  DetachedForecaster,
  FittedForecaster,
  Forecaster,
  ForecasterOptions,
  ForecasterSpec,
  SerialisedForecaster,
} from './forecaster.ts'
import { fixedModel } from './model-options.ts'
import {
  attachCombination,
  combinationFeatures,
  createCombination,
  detachCombination,
  restoreCombination,
} from './models/combination.ts'
import { combinationOnnx } from './models/combination-onnx.ts'
import { EWMA_INPUTS, ewma, ewmaOnnx, restoreEwma } from './models/ewma.ts'
import { garch, garchOnnx, restoreGarch } from './models/garch.ts'
import { HAR_INPUTS, har, harOnnx, restoreHar } from './models/har.ts'
import { createLstm, lstmFeatures, restoreLstm } from './models/lstm.ts'
import { lstmOnnx } from './models/lstm-onnx.ts'
import { lstmCost } from './models/lstm-options.ts'
import { attachLstm, detachLstm } from './models/lstm-weights.ts'
import { constantOnnx, drift, naive, restoreConstant } from './models/naive.ts'
import { exportHorizons, type OnnxForecaster } from './onnx/forecast-graph.ts'

interface CatalogueEntry {
  readonly create: (options: ForecasterOptions) => Forecaster
  readonly restore: (saved: SerialisedForecaster) => FittedForecaster
  /** The same for other runtimes: every model that can be promoted has one. */
  readonly onnx: (saved: SerialisedForecaster) => OnnxForecaster
  /** Feature columns that a forecast reads. */
  readonly features: (saved: SerialisedForecaster) => readonly string[]
  /** A model with too many numbers for JSON keeps them in a file of their own. */
  readonly weights?: {
    readonly detach: (saved: SerialisedForecaster) => DetachedForecaster
    readonly attach: (detached: DetachedForecaster) => SerialisedForecaster
  }
  /** A pooled model learns from all frames at once and forecasts any of their symbols. */
  readonly pooled: boolean
  /** Time to fit, relative to the naive forecast; for estimates of the time left. */
  readonly relativeCost: number | ((options: ForecasterOptions) => number)
}

const CONSTANT = { restore: restoreConstant, onnx: constantOnnx, features: () => [] }

const CATALOGUE: Readonly<Record<string, CatalogueEntry>> = {
  naive: { create: fixedModel(naive), ...CONSTANT, pooled: false, relativeCost: 1 },
  drift: { create: fixedModel(drift), ...CONSTANT, pooled: false, relativeCost: 1 },
  ewma: {
    create: fixedModel(ewma),
    restore: restoreEwma,
    onnx: ewmaOnnx,
    features: () => EWMA_INPUTS,
    pooled: false,
    relativeCost: 1,
  },
  garch: {
    create: fixedModel(garch),
    restore: restoreGarch,
    onnx: garchOnnx,
    features: () => ['logReturn'],
    pooled: false,
    relativeCost: 20,
  },
  har: {
    create: fixedModel(har),
    restore: restoreHar,
    onnx: harOnnx,
    features: () => HAR_INPUTS,
    pooled: false,
    relativeCost: 2,
  },
  lstm: {
    create: createLstm,
    restore: restoreLstm,
    onnx: lstmOnnx,
    features: lstmFeatures,
    weights: { detach: detachLstm, attach: attachLstm },
    pooled: true,
    relativeCost: lstmCost,
  },
  combination: {
    create: createCombination,
    restore: restoreCombination,
    onnx: combinationOnnx,
    features: combinationFeatures,
    weights: { detach: detachCombination, attach: attachCombination },
    pooled: true,
    // Its own LSTM, and those of some refits in the past.
    relativeCost: (options) => 5 * lstmCost(options),
  },
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

/** The fitted model as an ONNX file, with the columns that it reads. */
export function exportOnnx(
  saved: SerialisedForecaster,
  /** The same recipe fitted for other horizons, to be in the same file. */
  further: readonly SerialisedForecaster[] = [],
): OnnxForecaster {
  const own = entryOf(saved.model).onnx(saved)
  if (further.length === 0) return own
  const others = further.map((other) => entryOf(other.model).onnx(other).source)
  return exportHorizons(own.source, others)
}

/** Names of the ONNX export's input columns, in order. */
export function columnsOf(saved: SerialisedForecaster): readonly string[] {
  return exportOnnx(saved).columns.map(({ name }) => name)
}

/** Feature columns that a forecast of the fitted model reads. */
export function featuresOf(saved: SerialisedForecaster): readonly string[] {
  return entryOf(saved.model).features(saved)
}

/** Parts a fitted model for files; `attachWeights` is the way back. */
export function detachWeights(saved: SerialisedForecaster): DetachedForecaster {
  return entryOf(saved.model).weights?.detach(saved) ?? { saved }
}

/** @throws {TickerflowError} MODEL_DAMAGED when weights are missing, damaged or foreign. */
export function attachWeights(detached: DetachedForecaster): SerialisedForecaster {
  return entryOf(detached.saved.model).weights?.attach(detached) ?? detached.saved
}

/** Whether a fit of the model goes on from an earlier one, where there is one. */
export function startsWarm({ name, options = {} }: ForecasterSpec): boolean {
  return name === 'lstm' && options.warmStartEpochs !== undefined
}

export function isPooled(spec: ForecasterSpec): boolean {
  return entryOf(spec.name).pooled
}

export function relativeCost(spec: ForecasterSpec): number {
  const { relativeCost: cost } = entryOf(spec.name)
  return typeof cost === 'number' ? cost : cost(spec.options ?? {})
}

function entryOf(name: string): CatalogueEntry {
  const entry = Object.hasOwn(CATALOGUE, name) ? CATALOGUE[name] : undefined
  if (entry === undefined) {
    throw new TickerflowError(
      'CONFIG_INVALID',
      `Unknown model '${name}'. Known models: ${MODEL_NAMES.join(', ')}.`,
      { details: { model: name } },
    )
  }
  return entry
}
