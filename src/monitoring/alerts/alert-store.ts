/** The record of alerts: raised once, told once to each channel, over when a look no longer finds them. */
import { TickerflowError } from '../../errors.ts'
import {
  numberOf,
  optionalNumberOf,
  optionalTextOf,
  type Row,
  textOf,
  wordOf,
} from '../../sqlite/row.ts'
import type { StateDatabase } from '../../state/state-database.ts'
import {
  type Alert,
  type Condition,
  isAtLeast,
  RULE_NAMES,
  SEVERITIES,
  type Severity,
} from './alert.ts'

/** Who is told, and how often. */
export interface NoticePolicy {
  readonly channels: readonly { readonly name: string; readonly minimumSeverity: Severity }[]
  /** An open alert that nobody has acknowledged is told of again after so long. */
  readonly remindMs: number
  /** An alert that comes back is told of again only so long after it was told of before. */
  readonly coolDownMs: number
}

export interface AlertLook {
  /** Whose conditions these are: all of them, so that what is missing is over. */
  readonly scope: string
  readonly conditions: readonly Condition[]
  /** UTC milliseconds. */
  readonly nowMs: number
  readonly newId: () => string
  readonly policy: NoticePolicy
}

export interface SettledAlerts {
  readonly raised: readonly Alert[]
  readonly resolved: readonly Alert[]
}

/**
 * Notes what a look has found, in one transaction: looks that overlap or repeat raise nothing twice.
 *
 * A clock that goes backwards stands still here: no alert is over before it began, and none is told of
 * again because of it.
 */
export function settleAlerts(database: StateDatabase, look: AlertLook): SettledAlerts {
  return database.transaction(() => {
    const nowMs = Math.max(look.nowMs, latestInstant(database))
    const open = openAlerts(database).filter(({ scope }) => scope === look.scope)
    const raised: Alert[] = []
    for (const condition of look.conditions) {
      const known = open.find(
        ({ rule, subject }) => rule === condition.rule && subject === condition.subject,
      )
      if (known === undefined) raised.push(raise(database, condition, { ...look, nowMs }))
      else confirm(database, known, { condition, nowMs, policy: look.policy })
    }
    const over = open.filter(
      ({ rule, subject }) =>
        !look.conditions.some((one) => one.rule === rule && one.subject === subject),
    )
    return { raised, resolved: over.map((alert) => resolve(database, alert, nowMs)) }
  })
}

/** @throws {TickerflowError} NOT_FOUND when no open alert has the id, or several begin with it. */
export function acknowledgeAlert(
  database: StateDatabase,
  id: string,
  { by, nowMs }: { readonly by: string; readonly nowMs: number },
): Alert {
  return database.transaction(() => {
    const open = openAlerts(database)
    const found = open.filter((alert) => alert.id.startsWith(id))
    const [alert] = found
    if (alert === undefined || found.length > 1 || id === '') throw notOpen(id, open)
    database
      .prepare('UPDATE alerts SET acknowledged_at = ?, acknowledged_by = ? WHERE id = ?')
      .run(Math.max(nowMs, latestInstant(database)), by, alert.id)
    return getAlert(database, alert.id)
  })
}

/** Open alerts, the newest first; with `all`, also those that are over. */
export function listAlerts(
  database: StateDatabase,
  { all, limit }: { readonly all: boolean; readonly limit: number },
): readonly Alert[] {
  const sql = all
    ? 'SELECT * FROM alerts ORDER BY seq DESC LIMIT ?'
    : 'SELECT * FROM alerts WHERE resolved_at IS NULL ORDER BY seq DESC LIMIT ?'
  return database.prepare(sql).all(limit).map(alertOf)
}

/** The alert of the id. */
export function getAlert(database: StateDatabase, id: string): Alert {
  const row = database.prepare('SELECT * FROM alerts WHERE id = ?').get(id)
  if (row === undefined) throw notOpen(id, [])
  return alertOf(row)
}

