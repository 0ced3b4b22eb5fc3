import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../sqlite/open-database.ts'
import type { SqliteConnection } from '../../sqlite/sqlite-connection.ts'
import { countLines, openForecastLedger } from './forecast-ledger.ts'
import type { IssuedForecast } from './ledger-line.ts'
import { LEDGER_SCHEMA } from './ledger-schema.ts'
import { chainHeads, ledgerDigest, readLedger, verifyLedger } from './verify-ledger.ts'

const INPUTS = 'ab'.repeat(32)

let directory: string
let file: string
let database: SqliteConnection

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ledger-'))
  file = join(directory, 'tickerflow.db')
  database = openDatabase(file, [LEDGER_SCHEMA])
})

afterEach(() => {
  database.close()
  rmSync(directory, { recursive: true, force: true })
})

function issued(change: Partial<IssuedForecast> = {}): IssuedForecast {
  return {
    symbol: 'AAPL',
    horizon: 1,
    model: 'aapl-forecaster',
    version: 3,
    role: 'champion',
    asOf: 15_000,
    issuedAtMs: 1_296_075_600_123,
    distribution: { location: 0.0001, scale: 0.0123456789012345, degreesOfFreedom: 5.5 },
    referenceClose: 49.25,
    inputs: INPUTS,
    late: false,
    ...change,
  }
}

async function filled(days: number): Promise<void> {
  const ledger = openForecastLedger({ database, chain: 'api' })
  for (let day = 0; day < days; day++) {
    await ledger.append([{ forecast: issued({ asOf: 15_000 + day }) }])
  }
  await ledger.close()
}

/** Edits the file as somebody would who wants a better past: without the program. */
function edit(...statements: string[]): void {
  const other = new DatabaseSync(file)
  for (const name of ['updated', 'deleted'])
    other.exec(`DROP TRIGGER ledger_lines_are_never_${name}`)
  for (const statement of statements) other.exec(statement)
  other.close()
}

