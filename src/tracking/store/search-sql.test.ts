import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SqliteConnection } from '../../sqlite/sqlite-connection.ts'
import { searchRuns } from './run-search.ts'
import { ensureMlflowSchema } from './schema.ts'
import type { StoreContext } from './store-context.ts'

/** Every SQL text that it has been given. */
class ListeningConnection extends SqliteConnection {
  readonly heard: string[] = []

  override prepare(sql: string) {
    this.heard.push(sql)
    return super.prepare(sql)
  }

  override prepareOnce(sql: string) {
    this.heard.push(sql)
    return super.prepareOnce(sql)
  }
}

let directory: string
let connection: ListeningConnection
let context: StoreContext

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'search-sql-'))
  connection = new ListeningConnection(join(directory, 'mlflow.db'))
  ensureMlflowSchema(connection, 1)
  const places = { artifactsDirectory: directory, tmpDirectory: directory }
  context = { connection, clock: () => 1, newId: () => '', ...places }
})
afterAll(() => {
  connection.close()
  rmSync(directory, { recursive: true, force: true })
})

/** Text that would do something if it became part of an SQL text. */
const text = fc.oneof(
  fc.string({ minLength: 1, unit: 'binary' }),
  fc.constantFrom("'; DROP TABLE runs; --", '" OR 1=1', '?', ') UNION SELECT 1 --', '\0', '🙂'),
)
const key = text.filter((one) => !one.includes('`') && one !== '')
const words = fc.record({
  param: key,
  tag: key,
  metric: key,
  value: text,
  list: fc.array(text, { minLength: 1 }),
})
type Words = (typeof words extends fc.Arbitrary<infer T> ? T : never) & object

function sqlOf({ param, tag, metric, value, list }: Words): readonly string[] {
  const literal = (one: string) => `'${one.replaceAll("'", "''")}'`
  connection.heard.length = 0
  const filter = [
    `params.\`${param}\` = ${literal(value)}`,
    `tags.\`${tag}\` ILIKE ${literal(value)}`,
    `metrics.\`${metric}\` > 0.5`,
    `run_name NOT IN (${list.map(literal).join(', ')})`,
  ].join(' AND ')
  searchRuns(context, {
    ...{ experimentIds: ['0'], filter, statuses: ['RUNNING'] },
    orderBy: [`params.\`${param}\` DESC`, `metrics.\`${metric}\``],
  })
  return [...connection.heard]
}

describe('the SQL of a search', () => {
  it('is the same whatever the keys and values are: they are bound, never spliced in', () => {
    const plain = sqlOf({ param: 'a', tag: 'b', metric: 'c', value: 'd', list: ['e'] })
    expect(plain.length).toBeGreaterThan(0)
    fc.assert(
      fc.property(words, (one) => {
        expect(sqlOf(one)).toEqual(plain)
      }),
      { numRuns: 300, seed: 3 },
    )
  })

  it('looks values up by their keys: it never reads a whole table of them', () => {
    const all = sqlOf({ param: 'a', tag: 'b', metric: 'c', value: 'd', list: ['e'] })
    const steps = all.flatMap((sql) => {
      const plan = connection.prepareOnce(`EXPLAIN QUERY PLAN ${sql}`)
      const values = Array(sql.split('?').length - 1).fill('')
      return plan.all(...values).map(({ detail }) => String(detail))
    })
    expect(steps.filter((step) => /^SEARCH (params|tags|latest_metrics)/.test(step))).not.toEqual(
      [],
    )
    expect(
      steps.filter((step) => /^SCAN (params|tags|latest_metrics|metrics)\b/.test(step)),
    ).toEqual([])
  })
})
