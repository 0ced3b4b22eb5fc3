/** What a replay came to, read back from its store: nothing that was not recorded on the way. */
import { dayOfInstant, formatDay } from '../../market/trading-date.ts'
import { chainHeads, ledgerDigest, verifyLedger } from '../../monitoring/ledger/verify-ledger.ts'
import { latestReports } from '../../monitoring/report-store.ts'
import { verifyAuditLog } from '../../registry/audit-log.ts'
import { forecasterName } from '../../registry/forecaster-name.ts'
import { liveSpans } from '../../registry/history.ts'
import type { Application } from '../application.ts'
import { type Retraining, retrainingsOf } from '../retraining/retraining-journal.ts'
import type { LiveRecord, LiveSkillRow } from './live-record.ts'
import { type PromotionRow, promotionRows } from './promotion-consequences.ts'
import type { ReplayRequest } from './replay-plan.ts'

export interface LiveSpanRow {
  readonly symbol: string
  readonly version: number
  /** First and last session whose forecast it made, `YYYY-MM-DD`. */
  readonly from: string
  readonly to: string
  readonly sessions: number
}

export interface RetrainingRow {
  readonly symbol: string
  readonly startedOn: string
  readonly trigger: string
  readonly reason: string
  readonly version: number | null
  readonly outcome: string | null
}

export interface ReplayDocument {
  readonly from: string
  readonly to: string
  readonly sessions: number
  readonly symbols: readonly string[]
  /** Of everything that the outcome depends on. */
  readonly plan: string
  readonly ledgerDigest: string
  readonly auditDigest: string
  readonly ledger: { readonly intact: boolean; readonly lines: number }
  readonly audit: { readonly intact: boolean; readonly lines: number }
  readonly live: readonly LiveSpanRow[]
  readonly skill: readonly LiveSkillRow[]
  readonly promotions: readonly PromotionRow[]
  readonly retrainings: readonly RetrainingRow[]
  readonly monitoring: readonly {
    readonly symbol: string
    readonly looks: number
    readonly drift: number
    readonly alarms: number
  }[]
  /** The store of the replay, for a closer look with any other command. */
  readonly store: string
  readonly report: string
  /** The session after which it went on, when it had been stopped before. */
  readonly resumedAt: string | null
  readonly durationMs: number
}

export type DescribedReplay = Omit<ReplayDocument, 'report' | 'resumedAt' | 'durationMs'> & {
  readonly liveByDay: readonly LiveDay[]
}

/** What was live for one symbol on one session; null: nothing was. */
export interface LiveDay {
  readonly date: string
  readonly symbol: string
  readonly version: number | null
}

export interface ReplayEnd {
  readonly request: ReplayRequest
  /** The session before the first one included. */
  readonly sessions: Int32Array
  readonly digest: string
}

export function describeReplay(
  app: Application,
  { request, sessions, digest }: ReplayEnd,
  records: ReadonlyMap<string, LiveRecord>,
): DescribedReplay {
  const { database } = app
  const { symbols } = request
  const ledger = verifyLedger(database)
  const audit = verifyAuditLog(database)
  const lived = sessions.slice(1)
  const liveByDay = symbols.flatMap((symbol) => liveDays(app, symbol, lived))
  return {
    from: formatDay(lived[0] ?? 0),
    to: formatDay(lived.at(-1) ?? 0),
    sessions: lived.length,
    symbols,
    plan: digest,
    ledgerDigest: ledgerDigest(chainHeads(database)),
    auditDigest: audit.intact ? audit.head : '',
    ledger: { intact: ledger.intact, lines: ledger.intact ? ledger.lines : 0 },
    audit: { intact: audit.intact, lines: audit.intact ? audit.lines : 0 },
    live: symbols.flatMap((symbol) => spansOf(liveByDay.filter((day) => day.symbol === symbol))),
    skill: [...records.values()].map(({ row }) => row),
    promotions: symbols.flatMap((symbol) => promotionRows(database, symbol)),
    retrainings: retrainingsOf(database).map(retrainingRow),
    monitoring: symbols.map((symbol) => watched(app, symbol)),
    store: app.directory.root,
    liveByDay,
  }
}

/** A session's forecasts are made after its close, by what was promoted by then. */
function liveDays(app: Application, symbol: string, sessions: Int32Array): LiveDay[] {
  const slot = { model: forecasterName(symbol), environment: 'production' } as const
  const spans = liveSpans(app.database, slot)
  return Array.from(sessions, (day) => {
    const span = spans.findLast(({ fromMs }) => dayOfInstant(fromMs) <= day)
    return { date: formatDay(day), symbol, version: span?.promotion.version ?? null }
  })
}

function spansOf(days: readonly LiveDay[]): LiveSpanRow[] {
  const spans: LiveSpanRow[] = []
  for (const { date, symbol, version } of days) {
    if (version === null) continue
    const last = spans.at(-1)
    if (last?.version === version) {
      spans[spans.length - 1] = { ...last, to: date, sessions: last.sessions + 1 }
    } else spans.push({ symbol, version, from: date, to: date, sessions: 1 })
  }
  return spans
}

function retrainingRow(retraining: Retraining): RetrainingRow {
  const { symbol, startedAtMs, trigger, reason, version, outcome, state } = retraining
  return {
    symbol,
    startedOn: formatDay(dayOfInstant(startedAtMs)),
    trigger,
    reason,
    version: version ?? null,
    outcome: outcome ?? (state === 'shadow' ? 'in the shadow' : null),
  }
}

function watched({ database }: Application, symbol: string) {
  const reports = latestReports(database, forecasterName(symbol), Number.MAX_SAFE_INTEGER)
  const alarmed = reports.filter(({ performance, liveVersion }) =>
    performance.some(
      ({ role, version, change }) =>
        role === 'champion' &&
        version === liveVersion &&
        Object.values(change).some(({ alarm }) => alarm),
    ),
  )
  const drift = reports.filter((report) => report.drift.verdict === 'drift').length
  return { symbol, looks: reports.length, drift, alarms: alarmed.length }
}