describe('the forecast ledger', () => {
  test('gives back every field of a line, bit for bit', async () => {
    const lines = [
      issued(),
      issued({ late: true, role: 'shadow', version: 0 }),
      issued({
        symbol: '^GSPC',
        distribution: { location: -0, scale: 5e-324, degreesOfFreedom: Infinity },
      }),
    ]
    const ledger = openForecastLedger({ database, chain: 'api' })
    const places = await ledger.append(lines.map((forecast) => ({ forecast })))
    expect(places.map(({ seq }) => seq)).toEqual([1, 2, 3])
    const back = [...readLedger(database)].map(({ chain, seq, hash, ...line }) => line)
    expect(JSON.stringify(back)).toBe(JSON.stringify(lines))
  })

  test('is intact after any grouping of lines over any writers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            writer: fc.constantFrom('a', 'b'),
            lines: fc.integer({ min: 0, max: 4 }),
            wait: fc.boolean(),
          }),
          { maxLength: 12 },
        ),
        async (steps) => {
          const before = countLines(database)
          const writers = new Map(
            ['a', 'b'].map((chain) => [chain, openForecastLedger({ database, chain })]),
          )
          const waits: Promise<unknown>[] = []
          for (const { writer, lines, wait } of steps) {
            const entries = Array.from({ length: lines }, () => ({ forecast: issued() }))
            const append = writers.get(writer)?.append(entries)
            if (wait) await append
            else waits.push(append ?? Promise.resolve())
          }
          await Promise.all(waits)
          const written = steps.reduce((total, { lines }) => total + lines, 0)
          expect(countLines(database) - before).toBe(written)
          expect(verifyLedger(database).intact).toBe(true)
        },
      ),
      { numRuns: 25 },
    )
  })

  test('continues one chain when two connections write under one name', async () => {
    const other = openDatabase(file, [LEDGER_SCHEMA])
    const ledgers = [database, other].map((connection) =>
      openForecastLedger({ database: connection, chain: 'api' }),
    )
    for (let i = 0; i < 6; i++) await ledgers[i % 2]?.append([{ forecast: issued() }])
    other.close()
    expect(verifyLedger(database)).toMatchObject({
      intact: true,
      lines: 6,
      heads: [{ chain: 'api', seq: 6 }],
    })
  })

  test('has the same digest for the same forecasts, whenever they were grouped', async () => {
    const ledger = openForecastLedger({ database, chain: 'api' })
    await Promise.all([1, 2, 3].map((day) => ledger.append([{ forecast: issued({ asOf: day }) }])))
    const digest = ledgerDigest(chainHeads(database))
    const twin = openDatabase(join(directory, 'twin.db'), [LEDGER_SCHEMA])
    const again = openForecastLedger({ database: twin, chain: 'api' })
    for (const day of [1, 2, 3]) {
      await again.append([{ forecast: issued({ asOf: day }), request: `r-${day}`, latencyUs: 90 }])
    }
    expect(ledgerDigest(chainHeads(twin))).toBe(digest)
    twin.close()
  })

  test('refuses a forecast that cannot be one, and keeps the lines beside it', async () => {
    const ledger = openForecastLedger({ database, chain: 'api' })
    const good = ledger.append([{ forecast: issued() }])
    const bad = ledger.append([
      {
        forecast: issued({ distribution: { location: 0, scale: Number.NaN, degreesOfFreedom: 5 } }),
      },
    ])
    await expect(bad).rejects.toThrow(/AAPL by aapl-forecaster.*scale NaN/)
    await expect(good).resolves.toEqual([{ chain: 'api', seq: 1 }])
    expect(countLines(database)).toBe(1)
  })

  test('says so when it cannot record, and goes on when it can again', async () => {
    const ledger = openForecastLedger({ database, chain: 'api' })
    database.execute('ALTER TABLE ledger_requests RENAME TO gone')
    await expect(ledger.append([{ forecast: issued(), request: 'r' }])).rejects.toThrow(
      /ledger_requests/,
    )
    database.execute('ALTER TABLE gone RENAME TO ledger_requests')
    await ledger.append([{ forecast: issued(), request: 'r' }])
    expect(verifyLedger(database)).toMatchObject({ intact: true, lines: 1 })
  })

  test('cannot be changed through SQL by the program itself', async () => {
    await filled(1)
    expect(() => database.execute('UPDATE ledger_lines SET location = 1')).toThrow(/append-only/)
    expect(() => database.execute('DELETE FROM ledger_lines')).toThrow(/append-only/)
  })
})

describe('verification of the ledger', () => {
  test.each([
    ['an edited forecast', 'UPDATE ledger_lines SET location = 0.01 WHERE seq = 3', 3],
    ['a backdated line', 'UPDATE ledger_lines SET issued_at = issued_at - 1 WHERE seq = 4', 4],
    ['a line made to count as in time', 'UPDATE ledger_lines SET late = 1 - late WHERE seq = 2', 2],
    ['a removed line', 'DELETE FROM ledger_lines WHERE seq = 2', 2],
    ['a track given to another version', 'UPDATE ledger_tracks SET version = 9', 1],
  ])('names %s', async (_, statement, seq) => {
    await filled(5)
    edit(statement)
    expect(verifyLedger(database)).toMatchObject({ intact: false, chain: 'api', seq })
  })

  test('shows lines cut off at the end when the heads were exported before', async () => {
    await filled(5)
    const heads = chainHeads(database)
    edit('DELETE FROM ledger_lines WHERE seq > 3')
    expect(verifyLedger(database).intact).toBe(true)
    expect(verifyLedger(database, heads)).toMatchObject({
      intact: false,
      seq: 4,
      reason: /once had 5 lines/,
    })
  })

  test('shows a chain that was rewritten from some line on', async () => {
    await filled(4)
    const heads = chainHeads(database)
    edit('DELETE FROM ledger_lines WHERE seq > 2')
    const ledger = openForecastLedger({ database, chain: 'api' })
    for (const location of [1, 2, 3]) {
      await ledger.append([
        { forecast: issued({ distribution: { location, scale: 1, degreesOfFreedom: 5 } }) },
      ])
    }
    expect(verifyLedger(database, heads)).toMatchObject({
      intact: false,
      seq: 4,
      reason: /rewritten/,
    })
  })
})