function raise(
  database: StateDatabase,
  { rule, subject, severity, summary }: Condition,
  { scope, newId, nowMs, policy }: AlertLook,
): Alert {
  const told = database
    .prepare(
      `SELECT max(n.due_at) AS at FROM alert_notices n JOIN alerts a ON a.id = n.alert
       WHERE a.rule = ? AND a.subject = ? AND n.kind = 'raised'`,
    )
    .get(rule, subject)
  const toldAtMs = told === undefined ? undefined : optionalNumberOf(told, 'at')
  const id = newId()
  database
    .prepare(
      `INSERT INTO alerts (id, scope, rule, subject, severity, summary, raised_at, seen_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(id, scope, rule, subject, severity, summary, nowMs, nowMs)
  const dueMs = toldAtMs === undefined ? nowMs : Math.max(nowMs, toldAtMs + policy.coolDownMs)
  const alert = getAlert(database, id)
  tell(database, alert, { kind: 'raised', dueMs, policy })
  return alert
}

function confirm(
  database: StateDatabase,
  alert: Alert,
  found: { readonly condition: Condition; readonly nowMs: number; readonly policy: NoticePolicy },
): void {
  const { condition, nowMs, policy } = found
  const { severity, summary } = condition
  database
    .prepare('UPDATE alerts SET severity = ?, summary = ?, seen_at = ? WHERE id = ?')
    .run(severity, summary, nowMs, alert.id)
  if (alert.acknowledgedAtMs !== undefined) return
  const row = database
    .prepare('SELECT max(due_at) AS at FROM alert_notices WHERE alert = ?')
    .get(alert.id)
  const toldAtMs = optionalNumberOf(row ?? { at: null }, 'at') ?? alert.raisedAtMs
  if (nowMs - toldAtMs < policy.remindMs) return
  tell(database, { ...alert, severity }, { kind: 'reminder', dueMs: nowMs, policy })
}

/** Whom nobody has told that it began is not told that it is over, unless it waits for a lame channel. */
function resolve(database: StateDatabase, alert: Alert, nowMs: number): Alert {
  database.prepare('UPDATE alerts SET resolved_at = ? WHERE id = ?').run(nowMs, alert.id)
  database
    .prepare('DELETE FROM alert_notices WHERE alert = ? AND attempts = 0 AND due_at > ?')
    .run(alert.id, nowMs)
  const channels = database
    .prepare('SELECT DISTINCT channel FROM alert_notices WHERE alert = ?')
    .all(alert.id)
    .map((row) => textOf(row, 'channel'))
  // What a channel was still to be told is in the one notice that it gets now.
  database
    .prepare('DELETE FROM alert_notices WHERE alert = ? AND delivered_at IS NULL')
    .run(alert.id)
  for (const channel of channels)
    insertNotice(database, alert.id, { channel, kind: 'resolved', dueMs: nowMs })
  return getAlert(database, alert.id)
}

function tell(
  database: StateDatabase,
  { id, severity }: Alert,
  notice: {
    readonly kind: 'raised' | 'reminder'
    readonly dueMs: number
    readonly policy: NoticePolicy
  },
): void {
  for (const { name, minimumSeverity } of notice.policy.channels) {
    if (isAtLeast(severity, minimumSeverity))
      insertNotice(database, id, { ...notice, channel: name })
  }
}

function insertNotice(
  database: StateDatabase,
  alert: string,
  {
    channel,
    kind,
    dueMs,
  }: { readonly channel: string; readonly kind: string; readonly dueMs: number },
): void {
  database
    .prepare('INSERT INTO alert_notices (alert, channel, kind, due_at) VALUES (?, ?, ?, ?)')
    .run(alert, channel, kind, dueMs)
}

/** The last instant that any look had. */
export function latestInstant(database: StateDatabase): number {
  const row = database
    .prepare('SELECT max(seen_at) AS seen, max(resolved_at) AS resolved FROM alerts')
    .get()
  const { seen = null, resolved = null } = row ?? {}
  return Math.max(
    optionalNumberOf({ seen }, 'seen') ?? 0,
    optionalNumberOf({ resolved }, 'resolved') ?? 0,
  )
}

function openAlerts(database: StateDatabase): (Alert & { readonly scope: string })[] {
  return database
    .prepare('SELECT * FROM alerts WHERE resolved_at IS NULL ORDER BY seq')
    .all()
    .map((row) => ({ ...alertOf(row), scope: textOf(row, 'scope') }))
}

function alertOf(row: Row): Alert {
  return {
    id: textOf(row, 'id'),
    rule: wordOf(row, 'rule', RULE_NAMES),
    subject: textOf(row, 'subject'),
    severity: wordOf(row, 'severity', SEVERITIES),
    summary: textOf(row, 'summary'),
    raisedAtMs: numberOf(row, 'raised_at'),
    seenAtMs: numberOf(row, 'seen_at'),
    resolvedAtMs: optionalNumberOf(row, 'resolved_at'),
    acknowledgedAtMs: optionalNumberOf(row, 'acknowledged_at'),
    acknowledgedBy: optionalTextOf(row, 'acknowledged_by'),
  }
}

function notOpen(id: string, open: readonly Alert[]): TickerflowError {
  const which =
    open.length === 0 ? 'none is open' : `open: ${open.map((one) => one.id.slice(0, 8)).join(', ')}`
  return new TickerflowError(
    'NOT_FOUND',
    `'${id}' names no open alert, or begins several (${which}). tickerflow alerts lists them.`,
    { details: { id } },
  )
}
