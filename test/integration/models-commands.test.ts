/** `tickerflow models …` as people use it: ask, approve, override, roll back, look back, compare. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  createWorkplace,
  documentOf,
  SMALL_CONFIG,
  successOf,
  type Workplace,
} from './cli-process.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const MODEL = 'aapl-forecaster'
const SPAN = { ...SMALL_CONFIG, evaluation: { from: '2009-01-01', to: '2012-12-31' } }
const TEAM = { gate: { approvals: 'team' }, promotion: { approvers: ['grace', 'ada'] } }

let workplace: Workplace
// biome-ignore lint/suspicious/noExplicitAny: documents are read as scripts read them, untyped
let asked: any

const models = (...args: readonly string[]) =>
  workplace.tickerflow(['models', ...args, '--config', 'team.json', '--json'])
const read = async (...args: readonly string[]) => successOf(await models(...args))
const refusal = async (...args: readonly string[]) => documentOf(await models(...args)).error

beforeAll(async () => {
  workplace = await createWorkplace()
  const har = { ...SPAN, models: ['naive', 'ewma', 'har'], candidate: 'har' }
  await workplace.write('team.json', { ...har, ...TEAM })
  await workplace.write('drift.json', {
    ...SPAN,
    ...TEAM,
    models: ['naive', 'drift', 'har'],
    candidate: 'drift',
  })
  asked = successOf(await workplace.tickerflow(['run', '--config', 'team.json', '--json']))
})
afterAll(() => workplace.remove())

describe('under the policy team', () => {
  test('a run ends in Staging, with a request that awaits approval', async () => {
    expect(asked.gate.decision).toBe('promote')
    expect(asked.version).toMatchObject({ version: '1', environment: 'staging' })
    expect(await read('requests')).toMatchObject([
      { model: MODEL, version: 1, environment: 'production', kind: 'gate', state: 'gated' },
    ])
  })

  test('the one who asked and a stranger cannot approve; one of the named people can', async () => {
    expect(await refusal('approve', MODEL)).toMatchObject({ code: 'APPROVAL_REFUSED' })
    expect(await refusal('approve', MODEL, '--as', 'mallory')).toMatchObject({
      code: 'APPROVAL_REFUSED',
      message: expect.stringContaining('grace, ada'),
    })
    expect(await read('approve', MODEL, '--as', 'grace')).toMatchObject({
      version: 1,
      state: 'committed',
      approver: 'grace',
    })
    expect(await read('requests')).toEqual([])
    expect(await refusal('approve', MODEL, '--as', 'grace')).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('a version that the gate holds', () => {
  test('is judged again on the evidence of its run, without another backtest', async () => {
    const run = ['run', '--config', 'drift.json', '--json']
    const { gate, version } = successOf(await workplace.tickerflow(run))
    expect([gate.decision, version.environment]).toEqual(['hold', 'development'])
    const { promotions } = await read('promote', MODEL, '2', '--as', 'ada')
    expect(promotions).toMatchObject([
      { version: 2, environment: 'staging', state: 'refused', decision: 'hold', requester: 'ada' },
    ])
    expect(promotions[0].reasons).toEqual(gate.reasons)
    const required = await models('promote', MODEL, '2', '--require-promotion')
    expect(required.exitCode).toBe(4)
  })

  test('reaches Production by an override only with a reason and the approval of another', async () => {
    const override = ['promote', MODEL, '2', '--as', 'ada', '--override'] as const
    expect((await models(...override)).exitCode).toBe(2)
    const { promotions } = await read(...override, '--reason', 'a trial')
    expect(promotions).toMatchObject([
      { environment: 'staging', kind: 'override', state: 'committed', reason: 'a trial' },
      { environment: 'production', kind: 'override', state: 'gated', decision: 'hold' },
    ])
    const id = promotions[1].id.slice(0, 8)
    expect(await refusal('approve', id, '--as', 'ada')).toMatchObject({ code: 'APPROVAL_REFUSED' })
    expect(await read('approve', id, '--as', 'grace')).toMatchObject({ state: 'committed' })
  })

  test('that was never judged has no evidence to be promoted on', async () => {
    successOf(await workplace.tickerflow(['train', '--config', 'team.json', '--json']))
    expect(await refusal('promote', MODEL, '3')).toMatchObject({
      code: 'EVIDENCE_MISSING',
      message: expect.stringContaining('has not judged it'),
    })
  })

  test('can be rejected with a reason', async () => {
    await read('promote', MODEL, '3', '--override', '--reason', 'another trial')
    expect((await models('reject', MODEL, '--as', 'grace')).exitCode).toBe(2)
    const rejected = await read('reject', MODEL, '--as', 'grace', '--reason', 'not before July')
    expect(rejected).toMatchObject({ version: 3, state: 'rejected' })
  })
})

describe('what is live', () => {
  test('goes back by one command with a reason, past gate and approvals', async () => {
    expect((await models('rollback', MODEL)).exitCode).toBe(2)
    const back = await read('rollback', MODEL, '--reason', 'it was a trial')
    expect(back).toMatchObject({ version: 1, kind: 'rollback', state: 'committed' })
    expect(await read('list')).toMatchObject([{ name: MODEL, live: 1 }])
    const forecast = ['forecast', '--config', 'team.json', '--json']
    expect(successOf(await workplace.tickerflow(forecast))).toMatchObject({ version: '1' })
  })

  test('has a history, which answers for any instant', async () => {
    const { history, live } = await read('history', MODEL)
    expect(live).toBe(1)
    expect(history).toMatchObject([
      { version: 1, kind: 'gate', approver: 'grace', decision: 'promote' },
      { version: 2, kind: 'override', requester: 'ada', reason: 'a trial', decision: 'hold' },
      { version: 1, kind: 'rollback', reason: 'it was a trial', until: null },
    ])
    const at = async (instant: string) => (await read('history', MODEL, '--at', instant)).live
    expect(await at('2012-06-01')).toBeNull()
    expect(await at(history[1].from)).toBe(2)
    expect(await at(history[1].until)).toBe(1)
    expect((await models('history', MODEL, '--at', 'June')).exitCode).toBe(2)
  })

  test('stays what it is when another client moves the alias, which is told once a command', async () => {
    const code = `
      import { openSqliteTrackingStore } from ${JSON.stringify(new URL('../../src/tracking/store/sqlite.ts', import.meta.url).href)}
      const store = openSqliteTrackingStore({ directory: '.tickerflow', clock: Date.now, newId: () => 'x' })
      await store.setAlias({ name: '${MODEL}', version: 2 }, 'production')
      await store.close()`
    await workplace.tickerflow([], { script: await workplace.write('elsewhere.mjs', code) })
    const seen = await models('list')
    expect(documentOf(seen)).toMatchObject([{ live: 1 }])
    expect(seen.stderr).toContain('The alias of aapl-forecaster for production points at version 2')
    const restoring = await workplace.write('restore.json', {
      promotion: { aliasMoves: 'restore' },
    })
    const put = await workplace.tickerflow(['models', '--config', restoring])
    expect(put.stderr).toContain('It was put back: version 1 stays live')
    expect((await models('list')).stderr).not.toContain('alias')
  })
})

describe('two versions', () => {
  test('are told apart by recipe, data, scores, claims and files', async () => {
    const { sameRecipe, differences } = await read('diff', MODEL, '1', '2')
    expect(sameRecipe).toBe(false)
    expect(differences).toContainEqual({ section: 'recipe', name: 'model', a: 'har', b: 'drift' })
    expect(differences).toContainEqual({
      ...{ section: 'gate', name: 'decision' },
      ...{ a: 'promote', b: 'hold' },
    })
    const sections = new Set(differences.map(({ section }: { section: string }) => section))
    expect([...sections]).toEqual(['recipe', 'scores', 'gate', 'files'])
  })

  test('of one recipe and one data set have the same weights', async () => {
    const { sameRecipe, sameWeights, differences } = await read('diff', MODEL, '1', '3')
    expect({ sameRecipe, sameWeights }).toEqual({ sameRecipe: true, sameWeights: true })
    const sections = new Set(differences.map(({ section }: { section: string }) => section))
    expect(sections).not.toContain('files')
  })
})
