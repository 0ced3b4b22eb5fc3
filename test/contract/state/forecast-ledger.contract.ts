import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { countLines } from '../../../src/monitoring/ledger/forecast-ledger.ts'
import type { IssuedForecast } from '../../../src/monitoring/ledger/ledger-line.ts'
import {
  chainHeads,
  ledgerDigest,
  readLedger,
  verifyLedger,
} from '../../../src/monitoring/ledger/verify-ledger.ts'
import type { StateDatabase } from '../../../src/state/state-database.ts'
import type { OpenTestState, TestState } from './test-state.ts'

export function forecastLedgerContract(openState: OpenTestState): void {
  const INPUTS = 'ab'.repeat(32)

  let state: TestState
  let database: StateDatabase

  beforeEach(async () => {
    state = await openState()
    database = state.database
  })

  afterEach(() => state.end())

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
    const ledger = state.openLedger('api')
    for (let day = 0; day < days; day++) {
      await ledger.append([{ forecast: issued({ asOf: 15_000 + day }) }])
    }
    await ledger.close()
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
      const ledger = state.openLedger('api')
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
            const writers = new Map(['a', 'b'].map((chain) => [chain, state.openLedger(chain)]))
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
      const other = await state.again()
      const ledgers = [state, other].map(({ openLedger }) => openLedger('api'))
      for (let i = 0; i < 6; i++) await ledgers[i % 2]?.append([{ forecast: issued() }])
      expect(verifyLedger(database)).toMatchObject({
        intact: true,
        lines: 6,
        heads: [{ chain: 'api', seq: 6 }],
      })
    })

    test('has the same digest for the same forecasts, whenever they were grouped', async () => {
      const ledger = state.openLedger('api')
      await Promise.all(
        [1, 2, 3].map((day) => ledger.append([{ forecast: issued({ asOf: day }) }])),
      )
      const digest = ledgerDigest(chainHeads(database))
      const twin = await openState()
      const again = twin.openLedger('api')
      for (const day of [1, 2, 3]) {
        await again.append([
          { forecast: issued({ asOf: day }), request: `r-${day}`, latencyUs: 90 },
        ])
      }
      expect(ledgerDigest(chainHeads(twin.database))).toBe(digest)
      await twin.end()
    })

    test('refuses a forecast that cannot be one, and keeps the lines beside it', async () => {
      const ledger = state.openLedger('api')
      const good = ledger.append([{ forecast: issued() }])
      const bad = ledger.append([
        {
          forecast: issued({
            distribution: { location: 0, scale: Number.NaN, degreesOfFreedom: 5 },
          }),
        },
      ])
      await expect(bad).rejects.toThrow(/AAPL by aapl-forecaster.*scale NaN/)
      await expect(good).resolves.toEqual([{ chain: 'api', seq: 1 }])
      expect(countLines(database)).toBe(1)
    })

    test('says so when it cannot record, and goes on when it can again', async () => {
      const ledger = state.openLedger('api')
      state.edit('ALTER TABLE ledger_requests RENAME TO gone')
      await expect(ledger.append([{ forecast: issued(), request: 'r' }])).rejects.toThrow(
        /ledger_requests/,
      )
      state.edit('ALTER TABLE gone RENAME TO ledger_requests')
      await ledger.append([{ forecast: issued(), request: 'r' }])
      expect(verifyLedger(database)).toMatchObject({ intact: true, lines: 1 })
    })

    test('cannot be changed through SQL by the program itself', async () => {
      await filled(1)
      const run = (sql: string) => () => database.prepare(sql).run()
      expect(run('UPDATE ledger_lines SET location = 1')).toThrow(/append-only/)
      expect(run('DELETE FROM ledger_lines')).toThrow(/append-only/)
    })
  })

  describe('verification of the ledger', () => {
    test.each([
      ['an edited forecast', 'UPDATE ledger_lines SET location = 0.01 WHERE seq = 3', 3],
      ['a backdated line', 'UPDATE ledger_lines SET issued_at = issued_at - 1 WHERE seq = 4', 4],
      [
        'a line made to count as in time',
        'UPDATE ledger_lines SET late = 1 - late WHERE seq = 2',
        2,
      ],
      ['a removed line', 'DELETE FROM ledger_lines WHERE seq = 2', 2],
      ['a track given to another version', 'UPDATE ledger_tracks SET version = 9', 1],
    ])('names %s', async (_, statement, seq) => {
      await filled(5)
      state.edit(statement)
      expect(verifyLedger(database)).toMatchObject({ intact: false, chain: 'api', seq })
    })

    test('shows lines cut off at the end when the heads were exported before', async () => {
      await filled(5)
      const heads = chainHeads(database)
      state.edit('DELETE FROM ledger_lines WHERE seq > 3')
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
      state.edit('DELETE FROM ledger_lines WHERE seq > 2')
      const ledger = state.openLedger('api')
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
}
