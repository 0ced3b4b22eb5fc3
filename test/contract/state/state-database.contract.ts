/** What every keeper of the state does with values, rows and transactions. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StateDatabase } from '../../../src/state/state-database.ts'
import type { OpenTestState, TestState } from './test-state.ts'

export function stateDatabaseContract(openState: OpenTestState): void {
  let state: TestState
  let database: StateDatabase

  beforeEach(async () => {
    state = await openState()
    database = state.database
  })

  afterEach(() => state.end())

  const insert = (name: string, at = 1) =>
    database.prepare('INSERT INTO leases VALUES (?, ?, ?)').run(name, 'me', at)
  const names = () =>
    database
      .prepare('SELECT name FROM leases ORDER BY name')
      .all()
      .map(({ name }) => name)

  test('texts, numbers, bytes and nothing come back as they went', () => {
    const bytes = Uint8Array.of(0, 1, 254, 255)
    database
      .prepare(
        'INSERT INTO ledger_tracks (symbol, horizon, model, version, role) VALUES (?, ?, ?, ?, ?)',
      )
      .run('^Ü\'"?$1 \u{1F4C8}', 1, '', Number.MAX_SAFE_INTEGER, '?')
    expect(database.prepare('SELECT * FROM ledger_tracks').get()).toEqual({
      track: 1,
      symbol: '^Ü\'"?$1 \u{1F4C8}',
      horizon: 1,
      model: '',
      version: Number.MAX_SAFE_INTEGER,
      role: '?',
    })
    const line = [1, 1, 1, 0, 0, 0.1 + 0.2, 5e-324, Infinity, 1.7976931348623157e308]
    database.prepare("INSERT INTO ledger_chains (name) VALUES ('a')").run()
    database
      .prepare('INSERT INTO ledger_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)')
      .run(...line, bytes, bytes)
    const row = database.prepare('SELECT * FROM ledger_lines').get() ?? {}
    expect(Object.values(row).slice(0, 9)).toEqual(line)
    expect(Array.from(row.inputs as Uint8Array)).toEqual([...bytes])
    database.prepare('INSERT INTO ledger_requests VALUES (1, 1, ?, NULL)').run(null)
    expect(database.prepare('SELECT request, latency_us FROM ledger_requests').get()).toEqual({
      request: null,
      latency_us: null,
    })
  })

  test('texts are ordered by their bytes', () => {
    for (const name of ['b', 'a', 'Z', '_', 'é']) insert(name)
    expect(names()).toEqual(['Z', '_', 'a', 'b', 'é'])
  })

  test('no row is undefined, and a change says how many rows it changed', () => {
    expect(database.prepare('SELECT 1 AS n FROM leases').get()).toBeUndefined()
    expect(insert('a').changes).toBe(1)
    const change = database.prepare('UPDATE leases SET holder = ? WHERE name = ?')
    expect(change.run('you', 'a').changes).toBe(1)
    expect(change.run('you', 'b').changes).toBe(0)
    expect(
      database.prepare('INSERT INTO leases VALUES (?, ?, ?) ON CONFLICT DO NOTHING').run('a', '', 1)
        .changes,
    ).toBe(0)
  })

  test('a transaction happens or does not', () => {
    database.transaction(() => {
      insert('a')
      database.transaction(() => insert('b'))
    })
    const failing = () =>
      database.transaction(() => {
        insert('c')
        throw new Error('halfway')
      })
    expect(failing).toThrow('halfway')
    expect(names()).toEqual(['a', 'b'])
    expect(() => database.transaction(() => insert('a'))).toThrow(/unique|UNIQUE/)
    insert('d')
    expect(names()).toEqual(['a', 'b', 'd'])
  })

  test('several reads see one moment, whatever another process writes between them', async () => {
    const other = await state.again()
    insert('a')
    const seen = database.read(() => {
      const before = names()
      other.database.prepare('INSERT INTO leases VALUES (?, ?, ?)').run('b', 'other', 1)
      return [before, names()]
    })
    expect(seen).toEqual([['a'], ['a']])
    expect(names()).toEqual(['a', 'b'])
  })

  test('rows are read one by one, by two readers side by side, and given up halfway', () => {
    database.transaction(() => {
      for (let i = 0; i < 5_000; i++) insert(`n${String(i).padStart(5, '0')}`)
    })
    const sql = 'SELECT name FROM leases WHERE name >= ? ORDER BY name'
    expect([...database.iterate(sql, 'n00010')]).toHaveLength(4_990)
    const pairs = database.read(() => {
      const [first, second] = [database.iterate(sql, ''), database.iterate(sql, '')]
      const others = second[Symbol.iterator]()
      let same = 0
      for (const { name } of first) if (others.next().value?.name === name) same++
      return same
    })
    expect(pairs).toBe(5_000)
    for (const { name } of database.iterate(sql, '')) {
      expect(name).toBe('n00000')
      break
    }
    expect(insert('z').changes).toBe(1)
  })
}
