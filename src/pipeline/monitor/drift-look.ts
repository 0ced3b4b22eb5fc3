/** Have the prices of today moved away from those that the live version was trained on? */
import { buildFeatureFrame } from '../../features/build-frame.ts'
import type { FeatureFrame } from '../../features/feature-frame.ts'
import { FEATURES } from '../../features/feature-set.ts'
import type { FittedForecaster } from '../../forecast/forecaster.ts'
import type { Bars } from '../../market/bars.ts'
import { formatDay, parseIsoDate } from '../../market/trading-date.ts'
import {
  createDriftReference,
  type DriftReference,
  longestRunOf,
} from '../../monitoring/drift/drift-reference.ts'
import { DEFAULT_PERSISTENCE, followDrift } from '../../monitoring/drift/follow-drift.ts'
import { type DriftReport, driftRatio, measureDrift } from '../../monitoring/drift/measure-drift.ts'
import type { DriftVerdict } from '../../monitoring/monitoring-report.ts'
import { log } from '../../numerics/elementary.ts'
import type { Application } from '../application.ts'
import { modelOfVersion } from '../champion.ts'
import { trainingBars } from '../training-bars.ts'

/** Sessions in the window that is judged. */
export const DEFAULT_DRIFT_WINDOW = 60
/** Last sessions of the training span that windows are compared with: five years. */
const REFERENCE_SESSIONS = 1250
/** Sessions that the alarm is followed through. */
const FOLLOWED_SESSIONS = 60

/** Everything that is computed from prices and volume; the calendar's columns can't drift. */
const COLUMNS = FEATURES.map(({ name }) => name).filter(
  (name) => name !== 'weekday' && name !== 'sessionGap',
)

export interface DriftQuestion {
  readonly symbol: string
  /** Current bars. */
  readonly bars: Bars
  /** Registered model and version. */
  readonly model: string
  readonly version: number
  readonly window?: number | undefined
}

export interface DriftLook {
  readonly verdict: DriftVerdict
  /** Of the last window; none where it could not be judged. */
  readonly report?: DriftReport
}

/**
 * The verdict follows from the bars alone, so that looking twice, or after days without a look, gives
 * the same. What is missing for it is the reason of the verdict `unknown`.
 *
 * @throws {TickerflowError} What the tracking store and the store of bars throw, but for training
 *   prices that this store does not have.
 */
export async function lookAtDrift(app: Application, question: DriftQuestion): Promise<DriftLook> {
  const { symbol, bars, model: name, version: number, window = DEFAULT_DRIFT_WINDOW } = question
  const { version, forecaster, trainedTo } = await modelOfVersion(app, { name, version: number })
  const training = await trainingBars(app.bars, version, symbol)
  if (typeof training === 'string') return unknown(training)
  const reference = referenceOf(training, { forecaster, trainedTo, window })
  if (typeof reference === 'string') return unknown(reference)
  const columns = driftColumns(buildFeatureFrame(bars), forecaster)
  const rows = bars.date.length
  const ratios: number[] = []
  for (let to = Math.max(window, rows - FOLLOWED_SESSIONS + 1); to <= rows; to++) {
    const cut = windowOf(columns, to - window, to)
    if (cut !== undefined) ratios.push(driftRatio(reference, cut))
  }
  const last = windowOf(columns, rows - window, rows)
  if (last === undefined) return unknown(`the last ${window} sessions have no complete features`)
  const report = measureDrift(reference, last)
  return { verdict: verdictOf(report, { ratios, bars, window }), report }
}

function unknown(reason: string): DriftLook {
  return { verdict: { verdict: 'unknown', reasons: [reason], scores: {} } }
}

interface ReferenceQuestion {
  readonly forecaster: FittedForecaster
  /** `YYYY-MM-DD`. */
  readonly trainedTo: string
  readonly window: number
}

