/** `tickerflow check leakage` on the sample, with honest and with planted features. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createWorkplace, documentOf, successOf, type Workplace } from './cli-process.ts'

vi.setConfig({ testTimeout: 60_000 })

const PLANTED = `export default [
  { name: 'range', lookback: 1, description: 'High over low.',
    compute: (base, bars) => bars.high.map((high, t) => high / bars.low[t]) },
  { name: 'centred', lookback: 3, description: 'Peeks at tomorrow.',
    compute: (base) => base.logReturn.map((r, t) => r + (base.logReturn[t + 1] ?? 0)) },
  { name: 'forgetful', lookback: 2, description: 'Reads further back than it says.',
    compute: (base) => base.logReturn.map((r, t) => r + (base.logReturn[t - 4] ?? 0)) },
]`

let workplace: Workplace
const check = (...args: readonly string[]) =>
  workplace.tickerflow(['check', 'leakage', '--panel', 'none', '--json', ...args])

beforeAll(async () => {
  workplace = await createWorkplace()
})
afterAll(() => workplace.remove())

test('finds nothing in what the program computes', async () => {
  const config = ['--config', 'small.json']
  const document = successOf(await check(...config, '--symbol', 'IBM', '--cuts', '4'))
  expect(document).toMatchObject({
    symbols: ['IBM'],
    models: ['naive', 'ewma', 'har', 'lstm'],
    cuts: 4,
    findings: [],
  })
  expect(document.features).toContain('ewmaVolatility')
  expect(document.fittedTo).toHaveLength(3)
})

test('finds planted features, names them and ends with exit code 3', async () => {
  await workplace.write('planted.ts', PLANTED)
  const outcome = await check('--models', 'naive', '--features', 'planted.ts')
  expect(outcome.exitCode).toBe(3)
  expect(documentOf(outcome).findings).toMatchObject([
    { subject: 'centred', message: expect.stringContaining('it reads the future') },
    { subject: 'forgetful', message: expect.stringContaining('all that it says it reads') },
  ])
})

test('refuses a module that does not hold features', async () => {
  await workplace.write('wrong.ts', 'export default [{ name: "x" }]')
  const outcome = await check('--features', 'wrong.ts')
  expect(outcome.exitCode).toBe(2)
  expect(documentOf(outcome).error.code).toBe('CONFIG_INVALID')
})
