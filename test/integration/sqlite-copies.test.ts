import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { copyDatabasesAtOneInstant, findDatabaseFault } from '../../src/sqlite/copy-databases.ts'
import { SqliteConnection } from '../../src/sqlite/sqlite-connection.ts'

const ROUNDS = 20

test('copies of two databases are of one instant, while somebody writes both in turn', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sqlite-copies-'))
  const [first, second] = ['first.db', 'second.db'].map((name) => join(directory, name))
  if (first === undefined || second === undefined) throw new RangeError()
  for (const file of [first, second]) {
    const connection = new SqliteConnection(file)
    connection.execute(
      'CREATE TABLE counter (value INTEGER); INSERT INTO counter VALUES (0); CREATE TABLE line (value INTEGER, text TEXT)',
    )
    connection.close()
  }
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const writer = new Worker(new URL('./sqlite-pair-writer.ts', import.meta.url), {
    workerData: { first, second, stop },
  })
  const ended = new Promise((resolve, reject) => writer.on('message', resolve).on('error', reject))
  const seen: number[] = []
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const copies = [first, second].map((file) => ({ file, target: `${file}.${round}` }))
      await copyDatabasesAtOneInstant(copies)
      const [one, other] = copies.map(({ target }) => countOf(target))
      if (one === undefined || other === undefined) throw new RangeError()
      seen.push(one.value)
      expect([0, 1]).toContain(one.value - other.value)
      expect([one.lines, other.lines]).toEqual([one.value, other.value])
    }
  } finally {
    Atomics.store(stop, 0, 1)
    await ended
    rmSync(directory, { recursive: true, force: true })
  }
  // Else nothing was written meanwhile, and there was nothing to be seen.
  expect(new Set(seen).size).toBeGreaterThan(ROUNDS / 2)
})

function countOf(file: string): { value: number; lines: number } {
  expect(findDatabaseFault(file)).toBeUndefined()
  const database = new DatabaseSync(file, { readOnly: true })
  const row = database.prepare('SELECT value, (SELECT count(*) FROM line) AS lines FROM counter')
  const { value, lines } = row.get() ?? {}
  database.close()
  return { value: Number(value), lines: Number(lines) }
}
