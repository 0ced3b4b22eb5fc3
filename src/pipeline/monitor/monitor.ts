/** One look at a symbol's live model: settle outcomes, judge performance, keep the report. */
import type { Config } from '../../config.ts'
import { isTickerflowError } from '../../errors.ts'
import { createCalendar } from '../../market/calendar.ts'
import { parseSymbol } from '../../market/symbol.ts'
import type { TradingCalendar } from '../../market/trading-calendar.ts'
import { formatDay } from '../../market/trading-date.ts'
import { countPendingTo, matureForecasts } from '../../monitoring/ledger/outcomes.ts'
import { listTracks } from '../../monitoring/live-performance.ts'
import type { DriftVerdict, MonitoringReport } from '../../monitoring/monitoring-report.ts'
import { performanceEntry, regretsOf } from '../../monitoring/performance/performance-entry.ts'
import { storeReport } from '../../monitoring/report-store.ts'
import { forecasterName } from '../../registry/forecaster-name.ts'
import { liveSpans } from '../../registry/history.ts'
import { raiseReportAlerts } from '../alerts/raise-alerts.ts'
import type { Application } from '../application.ts'
import { type CheckedBars, inspectBars, NO_ROWS_TO_FIT_ON } from '../market-data.ts'
import { type DriftQuestion, lookAtDrift } from './drift-look.ts'
import { logLiveMetrics } from './live-metrics.ts'

/** Sessions after which an outcome that has not come is not waited for: the symbol is delisted. */
export const DELISTED_AFTER_SESSIONS = 20

const NOTHING_LIVE: DriftVerdict = {
  verdict: 'unknown',
  reasons: ['nothing is in Production'],
  scores: {},
}

/**
 * Looks once. Outcomes are settled in one transaction and only where they are missing or differ, so
 * looks that overlap or repeat count nothing twice; each keeps a report of its own.
 *
 * Bars with blocking findings settle nothing: the report says so. What a person should know becomes an
 * alert; `deliverAlerts` tells the channels.
 *
 * @throws {TickerflowError} What reading the bars or the store throws. A tracking server that
 *   cannot be reached is a note in the report: the next look logs what is missing.
 */
export async function monitorSymbol(
  app: Application,
  { config, symbol: given }: { readonly config: Config; readonly symbol: string },
): Promise<MonitoringReport> {
  const { database } = app
  const symbol = parseSymbol(given)
  const checked = await inspectBars(app, { symbol, config, limits: NO_ROWS_TO_FIT_ON })
  const calendar = createCalendar(config.calendar, checked.bars)
  const model = forecasterName(symbol)
  const live = liveSpans(database, { model, environment: 'production' }).at(-1)
  const liveVersion = live?.promotion.version ?? null
  const blocking = checked.findings.filter(({ severity }) => severity === 'blocking').length
  const closedTo = lastClosedDay(checked)
  const settled = database.transaction(() => {
    const outcomes =
      blocking > 0
        ? { matured: 0, pending: countPendingTo(database, symbol), unmatched: 0, restated: [] }
        : matureForecasts(database, checked.bars, app.clock())
    const closed = countPendingTo(database, symbol, closedTo)
    const { matured, unmatched, restated } = outcomes
    return {
      matured,
      unmatched,
      closed,
      restated: restated.length,
      pending: outcomes.pending - closed,
    }
  })
  const tracks = listTracks(database, symbol).filter(({ role }) => role !== 'supplied')
  const champions = tracks.filter(
    ({ role, version }) => role === 'champion' && version === liveVersion,
  )
  const drift =
    liveVersion === null
      ? NOTHING_LIVE
      : await driftVerdict(app, { symbol, bars: checked.bars, model, version: liveVersion })
  const notes = [
    ...(blocking > 0 ? ['the bars have blocking findings: no outcome was settled'] : []),
    ...(live === undefined ? [`no version of ${model} is in Production`] : []),
    ...(await trackingNotes(() => logLiveMetrics(app, tracks, calendar))),
  ]
  const report = storeReport(database, {
    id: app.newId(),
    at: new Date(app.clock()).toISOString(),
    symbol,
    model,
    liveVersion,
    modelAgeSeconds: live === undefined ? null : Math.max(0, (app.clock() - live.fromMs) / 1000),
    data: dataEntry(checked, calendar, { blocking, nowMs: app.clock() }),
    outcomes: settled,
    performance: tracks.map((track) => performanceEntry(database, track, closedTo)),
    regret: champions.flatMap((champion) =>
      regretsOf(
        database,
        champion,
        tracks.filter((one) => one !== champion && one.horizon === champion.horizon),
      ),
    ),
    drift,
    notes,
  })
  raiseReportAlerts(app, config, report)
  return report
}

/**
 * Days up to this one will get no outcome any more: the bars ended so long ago that the symbol is
 * taken as delisted. Nothing is written: bars that come after all settle their forecasts.
 */
function lastClosedDay({ bars, ageSessions }: CheckedBars): number {
  if (ageSessions <= DELISTED_AFTER_SESSIONS) return Number.MIN_SAFE_INTEGER
  return bars.date.at(-1) ?? Number.MIN_SAFE_INTEGER
}

function dataEntry(
  { bars, findings, historical, ageSessions }: CheckedBars,
  calendar: TradingCalendar,
  { blocking, nowMs }: { readonly blocking: number; readonly nowMs: number },
): MonitoringReport['data'] {
  const last = bars.date.at(-1)
  const isSession = last !== undefined && calendar.isSession(last)
  const age = isSession && !historical ? (nowMs - calendar.closeTime(last)) / 1000 : null
  return {
    lastSession: last === undefined ? null : formatDay(last),
    ageSessions,
    ageSeconds: age === null ? null : Math.max(0, age),
    blocking,
    warnings: findings.length - blocking,
  }
}

/** A registry that cannot be reached leaves drift unknown; the rest of the look goes on. */
async function driftVerdict(app: Application, question: DriftQuestion): Promise<DriftVerdict> {
  try {
    return (await lookAtDrift(app, question)).verdict
  } catch (error) {
    if (!isTickerflowError(error)) throw error
    return { verdict: 'unknown', reasons: [`${error.code}: ${error.message}`], scores: {} }
  }
}

async function trackingNotes(work: () => Promise<void>): Promise<string[]> {
  try {
    await work()
    return []
  } catch (error) {
    if (!isTickerflowError(error)) throw error
    return [`live metrics were not logged (${error.code}): ${error.message}`]
  }
}
