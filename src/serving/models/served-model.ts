/** A model version in memory, ready to answer. */
import { buildFeatureFrame, lookbackOf } from '../../features/build-frame.ts'
import type { Feature } from '../../features/feature.ts'
import type { FeatureFrame } from '../../features/feature-frame.ts'
import { FEATURES } from '../../features/feature-set.ts'
import type { FittedForecaster } from '../../forecast/forecaster.ts'
import { featuresOf } from '../../forecast/model-catalogue.ts'
import type { Bars } from '../../market/bars.ts'
import { parseIsoDate } from '../../market/trading-date.ts'
import { learnUsualInputs, type UsualInputs } from '../../monitoring/drift/usual-inputs.ts'
import type { LoadedModel } from '../../pipeline/model-file.ts'
import { type ColumnModel, createColumnModel } from './column-model.ts'

export interface ServedModel {
  /** Registered model, such as `aapl-forecaster`. */
  readonly name: string
  readonly version: number
  readonly forecaster: FittedForecaster
  /** The symbol that it was trained for. */
  readonly symbol: string
  /** Kind of model, such as `lstm`. */
  readonly kind: string
  /** Last session that it was fitted on, `YYYY-MM-DD`. */
  readonly trainedTo: string
  /** Only what a forecast reads: the features of one request are computed for it alone. */
  readonly features: readonly Feature[]
  /** Bars up to and including `asOf` that a forecast reads, features' lookbacks included. */
  readonly lookback: number
  /** The same model fed with the columns of its ONNX export. */
  readonly columns: ColumnModel
  /** Estimated memory, for the bound on all models together. */
  readonly bytes: number
  /** The same version at its further horizons. */
  readonly further: readonly ServedModel[]
  /** What it has learnt from, to judge a request's inputs by; none where its prices are not here. */
  readonly usual?: UsualInputs | undefined
  /** Why its forecasts should not be acted on, whatever the moment. */
  readonly reservations: readonly string[]
}

/** What a network needs besides its weights: gradients, moments, activations, views. */
const BYTES_PER_SAVED_BYTE = 6
const FIXED_BYTES = 256 * 1024

/** The version at the horizon; without one, at the one that it is promoted on. */
export function servedAt(model: ServedModel, horizon?: number): ServedModel | undefined {
  const { horizon: first } = model.forecaster
  return [model, ...model.further].find((one) => one.forecaster.horizon === (horizon ?? first))
}

export interface ServedModelContext {
  /** What there is to say against a further horizon. */
  readonly reasonsAgainst: (horizon: number) => readonly string[]
  /** Of the model's own symbol, where they are at hand. */
  readonly trainingBars?: Bars | undefined
}

export function createServedModel(
  ref: { readonly name: string; readonly version: number },
  loaded: LoadedModel,
  { reasonsAgainst, trainingBars }: ServedModelContext,
): ServedModel {
  const training = trainingBars && buildFeatureFrame(trainingBars)
  const own = servedForecaster(ref, loaded, training)
  const further = loaded.further.map((forecaster) => ({
    ...servedForecaster(ref, { ...loaded, forecaster }, training),
    reservations: reasonsAgainst(forecaster.horizon),
  }))
  const bytes = further.reduce((total, one) => total + one.bytes, own.bytes)
  return { ...own, bytes, further }
}

function servedForecaster(
  { name, version }: { readonly name: string; readonly version: number },
  { recipe, trainedTo, forecaster }: LoadedModel,
  training: FeatureFrame | undefined,
): ServedModel {
  const saved = forecaster.serialise()
  const names = featuresOf(saved)
  return {
    name,
    version,
    forecaster,
    symbol: recipe.symbol,
    kind: recipe.model,
    trainedTo,
    features: FEATURES.filter((feature) => names.includes(feature.name)),
    lookback: Math.max(forecaster.lookback, lookbackOf(names)),
    columns: createColumnModel(saved, forecaster),
    bytes: FIXED_BYTES + BYTES_PER_SAVED_BYTE * JSON.stringify(saved).length,
    usual: training && learnUsualInputs(training, names, parseIsoDate(trainedTo) ?? 0),
    further: [],
    reservations: [],
  }
}
