/** What is tried on one series is counted, whoever tries it, and weighed when the gate is asked. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Config } from '../../src/config.ts'
import { runLifecycle } from '../../src/pipeline/lifecycle.ts'
import type { RunDocument } from '../../src/pipeline/run-document.ts'
import { candidatesTriedOn, trialsOf } from '../../src/registry/trial-ledger.ts'
import { openLifecycle, silentProgress, type TestLifecycle } from './lifecycle-application.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let lifecycle: TestLifecycle
let first: RunDocument

const run = (changes: Partial<Config> = {}) =>
  runLifecycle(lifecycle.app, {
    config: { ...lifecycle.config, ...changes },
    progress: silentProgress(),
  })
const tried = () => trialsOf(lifecycle.app.database, first.data.digest)

beforeAll(async () => {
  lifecycle = await openLifecycle({ gate: { version: 'two looks', alpha: 0.04 } })
  first = await run()
})
afterAll(() => lifecycle.end())

describe('the trial ledger over several runs', () => {
  test('the first candidate is the first trial, and the benchmarks beside it are none', () => {
    expect(first.selection).toMatchObject({ trial: 1, recipes: 1, overfitting: null })
    expect(tried().map(({ model, role }) => [model, role])).toEqual([
      ['har', 'candidate'],
      ['naive', 'benchmark'],
      ['ewma', 'benchmark'],
    ])
  })

  test('the declared policy is the one that judges', () => {
    const claim = first.gate.claims.find(({ claim: name }) => name === 'better-than-naive')
    expect(claim?.threshold).toBeCloseTo(0.02, 12)
  })

  test('the same again is no new trial; another recipe is, and asks more of the evidence', async () => {
    const again = await run()
    expect(again.selection.trial).toBe(1)
    const other = await run({ candidate: 'ewma' })
    expect(other.selection).toMatchObject({ trial: 2, recipes: 2 })
    expect(other.selection.overfitting).toMatchObject({ recipes: 2, byCrps: expect.any(Number) })
    const claim = other.gate.claims.find(({ claim: name }) => name === 'better-than-naive')
    expect(claim?.threshold).toBeCloseTo(0.04 / 6, 12)
    expect(claim?.statement).toContain('trial 2 on these days')
  })

  test('daily results are kept for as long as the store', () => {
    const span = { symbol: 'AAPL', horizon: 1, firstDay: 0, lastDay: 1e6 }
    const [har] = candidatesTriedOn(lifecycle.app.database, span)
    expect(har?.date).toHaveLength(first.scores.har?.n ?? 0)
    const crps = (har?.losses ?? new Float64Array()).reduce((sum, loss) => sum + loss, 0)
    expect(crps / (har?.losses.length ?? 0)).toBeCloseTo(first.scores.har?.crps ?? 0, 8)
  })

  test('a policy that is wrong is refused before anything is done', async () => {
    await expect(openLifecycle({ gate: { alpha: 2 } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining("'/alpha'"),
    })
  })
})