/** The reference, or why there is none. */
function referenceOf(
  training: Bars,
  { forecaster, trainedTo, window }: ReferenceQuestion,
): DriftReference | string {
  const columns = driftColumns(buildFeatureFrame(training), forecaster)
  const lastDay = parseIsoDate(trainedTo) ?? Number.POSITIVE_INFINITY
  const after = training.date.findIndex((day) => day > lastDay)
  const to = after < 0 ? training.date.length : after
  const first = firstComplete(columns, to)
  const cut = windowOf(columns, Math.max(first, to - REFERENCE_SESSIONS), to)
  const needed = 4 * window
  if (cut === undefined || to - first < needed) {
    return `the training span has ${Math.max(0, to - first)} complete sessions: a window of ${window} needs ${needed}`
  }
  // A closed-form model's location never moves; a column that does not vary says nothing.
  const varying = [...cut].filter(([, values]) => longestRunOf(values) < values.length)
  return createDriftReference(new Map(varying), { window })
}

/** Features, and what the model makes of them. */
function driftColumns(
  frame: FeatureFrame,
  forecaster: FittedForecaster,
): ReadonlyMap<string, Float64Array> {
  const rows = frame.date.length
  const location = new Float64Array(rows).fill(Number.NaN)
  const scale = new Float64Array(rows).fill(Number.NaN)
  const from = Math.max(0, rows - REFERENCE_SESSIONS)
  for (let row = from; row < rows; row++) {
    const forecast = forecaster.forecast(frame, row)
    if (forecast === undefined) continue
    location[row] = forecast.distribution.location / forecast.distribution.scale
    scale[row] = log(forecast.distribution.scale)
  }
  const features = COLUMNS.map((name) => [name, frame.columns.get(name) as Float64Array] as const)
  return new Map([...features, ['forecastLocation', location], ['forecastScale', scale]])
}

/** First row from which on all columns are complete up to row `to`. */
function firstComplete(columns: ReadonlyMap<string, Float64Array>, to: number): number {
  let first = 0
  for (const values of columns.values()) {
    for (let row = to - 1; row >= first; row--) {
      if (Number.isFinite(values[row])) continue
      first = row + 1
      break
    }
  }
  return first
}

/** `undefined` where a value is missing. */
function windowOf(
  columns: ReadonlyMap<string, Float64Array>,
  from: number,
  to: number,
): ReadonlyMap<string, Float64Array> | undefined {
  if (from < 0) return undefined
  const cut = new Map([...columns].map(([name, values]) => [name, values.slice(from, to)]))
  for (const values of cut.values()) if (!values.every(Number.isFinite)) return undefined
  return cut
}

interface Followed {
  readonly ratios: readonly number[]
  readonly bars: Bars
  readonly window: number
}

function verdictOf(report: DriftReport, { ratios, bars, window }: Followed): DriftVerdict {
  const alarm = followDrift(ratios)
  const frozen = report.columns.filter((column) => column.frozen)
  const { raiseAt, of } = DEFAULT_PERSISTENCE
  const sinceRow = alarm.since === undefined ? -1 : bars.date.length - ratios.length + alarm.since
  const since = bars.date[sinceRow]
  const isDrift = alarm.raised || frozen.length > 0
  const waiting =
    !isDrift && report.verdict === 'drift'
      ? [`${alarm.drifted} of the last ${of} windows have drifted: an alarm takes ${raiseAt}`]
      : []
  return {
    verdict: isDrift ? 'drift' : 'stable',
    reasons: [
      ...(alarm.raised && report.verdict === 'stable'
        ? ['the last window is back below the threshold; the alarm stands until it stays there']
        : []),
      ...report.reasons,
      ...waiting,
    ],
    scores: Object.fromEntries(
      report.columns.map(({ name, distance, threshold }) => [name, distance / threshold]),
    ),
    window,
    drifted: alarm.drifted,
    since: since === undefined ? null : formatDay(since),
  }
}
