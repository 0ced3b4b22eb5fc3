/**
 * The closed catalogue of operational failures: every error that a user can meet has a code here,
 * and `docs/reference/errors.md` explains each of them (a test keeps the two in step).
 *
 * A caller's bug is a `TypeError` or `RangeError` instead; an expected outcome is a return value.
 */
export const ERROR_CATALOGUE = {
  CONFIG_INVALID: 'The configuration does not match its schema.',
  SYMBOL_INVALID: 'A ticker symbol is malformed.',
  SYMBOL_UNKNOWN: 'The data source does not know the symbol.',
  CSV_UNREADABLE: 'A CSV file cannot be read as daily bars.',
  DATA_BLOCKED: 'Blocking findings of the quality checks stop the work.',
  DATA_INSUFFICIENT: 'There are fewer sessions than the work needs.',
  SNAPSHOT_MISSING: 'No stored bars for the symbol or digest.',
  SNAPSHOT_DAMAGED: 'Stored bars do not match their digest.',
  PROVIDER_UNAVAILABLE: 'The data provider did not answer usefully in time.',
  PROVIDER_REPLY_INVALID: 'The data provider answered something that is not daily bars.',
  STORE_FORMAT: 'The store was written by another version of the program.',
  STORE_UNWRITABLE: 'The store directory cannot be created or written.',
  STORE_BUSY: 'Another process holds the store.',
  STORE_DAMAGED: 'A database or file of the store is damaged.',
  STATE_UNREACHABLE: 'The shared database of several machines cannot be reached.',
  NOT_FOUND: 'The named run, experiment, model or version does not exist.',
  ALREADY_EXISTS: 'The name is taken.',
  TRACKING_INVALID: 'A tracking request breaks a rule of the tracking store.',
  TRACKING_UNAVAILABLE: 'The tracking server did not answer usefully in time.',
  TRACKING_DENIED: 'The tracking server does not take the credentials.',
  TRACKING_REPLY_INVALID: "The tracking server answered something that is not MLflow's.",
  ARTIFACTS_UNREACHABLE: 'The place of the artifacts cannot be read or written from here.',
  MLFLOW_UNAVAILABLE: "MLflow's own program is not installed, or does not start.",
  PROMOTION_CONFLICT: 'Another promotion of the same model came first.',
  EVIDENCE_MISSING: 'A version has no evidence that the gate could judge now.',
  WORK_TAKEN: 'Another process is at the same work.',
  APPROVAL_REFUSED: 'This person may not approve the promotion, or it awaits no approval.',
  MODEL_DAMAGED: 'A stored model is damaged or foreign.',
  MODEL_UNAVAILABLE: 'The registry has not given a model version in time.',
  INPUT_NOT_FINITE: 'A training input is NaN or infinite.',
  ENGINE_UNAVAILABLE: 'The requested LSTM engine cannot run here.',
  TRAINING_DIVERGED: 'The training loss stopped being a number.',
  WORKER_FAILED: 'A worker thread failed or ended before its task was done.',
  LEAKAGE_FOUND: 'A feature or model changes when only the future changes.',
  UNIVERSE_INVALID: 'The prices or the name of a universe are not as they must be.',
  DUCKDB_UNAVAILABLE: 'DuckDB, which reads and writes Parquet, is not installed.',
  QUEUE_UNAVAILABLE: 'The queue on Redis cannot be reached, or its packages are not installed.',
  JOB_FAILED: 'A job of the queue was given up or cancelled.',
  CHANNEL_FAILED: 'A channel of alerts did not take a message.',
  INTERRUPTED: 'The user stopped the work.',
} as const

export type ErrorCode = keyof typeof ERROR_CATALOGUE

export interface TickerflowErrorOptions {
  /** Machine-readable particulars: file, row, expected, received. */
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** An operational failure: its message says what came, what was expected, and what to do. */
export class TickerflowError extends Error {
  override readonly name = 'TickerflowError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: TickerflowErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }
}

export function isTickerflowError(error: unknown): error is TickerflowError {
  return error instanceof TickerflowError
}
