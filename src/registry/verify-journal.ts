/** Holds the journal of promotions against the audit log, which tells the same story twice. */
import type { StateDatabase } from '../state/state-database.ts'
import { readAuditLog } from './audit-log.ts'
import { type Promotion, promotedModels, promotionsOf } from './promotion-journal.ts'

/** What the audit log says of a promotion, from its last line about it. */
interface LastWord {
  readonly line: number
  readonly state: string
  readonly model: unknown
  readonly version: unknown
  readonly environment: unknown
}

/**
 * Sentences about promotions that are not where the audit log says, so that a journal edited by hand
 * shows though the log itself is intact.
 */
export function findJournalFaults(connection: StateDatabase): readonly string[] {
  return connection.read(() => {
    const words = lastWords(connection)
    const promotions = promotedModels(connection).flatMap((model) =>
      promotionsOf(connection, model),
    )
    const known = new Set(promotions.map(({ id }) => id))
    const missing = [...words].flatMap(([id, { line }]) =>
      known.has(id) ? [] : [`promotion ${id} of audit line ${line} is not in the journal`],
    )
    return [...missing, ...promotions.flatMap((promotion) => faultOf(promotion, words))]
  })
}

function lastWords(connection: StateDatabase): ReadonlyMap<string, LastWord> {
  const words = new Map<string, LastWord>()
  for (const { line, event, fields } of readAuditLog(connection)) {
    const { promotion, model, version, environment } = fields
    if (typeof promotion !== 'string' || !event.startsWith('promotion-')) continue
    const state = event.slice('promotion-'.length)
    words.set(promotion, { line, state, model, version, environment })
  }
  return words
}

function faultOf(promotion: Promotion, words: ReadonlyMap<string, LastWord>): string[] {
  const { id, state, model, version, environment } = promotion
  const word = words.get(id)
  if (word === undefined) return [`promotion ${id} has no line in the audit log`]
  const said = `${word.model} version ${word.version} to ${word.environment}: ${word.state}`
  const found = `${model} version ${version} to ${environment}: ${state}`
  if (said === found) return []
  return [`promotion ${id} is "${found}" in the journal, and "${said}" in audit line ${word.line}`]
}
