import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  candidatesTriedOn,
  recordTrial,
  type Trial,
  trialsOf,
} from '../../../src/registry/trial-ledger.ts'
import type { StateDatabase } from '../../../src/state/state-database.ts'
import type { OpenTestState, TestState } from './test-state.ts'

export function trialLedgerContract(openState: OpenTestState): void {
  let state: TestState
  let database: StateDatabase

  beforeEach(async () => {
    state = await openState()
    database = state.database
  })

  afterEach(() => state.end())

  const TRIAL: Trial = {
    symbol: 'AAPL',
    dataDigest: 'd1',
    recipe: 'r1',
    model: 'lstm',
    role: 'candidate',
    horizon: 1,
    date: Int32Array.of(100, 101, 104),
    losses: Float64Array.of(0.01, 0.02, 0.015),
    returns: Float64Array.of(0, -0.5, 0.25),
    atMs: 7,
  }

  const record = (changes: Partial<Trial> = {}) => recordTrial(database, { ...TRIAL, ...changes })

  describe('the trial ledger', () => {
    it('gives back what was recorded', () => {
      record()
      const [trial] = trialsOf(database, 'd1')
      expect(trial).toEqual({ ...TRIAL, id: 1, losses: TRIAL.losses.map(Math.fround) })
      expect(trialsOf(database, 'd2')).toEqual([])
    })

    it('numbers candidates by their order, and counts the same trial once', () => {
      expect(record()).toBe(1)
      expect(record({ recipe: 'r2' })).toBe(2)
      expect(record({ atMs: 8 })).toBe(1)
      expect(record({ recipe: 'r2', model: 'again' })).toBe(2)
      expect(record({ recipe: 'r3' })).toBe(3)
      expect(trialsOf(database, 'd1')).toHaveLength(3)
    })

    it('counts the same recipe with other losses as another trial', () => {
      record()
      expect(record({ losses: TRIAL.losses.with(1, 0.020000000001) })).toBe(2)
    })

    it('counts on when a bar is added: other data, overlapping days', () => {
      record()
      const longer = {
        dataDigest: 'd2',
        date: Int32Array.of(101, 104, 105),
      }
      expect(record(longer)).toBe(2)
      const span = { symbol: 'AAPL', horizon: 1, firstDay: 104, lastDay: 200 }
      expect(candidatesTriedOn(database, span).map(({ dataDigest }) => dataDigest)).toEqual([
        'd1',
        'd2',
      ])
      expect(candidatesTriedOn(database, { ...span, firstDay: 105 })).toHaveLength(1)
    })

    it('counts each symbol, each horizon and days without overlap by themselves', () => {
      record()
      expect(record({ symbol: 'MSFT' })).toBe(1)
      expect(record({ horizon: 5 })).toBe(1)
      expect(record({ date: Int32Array.of(105, 106, 107) })).toBe(1)
    })

    it('keeps benchmarks without counting them', () => {
      record({ role: 'benchmark', recipe: 'naive' })
      record({ role: 'benchmark', recipe: 'har' })
      expect(record()).toBe(1)
      expect(trialsOf(database, 'd1')).toHaveLength(3)
    })

    it('is never changed nor cut', () => {
      record()
      expect(() => database.prepare("UPDATE trials SET role = 'benchmark'").run()).toThrow(
        /append-only/,
      )
      expect(() => database.prepare('DELETE FROM trials').run()).toThrow(/append-only/)
    })

    it('refuses columns of different lengths, and no days', () => {
      expect(() => record({ returns: new Float64Array(2) })).toThrowError(RangeError)
      const none = {
        date: new Int32Array(),
        losses: new Float64Array(),
        returns: new Float64Array(),
      }
      expect(() => record(none)).toThrowError(RangeError)
    })
  })
}
