/** `tickerflow ledger verify` as a process, on a ledger that somebody has edited. */
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createWorkplace, successOf, type Workplace } from './cli-process.ts'
import { openLifecycle, type TestLifecycle } from './lifecycle-application.ts'

const LINES = 50
const EDITED = 17

let place: Workplace
let lifecycle: TestLifecycle

beforeEach(async () => {
  place = await createWorkplace()
  lifecycle = await openLifecycle({})
  const ledger = lifecycle.app.openLedger('test')
  for (let day = 0; day < LINES; day++) {
    const asOf = 15_000 + day
    const key = {
      symbol: 'AAPL',
      horizon: 1,
      model: 'naive',
      version: 0,
      role: 'baseline',
    } as const
    const distribution = { location: 0, scale: 0.01, degreesOfFreedom: 5 }
    const said = { distribution, referenceClose: 100, inputs: 'ab'.repeat(32), late: false }
    await ledger.append([{ forecast: { ...key, asOf, issuedAtMs: asOf * 86_400_000, ...said } }])
  }
  await ledger.close()
})
afterEach(async () => {
  await lifecycle.end()
  await place.remove()
})

const verify = (...flags: readonly string[]) =>
  place.tickerflow(['ledger', 'verify', '--store', lifecycle.config.store, ...flags])

test('an edited line fails the verification, which names it', async () => {
  expect(successOf(await verify('--json'))).toMatchObject({ intact: true, lines: LINES })
  const database = new DatabaseSync(`${lifecycle.config.store}/tickerflow.db`)
  database.exec(`DROP TRIGGER ledger_lines_are_never_updated;
    UPDATE ledger_lines SET scale = 0.02 WHERE seq = ${EDITED}`)
  database.close()
  const told = await verify('--json')
  expect(told.exitCode).toBe(1)
  expect(JSON.parse(told.stdout)).toMatchObject({ intact: false, chain: 'test', seq: EDITED })
  const shown = await verify()
  expect(shown.exitCode).toBe(1)
  expect(shown.stdout).toContain(`Not intact: chain 'test', line ${EDITED}`)
})
