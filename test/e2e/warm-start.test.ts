/** A retraining that starts warm: from the live version, on record, and reproduced to the bit. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  createWorkplace,
  SMALL_CONFIG,
  successOf,
  type Workplace,
} from '../integration/cli-process.ts'

let workplace: Workplace
beforeEach(async () => {
  workplace = await createWorkplace()
  const lstm = { ...SMALL_CONFIG.lstm, warmStartEpochs: 2 }
  await workplace.write('tickerflow.config.json', { ...SMALL_CONFIG, source: 'sample', lstm })
})
afterEach(() => workplace.remove())

const read = async (...args: readonly string[]) =>
  successOf(await workplace.tickerflow([...args, '--store', 'store', '--json']))

test('a retraining goes on from the live version, says so, and can be reproduced', async () => {
  const { run: cold } = await read('run')
  const override = ['--override', '--reason', 'to have something live']
  await read('models', 'promote', 'aapl-forecaster', '1', ...override)
  const { retraining } = await read('retrain', '--shadow', '0')
  const tagsOf = async (id: string) => (await read('runs', 'show', id)).tags
  expect(await tagsOf(retraining.run)).toMatchObject({ 'tickerflow.warmStart': '1' })
  expect(await tagsOf(cold.id)).not.toHaveProperty(['tickerflow.warmStart'])
  expect(await read('reproduce', retraining.run)).toMatchObject({ identical: true })
})
