/** What has happened in the store, for those who listen; other processes' doings included. */
import { countLines } from '../../monitoring/ledger/forecast-ledger.ts'
import { auditPage } from '../../registry/audit-log.ts'
import { numberOf, textOf } from '../../sqlite/row.ts'
import type { StateDatabase } from '../../state/state-database.ts'

/** How far someone has heard: numbers of the last audit line, ledger line, report and change of alerts. */
export interface FeedPlace {
  readonly audit: number
  readonly ledger: number
  readonly report: number
  readonly alert: number
}

export interface FeedEvent {
  readonly event: 'promotion' | 'forecasts' | 'monitoring-report' | 'alerts'
  readonly data: Readonly<Record<string, unknown>>
}

/** More lines than this are told of as one change. */
const MOST_EVENTS = 50

export function currentPlace(database: StateDatabase): FeedPlace {
  const last = (sql: string) => numberOf(database.prepare(sql).get() ?? { n: 0 }, 'n')
  return {
    audit: last('SELECT coalesce(max(line), 0) AS n FROM audit_log'),
    ledger: countLines(database),
    report: last('SELECT coalesce(max(seq), 0) AS n FROM monitoring_reports'),
    // Grows by one with each alert that is raised, acknowledged or over.
    alert: last('SELECT count(*) + count(acknowledged_at) + count(resolved_at) AS n FROM alerts'),
  }
}

/** What came between two places, the oldest first. */
export function eventsBetween(
  database: StateDatabase,
  from: FeedPlace,
  to: FeedPlace,
): readonly FeedEvent[] {
  const events: FeedEvent[] = []
  if (to.audit > from.audit) {
    const limit = Math.min(to.audit - from.audit, MOST_EVENTS)
    const lines = auditPage(database, { before: to.audit + 1, limit }).toReversed()
    for (const { event, fields } of lines.filter((line) => line.event.startsWith('promotion-'))) {
      const { model, version, environment } = fields
      events.push({ event: 'promotion', data: { state: event, model, version, environment } })
    }
  }
  if (to.ledger > from.ledger) {
    events.push({ event: 'forecasts', data: { issued: to.ledger - from.ledger } })
  }
  if (to.report > from.report) {
    const rows = database
      .prepare('SELECT DISTINCT model FROM monitoring_reports WHERE seq > ? AND seq <= ?')
      .all(from.report, to.report)
    for (const row of rows) {
      events.push({ event: 'monitoring-report', data: { model: textOf(row, 'model') } })
    }
  }
  if (to.alert > from.alert) {
    const row = database.prepare('SELECT count(*) AS n FROM alerts WHERE resolved_at IS NULL').get()
    events.push({ event: 'alerts', data: { open: numberOf(row ?? { n: 0 }, 'n') } })
  }
  return events
}

export function isSamePlace(a: FeedPlace, b: FeedPlace): boolean {
  return (
    a.audit === b.audit && a.ledger === b.ledger && a.report === b.report && a.alert === b.alert
  )
}

/** As an event's id, which browsers send back when they come again. */
export function placeText({ audit, ledger, report, alert }: FeedPlace): string {
  return `${audit}.${ledger}.${report}.${alert}`
}

export function parsePlace(text: unknown): FeedPlace | undefined {
  const found = /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.(\d{1,15})$/.exec(
    typeof text === 'string' ? text : '',
  )
  if (found === null) return undefined
  const [audit = 0, ledger = 0, report = 0, alert = 0] = found.slice(1).map(Number)
  return { audit, ledger, report, alert }
}
