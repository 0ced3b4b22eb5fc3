/** An append-only record whose lines are chained by their hashes, so that an edited line shows. */
import { createHash } from 'node:crypto'
import { canonicalJson } from '../canonical-json.ts'
import { numberOf, type Row, textOf } from '../sqlite/row.ts'
import type { StateDatabase } from '../state/state-database.ts'

/** What happened: an event's name, and fields that the same history always gives again. */
export interface AuditEntry {
  readonly atMs: number
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

export interface AuditLine extends AuditEntry {
  /** From 1, without gaps. */
  readonly line: number
  /** SHA-256 (hex) over the hash of the line before and this line's canonical content. */
  readonly hash: string
}

export type AuditVerification =
  | { readonly intact: true; readonly lines: number; readonly head: string }
  | { readonly intact: false; readonly line: number; readonly reason: string }

/** What the first line is chained to. */
const GENESIS = '0'.repeat(64)

/** Appends one line; inside a transaction, so that it stands or falls with what it reports. */
export function appendAudit(connection: StateDatabase, entry: AuditEntry): void {
  connection.transaction(() => {
    const last = connection
      .prepare('SELECT line, hash FROM audit_log ORDER BY line DESC LIMIT 1')
      .get()
    const line = last === undefined ? 1 : numberOf(last, 'line') + 1
    const previous = last === undefined ? GENESIS : textOf(last, 'hash')
    const content = canonicalJson(entry)
    connection
      .prepare('INSERT INTO audit_log (line, content, hash) VALUES (?, ?, ?)')
      .run(line, content, hashOf(previous, line, content))
  })
}

/** Every line, oldest first. */
export function readAuditLog(connection: StateDatabase): readonly AuditLine[] {
  return allLines(connection).map(lineOf)
}

/** Lines before a number, the newest first. */
export function auditPage(
  connection: StateDatabase,
  {
    before = Number.MAX_SAFE_INTEGER,
    limit,
  }: { readonly before?: number | undefined; readonly limit: number },
): readonly AuditLine[] {
  return connection
    .prepare('SELECT line, content, hash FROM audit_log WHERE line < ? ORDER BY line DESC LIMIT ?')
    .all(before, limit)
    .map(lineOf)
}

function lineOf(row: Row): AuditLine {
  return {
    ...(JSON.parse(textOf(row, 'content')) as AuditEntry),
    line: numberOf(row, 'line'),
    hash: textOf(row, 'hash'),
  }
}

/** The end of the log as it once was; kept elsewhere, it shows lines that were cut off. */
export interface AuditHead {
  readonly line: number
  readonly hash: string
}

/**
 * Recomputes the chain and names the first line that was edited, inserted or removed.
 *
 * @param kept The end of the log as exported earlier. Without it, lines cut off at the end leave an
 *   intact, shorter chain.
 */
export function verifyAuditLog(
  connection: StateDatabase,
  kept: AuditHead = { line: 0, hash: GENESIS },
): AuditVerification {
  const rows = allLines(connection)
  let head = GENESIS
  for (const [index, row] of rows.entries()) {
    const line = index + 1
    if (numberOf(row, 'line') !== line) {
      return { intact: false, line, reason: `line ${line} is missing` }
    }
    const hash = hashOf(head, line, textOf(row, 'content'))
    if (textOf(row, 'hash') !== hash) {
      const reason = `line ${line} does not match its hash: it was edited, or a line at or before it was inserted or removed`
      return { intact: false, line, reason }
    }
    if (line === kept.line && hash !== kept.hash) {
      return { intact: false, line, reason: `line ${line} is not the one that was exported` }
    }
    head = hash
  }
  if (rows.length >= kept.line) return { intact: true, lines: rows.length, head }
  const line = rows.length + 1
  return { intact: false, line, reason: `line ${line} is missing: line ${kept.line} was exported` }
}

function allLines(connection: StateDatabase): readonly Row[] {
  return connection.prepare('SELECT line, content, hash FROM audit_log ORDER BY line').all()
}

function hashOf(previous: string, line: number, content: string): string {
  return createHash('sha256').update(`${previous}\n${line}\n${content}`).digest('hex')
}
