/** API keys: made once, shown once, kept as hashes; every change leaves an audit line. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { TickerflowError } from '../../errors.ts'
import { appendAudit } from '../../registry/audit-log.ts'
import { numberOf, optionalNumberOf, type Row, textOf } from '../../sqlite/row.ts'
import type { StateDatabase } from '../../state/state-database.ts'
import type { Principal, Scope } from './principal.ts'

export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly createdAtMs: number
  readonly expiresAtMs: number | undefined
  readonly revokedAtMs: number | undefined
}

export interface ApiKeyContext {
  /** `tickerflow.db` with `KEYS_SCHEMA` and the registry's audit log. */
  readonly database: StateDatabase
  readonly clock: () => number
  readonly newId: () => string
  /** 32 random bytes, from the system. */
  readonly randomBytes: () => Uint8Array
  /** Who does it, for the audit. */
  readonly actor: string
}

export interface NewApiKey {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly expiresAtMs?: number | undefined
  /** The key that this one takes the place of; it goes on working until it is revoked. */
  readonly replaces?: string | undefined
}

const PREFIX = 'tfk'
const ID_LENGTH = 12

/** @returns The key with its text, which cannot be had again. */
export function createApiKey(
  context: ApiKeyContext,
  { name, scopes, expiresAtMs, replaces }: NewApiKey,
): { readonly key: ApiKey; readonly text: string } {
  const { database, clock } = context
  if (replaces !== undefined) getApiKey(database, replaces)
  const id = context.newId().slice(0, ID_LENGTH)
  const secret = Buffer.from(context.randomBytes()).toString('base64url')
  const atMs = clock()
  database.transaction(() => {
    database
      .prepare('INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?, NULL)')
      .run(id, name, hashOf(secret), JSON.stringify(scopes), atMs, expiresAtMs ?? null)
    audit(context, 'key-created', { id, name, scopes, ...(replaces && { replaces }) })
  })
  return { key: getApiKey(database, id), text: `${PREFIX}_${id}_${secret}` }
}

/** Oldest first. */
export function listApiKeys(database: StateDatabase): readonly ApiKey[] {
  return database.prepare('SELECT * FROM api_keys ORDER BY created_at, id').all().map(keyOf)
}

/** Ends a key at once; doing it again changes nothing. @throws {TickerflowError} NOT_FOUND. */
export function revokeApiKey(context: ApiKeyContext, id: string): ApiKey {
  const { database, clock } = context
  getApiKey(database, id)
  database.transaction(() => {
    const { changes } = database
      .prepare('UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL')
      .run(clock(), id)
    if (changes > 0) audit(context, 'key-revoked', { id })
  })
  return getApiKey(database, id)
}

/** Whether any key could be used at the instant. */
export function hasUsableKey(database: StateDatabase, nowMs: number): boolean {
  const row = database
    .prepare(
      'SELECT 1 FROM api_keys WHERE revoked_at IS NULL AND coalesce(expires_at, ?) >= ? LIMIT 1',
    )
    .get(nowMs, nowMs)
  return row !== undefined
}

/** Whose key the text is; `undefined` for none, a revoked or an expired one. */
export function principalOfKey(
  database: StateDatabase,
  text: string,
  nowMs: number,
): Principal | undefined {
  const [prefix, id = '', ...rest] = text.split('_')
  if (prefix !== PREFIX) return undefined
  const row = database.prepare('SELECT * FROM api_keys WHERE id = ?').get(id)
  // The hash is compared in any case, so that the time tells nothing about which ids there are.
  const expected = row === undefined ? hashOf('') : textOf(row, 'hash')
  const isSame = timingSafeEqual(Buffer.from(hashOf(rest.join('_'))), Buffer.from(expected))
  if (row === undefined || !isSame) return undefined
  const key = keyOf(row)
  if (key.revokedAtMs !== undefined) return undefined
  if (key.expiresAtMs !== undefined && key.expiresAtMs < nowMs) return undefined
  return { name: `key:${key.id}:${key.name}`, scopes: key.scopes }
}

/** Whether the key is there, neither revoked nor expired. */
export function isKeyUsable(database: StateDatabase, id: string, nowMs: number): boolean {
  const row = database
    .prepare(
      'SELECT 1 FROM api_keys WHERE id = ? AND revoked_at IS NULL AND coalesce(expires_at, ?) >= ?',
    )
    .get(id, nowMs, nowMs)
  return row !== undefined
}

/** Id within a key's text. */
export function idOfKeyText(text: string): string {
  return text.split('_')[1] ?? ''
}

export function isApiKeyText(text: string): boolean {
  return text.startsWith(`${PREFIX}_`)
}

function getApiKey(database: StateDatabase, id: string): ApiKey {
  const row = database.prepare('SELECT * FROM api_keys WHERE id = ?').get(id)
  if (row !== undefined) return keyOf(row)
  throw new TickerflowError('NOT_FOUND', `There is no API key '${id}': tickerflow keys list.`, {
    details: { id },
  })
}

/** A fast hash is enough: the secret is 256 random bits, which nobody can guess their way to. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function keyOf(row: Row): ApiKey {
  return {
    id: textOf(row, 'id'),
    name: textOf(row, 'name'),
    scopes: JSON.parse(textOf(row, 'scopes')) as Scope[],
    createdAtMs: numberOf(row, 'created_at'),
    expiresAtMs: optionalNumberOf(row, 'expires_at'),
    revokedAtMs: optionalNumberOf(row, 'revoked_at'),
  }
}

function audit(
  { database, clock, actor }: ApiKeyContext,
  event: string,
  fields: Readonly<Record<string, unknown>>,
): void {
  appendAudit(database, { atMs: clock(), event, fields: { ...fields, by: actor } })
}
