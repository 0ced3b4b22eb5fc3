/** API keys and browsers' sessions, known to every process of the state at once. */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readAuditLog } from '../../../src/registry/audit-log.ts'
import {
  type ApiKeyContext,
  createApiKey,
  hasUsableKey,
  listApiKeys,
  principalOfKey,
  revokeApiKey,
} from '../../../src/serving/access/api-keys.ts'
import {
  createSession,
  endSession,
  principalOfSession,
} from '../../../src/serving/access/sessions.ts'
import type { OpenTestState, TestState } from './test-state.ts'

export function keysContract(openState: OpenTestState): void {
  let state: TestState
  let context: ApiKeyContext
  let ids: number

  beforeEach(async () => {
    state = await openState()
    ids = 0
    context = {
      database: state.database,
      clock: () => 1_000,
      newId: () => `${++ids}`.padStart(12, 'k'),
      randomBytes: () => randomBytes(32),
      actor: 'ada',
    }
  })

  afterEach(() => state.end())

  test('a key works in every process until it is revoked in one of them', async () => {
    const other = await state.again()
    expect(hasUsableKey(other.database, 1_000)).toBe(false)
    const { key, text } = createApiKey(context, { name: 'desk', scopes: ['read', 'predict'] })
    expect(hasUsableKey(other.database, 1_000)).toBe(true)
    expect(principalOfKey(other.database, text, 1_000)).toEqual({
      name: `key:${key.id}:desk`,
      scopes: ['read', 'predict'],
    })
    expect(principalOfKey(other.database, `${text}x`, 1_000)).toBeUndefined()
    const session = createSession(state.database, {
      principal: { name: 'desk', scopes: ['read'] },
      keyId: key.id,
      nowMs: 1_000,
      secret: randomBytes(32),
    })
    expect(principalOfSession(other.database, session, 1_000)?.scopes).toEqual(['read'])
    revokeApiKey({ ...context, database: other.database }, key.id)
    revokeApiKey(context, key.id)
    expect(principalOfKey(state.database, text, 1_000)).toBeUndefined()
    expect(principalOfSession(state.database, session, 1_000)).toBeUndefined()
    const events = readAuditLog(state.database).map(({ event }) => event)
    expect(events).toEqual(['key-created', 'key-revoked'])
  })

  test('a key that expires ends by itself, and the list keeps it', () => {
    const { text } = createApiKey(context, { name: 'short', scopes: ['read'], expiresAtMs: 1_500 })
    expect(principalOfKey(state.database, text, 1_500)).toBeDefined()
    expect(principalOfKey(state.database, text, 1_501)).toBeUndefined()
    expect(hasUsableKey(state.database, 1_501)).toBe(false)
    expect(listApiKeys(state.database)).toMatchObject([
      { name: 'short', expiresAtMs: 1_500, revokedAtMs: undefined },
    ])
  })

  test('a session ends when it is ended', () => {
    const session = createSession(state.database, {
      principal: { name: 'ann', scopes: ['read', 'admin'] },
      nowMs: 1_000,
      secret: randomBytes(32),
    })
    expect(principalOfSession(state.database, session, 1_000)).toEqual({
      name: 'ann',
      scopes: ['read', 'admin'],
    })
    endSession(state.database, session)
    expect(principalOfSession(state.database, session, 1_000)).toBeUndefined()
  })
}
