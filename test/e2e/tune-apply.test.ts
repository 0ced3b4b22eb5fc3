/** `tune --apply`: what was found goes into the configuration, which keeps all else; nothing found, nothing written. */
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  createWorkplace,
  documentOf,
  SMALL_CONFIG,
  successOf,
  type Workplace,
} from '../integration/cli-process.ts'

let workplace: Workplace
beforeEach(async () => {
  workplace = await createWorkplace()
})
afterEach(() => workplace.remove())

const tune = { trials: 3, reduction: 3, folds: 2, foldSessions: 60 }
/** A network that hardly learns, and ranges that let it. */
const SLOW = {
  ...SMALL_CONFIG,
  source: 'sample',
  seed: 11,
  lstm: { windowLength: 5, hiddenSizes: [3], epochs: 2, seeds: 1, learningRate: 1e-9 },
  tune: { ...tune, ranges: { learningRate: [0.01, 0.02, 0.03] } },
}
const search = (...flags: readonly string[]) =>
  workplace.tickerflow(['tune', '--apply', '--json', '--store', 'store', ...flags])
const config = async () =>
  JSON.parse(await readFile(workplace.path('tickerflow.config.json'), 'utf8'))

test('a setting that is better is written into the configuration, which keeps everything else', async () => {
  await workplace.write('tickerflow.config.json', SLOW)
  const { best, suggestion, applied } = successOf(await search())
  expect(best).toBeGreaterThan(0)
  expect(applied).toBe(workplace.path('tickerflow.config.json'))
  expect(suggestion.lstm.learningRate).toBeGreaterThanOrEqual(0.01)
  const after = await config()
  expect(after).toEqual({ ...SLOW, ...suggestion })
  expect(after.lstm).toMatchObject({ windowLength: 5, hiddenSizes: [3] })
  // It is a configuration that the program takes.
  const doctor = await workplace.tickerflow(['train', '--json', '--store', 'store'])
  expect(successOf(doctor).version).toMatchObject({ environment: 'development' })
})

test('where no setting is better, the configuration stays as it was', async () => {
  const worse = {
    ...SLOW,
    lstm: { ...SLOW.lstm, learningRate: 0.01 },
    tune: { ...tune, ranges: { learningRate: [1e-9, 2e-9, 3e-9] } },
  }
  const path = await workplace.write('tickerflow.config.json', worse)
  const before = await readFile(path, 'utf8')
  expect(successOf(await search())).toMatchObject({ best: 0, applied: null })
  expect(await readFile(path, 'utf8')).toBe(before)
})

test('a configuration that is a program is refused before any work', async () => {
  await workplace.write('tickerflow.config.ts', 'export default {}\n')
  const outcome = await search()
  expect(outcome.exitCode).toBe(2)
  expect(documentOf(outcome).error).toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('tickerflow.config.ts'),
  })
  expect(outcome.stderr).not.toContain('Read and check')
})
