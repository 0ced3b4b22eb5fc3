import { expect, test } from 'vitest'
import { TickerflowError } from '../../errors.ts'
import { SqliteConnection } from '../../sqlite/sqlite-connection.ts'
import { migrate } from '../../sqlite/sqlite-migrations.ts'
import { createKeyMemory } from './key-memory.ts'
import { KEYS_SCHEMA } from './keys-schema.ts'

const SECRET = 'tfk_k1_secret'
const HASH = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b'

function opened(rememberMs: number) {
  const database = new SqliteConnection(':memory:')
  migrate(database, KEYS_SCHEMA)
  database
    .prepare(`INSERT INTO api_keys VALUES ('k1', 'desk', ?, '["read"]', 1, NULL, NULL)`)
    .run(HASH)
  const at = { nowMs: 1_000, isAway: false }
  const guarded = new Proxy(database, {
    get(target, name) {
      if (at.isAway) throw new TickerflowError('STATE_UNREACHABLE', 'The database is away.')
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const clock = () => at.nowMs
  const find = createKeyMemory({ database: guarded, rememberMs, clock, stopwatch: clock })
  const revoke = () => database.execute('UPDATE api_keys SET revoked_at = 1')
  return { at, find, revoke }
}

test('a revoked key ends at once, or when it is no longer remembered', () => {
  const exact = opened(0)
  expect(exact.find(SECRET)?.scopes).toEqual(['read'])
  exact.revoke()
  expect(exact.find(SECRET)).toBeUndefined()
  const { at, find, revoke } = opened(2_000)
  expect(find(SECRET)?.name).toBe('key:k1:desk')
  revoke()
  at.nowMs += 1_999
  expect(find(SECRET)?.name).toBe('key:k1:desk')
  at.nowMs += 1
  expect(find(SECRET)).toBeUndefined()
  expect(find('tfk_k1_other')).toBeUndefined()
})

test('while the records are away, a key that was good goes on for a minute, and no other', () => {
  const { at, find } = opened(2_000)
  find(SECRET)
  at.isAway = true
  at.nowMs += 59_000
  expect(find(SECRET)?.scopes).toEqual(['read'])
  expect(() => find('tfk_k2_other')).toThrow('away')
  at.nowMs += 1_000
  expect(() => find(SECRET)).toThrow('away')
})
