/** The contract that every model keeps, from the random walk to the LSTM; one suite runs over all. */
import type { FeatureFrame } from '../features/feature-frame.ts'
import type { Random } from '../numerics/random.ts'
import type { Forecast } from './forecast.ts'

/** Calendar days since 1970-01-01, both ends included. */
export interface DaySpan {
  readonly from: number
  readonly to: number
}

export interface FitRequest {
  /** Frames to learn from; a pooled model uses all of them, the others the one of `symbol`. */
  readonly frames: readonly FeatureFrame[]
  readonly symbol: string
  /** Every row and every label used must be known at the close of `span.to`. */
  readonly span: DaySpan
  /** Sessions ahead, >= 1. */
  readonly horizon: number
  readonly random: Random
  /** An earlier fit of the same model, for one that goes on from there; the others ignore it. */
  readonly initial?: SerialisedForecaster
  readonly signal?: AbortSignal
  readonly onEvent?: (event: TrainingEvent) => void
}

/** One epoch of a model that learns iteratively. Losses are mean negative log-likelihoods. */
export interface TrainingEvent {
  /** Which network of an ensemble, from 0. */
  readonly member: number
  readonly epoch: number
  readonly trainLoss: number
  readonly validationLoss: number
  readonly learningRate: number
  readonly gradientNorm: number
}

export type ForecasterOptions = Readonly<
  Record<string, string | number | boolean | readonly string[] | readonly number[]>
>

/** A model as plain data: what `createForecaster` builds it from, in this thread or another. */
export interface ForecasterSpec {
  readonly name: string
  /** How it is called in results where two variants of a model stand side by side. */
  readonly label?: string
  /** Overrides of the model's defaults. */
  readonly options?: ForecasterOptions
  /** Of its random numbers, where it is not that of the models beside it. */
  readonly seed?: number
}

/** A model before it has seen data: a name, its options, and how to fit it. */
export interface Forecaster {
  readonly name: string
  /** Everything that shapes the fit but the data; logged as parameters, part of the recipe. */
  readonly options: ForecasterOptions
  /** @throws {TickerflowError} DATA_INSUFFICIENT when the span holds too few usable rows. */
  fit(request: FitRequest): FittedForecaster
  /** How the fit divides, for models that consist of parts which don't need each other. */
  readonly parts?: ForecasterParts
}

/** Parts of a fit that can be fitted at the same time; together they are what `fit` gives, to the bit. */
export interface ForecasterParts {
  readonly count: number
  /**
   * Fits one part as plain data that crosses threads.
   *
   * @param part From 0 to `count` − 1.
   * @param cores As many may be kept busy; a small part takes one all the same.
   * @throws As `fit`.
   */
  fit(request: FitRequest, part: number, cores: number): Promise<unknown>
  /** @param parts All of them, in order, fitted with the same request. */
  assemble(request: FitRequest, parts: readonly unknown[]): FittedForecaster
}

export interface FittedForecaster {
  readonly model: string
  readonly horizon: number
  /** Bars up to and including `asOf` that a forecast reads; older ones can't change a bit of it. */
  readonly lookback: number
  /** Rows of the frame up to and including `at` that a forecast reads. */
  readonly frameRows: number
  /**
   * The forecast made at the close of row `at`, from rows `<= at` only.
   *
   * @returns `undefined` while the lookback before `at` is not filled.
   */
  forecast(frame: FeatureFrame, at: number): Forecast | undefined
  /** JSON-safe state; `deserialiseForecaster` restores a model that forecasts the same bits. */
  serialise(): SerialisedForecaster
}

export interface SerialisedForecaster {
  readonly model: string
  readonly horizon: number
  readonly state: unknown
}

/** A fitted model parted for files: what JSON holds, and its weights where it has any. */
export interface DetachedForecaster {
  /** Its state lacks the weights. */
  readonly saved: SerialisedForecaster
  /** A safetensors file. */
  readonly weights?: Uint8Array
}
