/** Sessions of browsers: a credential is exchanged for a cookie that scripts cannot read. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { optionalTextOf, textOf } from '../../sqlite/row.ts'
import type { StateDatabase } from '../../state/state-database.ts'
import { isKeyUsable } from './api-keys.ts'
import type { Principal, Scope } from './principal.ts'

export const SESSION_COOKIE = 'tickerflow_session'
/** Goes with every writing request of a session: a foreign page can send the cookie, not this. */
export const CSRF_HEADER = 'x-csrf-token'
/** Sessions that began with a key; the key's end is theirs, too. */
export const KEY_SESSION_MS = 8 * 3_600_000
/** Sessions that began with an OIDC token, which is not looked at again. */
export const TOKEN_SESSION_MS = 3_600_000

export interface NewSession {
  readonly principal: Principal
  /** Id of the key that it began with. */
  readonly keyId?: string | undefined
  readonly nowMs: number
  /** 32 random bytes, from the system. */
  readonly secret: Uint8Array
}

/** @returns The text for the cookie; only its hash is stored. Sessions that have ended are cleared. */
export function createSession(database: StateDatabase, session: NewSession): string {
  const { principal, keyId, nowMs, secret } = session
  const text = Buffer.from(secret).toString('base64url')
  const expiresAtMs = nowMs + (keyId === undefined ? TOKEN_SESSION_MS : KEY_SESSION_MS)
  database.transaction(() => {
    database.prepare('DELETE FROM sessions WHERE expires_at < ?').run(nowMs)
    database
      .prepare('INSERT INTO sessions VALUES (?, ?, ?, ?, ?)')
      .run(
        ...[hashOf(text), principal.name, JSON.stringify(principal.scopes)],
        ...[keyId ?? null, expiresAtMs],
      )
  })
  return text
}

/** `undefined` for none, an ended one, or one whose key was revoked or has expired. */
export function principalOfSession(
  database: StateDatabase,
  text: string,
  nowMs: number,
): Principal | undefined {
  const row = database
    .prepare('SELECT name, scopes, key_id FROM sessions WHERE hash = ? AND expires_at >= ?')
    .get(hashOf(text), nowMs)
  if (row === undefined) return undefined
  const keyId = optionalTextOf(row, 'key_id')
  if (keyId !== undefined && !isKeyUsable(database, keyId, nowMs)) return undefined
  return { name: textOf(row, 'name'), scopes: JSON.parse(textOf(row, 'scopes')) as Scope[] }
}

export function endSession(database: StateDatabase, text: string): void {
  database.prepare('DELETE FROM sessions WHERE hash = ?').run(hashOf(text))
}

/** Follows from the session's text and does not give it away. */
export function csrfTokenOf(text: string): string {
  return createHash('sha256').update(`csrf\n${text}`).digest('base64url')
}

export function isCsrfToken(text: string, received: unknown): boolean {
  const expected = Buffer.from(csrfTokenOf(text))
  const given = Buffer.from(typeof received === 'string' ? received : '')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** The session's text of a request's Cookie header. */
export function sessionTextOf(cookies = ''): string | undefined {
  for (const pair of cookies.split(';')) {
    const [name, value] = pair.trim().split('=')
    if (name === SESSION_COOKIE && value !== undefined && value !== '') return value
  }
  return undefined
}

/** Not sent by other sites; only over TLS where the request came that way. */
export function sessionCookie(text: string, { secure, maxAgeMs }: CookieOptions): string {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${maxAgeMs / 1000}`]
  return [`${SESSION_COOKIE}=${text}`, ...attributes, ...(secure ? ['Secure'] : [])].join('; ')
}

interface CookieOptions {
  readonly secure: boolean
  readonly maxAgeMs: number
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
