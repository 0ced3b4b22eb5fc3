/** The forecasts of one session, made from no more prices than they read, as lines of the ledger. */
import { buildFeatureFrame, lookbackOf } from '../../features/build-frame.ts'
import { FEATURES } from '../../features/feature-set.ts'
import type { Bars } from '../../market/bars.ts'
import { sliceBars } from '../../market/create-bars.ts'
import type { TradingCalendar } from '../../market/trading-calendar.ts'
import { isLate } from '../../monitoring/ledger/lateness.ts'
import type { LedgerEntry } from '../../monitoring/ledger/ledger-line.ts'
import type { Speaker } from './speakers.ts'

/** Of the features, in sessions: how far the oldest row of a forecast's window looks back itself. */
const FEATURE_LOOKBACK = lookbackOf(FEATURES.map(({ name }) => name))

export interface Session {
  /** Known at its close. */
  readonly bars: Bars
  readonly speakers: readonly Speaker[]
  readonly calendar: TradingCalendar
  readonly nowMs: number
}

/** One line for each speaker that has something to say, in their order. */
export function sessionEntries({ bars, speakers, calendar, nowMs }: Session): LedgerEntry[] {
  const longest = Math.max(1, ...speakers.map(({ forecaster }) => forecaster.lookback))
  const rows = bars.date.length
  const recent = sliceBars(bars, Math.max(0, rows - longest - FEATURE_LOOKBACK), rows)
  const frame = buildFeatureFrame(recent)
  return speakers.flatMap(({ forecaster, model, version, role }): LedgerEntry[] => {
    const forecast = forecaster.forecast(frame, frame.date.length - 1)
    if (forecast === undefined) return []
    const { symbol, asOf, horizon, distribution, referenceClose } = forecast
    const said = { symbol, asOf, horizon, distribution, referenceClose }
    const late = isLate(calendar, asOf, nowMs)
    const inputs = recent.digest
    return [{ forecast: { ...said, model, version, role, issuedAtMs: nowMs, inputs, late } }]
  })
}
