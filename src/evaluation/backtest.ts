/** The outcome of a walk-forward evaluation, columnar: one row per test day, the same for all models. */

/** One model's forecasts over the test days: Student-t parameters of the log return, each [n]. */
export interface ForecastTrack {
  readonly model: string
  readonly location: Float64Array
  readonly scale: Float64Array
  readonly degreesOfFreedom: Float64Array
}

/** One refit: trained on days `trainFrom..trainTo`, judged on test days `testFrom..testTo`. */
export interface FoldSpan {
  readonly trainFrom: number
  readonly trainTo: number
  readonly testFrom: number
  readonly testTo: number
}

export interface Backtest {
  readonly symbol: string
  readonly horizon: number
  readonly folds: readonly FoldSpan[]
  /** asOf day of each forecast [n], days since 1970-01-01. */
  readonly date: Int32Array
  /** Index into `folds` of each row [n]. */
  readonly fold: Int32Array
  /** Close at asOf [n]. */
  readonly referenceClose: Float64Array
  /** Realised log return over the horizon [n]. */
  readonly outcome: Float64Array
  /** Realised variance proxy over the horizon (range-based) [n], for QLIKE. */
  readonly varianceProxy: Float64Array
  /** In-sample mean absolute price change over the horizon of each row's fold [n], for MASE. */
  readonly naivePriceError: Float64Array
  readonly tracks: readonly ForecastTrack[]
}

/** Field names are a contract of `run --json`. Losses are means over the test days. */
export interface Scores {
  /** Continuous ranked probability score of the log return. */
  readonly crps: number
  /** Mean negative log-likelihood of the log return. */
  readonly nll: number
  /** On the price of the median forecast, in price units. */
  readonly rmse: number
  readonly mae: number
  /** Mean absolute percentage error as a fraction (0.01 is 1 %). */
  readonly mapeFraction: number
  /** 1 - SSE / SSE of the zero-return forecast, on log returns. */
  readonly r2oos: number
  readonly mase: number
  /** QLIKE of the forecast variance against the range-based proxy. */
  readonly qlike: number
  /** Share of outcomes inside the central interval. */
  readonly coverage80: number
  readonly coverage95: number
  readonly directionalAccuracy: number
  readonly n: number
}

export interface TestResult {
  /** The statistic; `null` where it is undefined. */
  readonly t: number | null
  /** p-value; `null` where it is undefined. */
  readonly p: number | null
}
