/** A forecast reads its lookback and nothing else: bars that a caller supplies give the same bits. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  CHECKOUT,
  createWorkplace,
  documentOf,
  SMALL_CONFIG,
  successOf,
  type Workplace,
} from './cli-process.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const MODELS = ['har', 'garch', 'lstm']

let workplace: Workplace
let header = ''
let rows: readonly string[] = []

beforeAll(async () => {
  workplace = await createWorkplace()
  const sample = await readFile(join(CHECKOUT, 'data/sample/AAPL.csv'), 'utf8')
  const [first = '', ...others] = sample.trimEnd().split('\n')
  header = first
  rows = others
  for (const candidate of MODELS) {
    const models = ['naive', candidate]
    await workplace.write('candidate.json', { ...SMALL_CONFIG, models, candidate })
    successOf(await workplace.tickerflow(['train', '--config', 'candidate.json', '--json']))
  }
})
afterAll(() => workplace.remove())

/** The forecast of a version from the last rows of the sample as a file. */
async function forecastFromLast(count: number, version: number) {
  await workplace.write('last.csv', [header, ...rows.slice(-count), ''].join('\n'))
  const now = ['--now', '2013-03-02T12:00:00Z']
  const model = ['--model-version', String(version)]
  return workplace.tickerflow(['forecast', '--csv', 'last.csv', ...now, ...model, '--json'])
}

describe.each(MODELS.map((model, i) => ({ model, version: i + 1 })))('$model', ({ version }) => {
  test('from exactly its lookback forecasts the bits that the whole history gives', async () => {
    const tooFew = await forecastFromLast(20, version)
    expect(tooFew.exitCode).toBe(3)
    const { error } = documentOf(tooFew)
    expect(error.code).toBe('DATA_INSUFFICIENT')
    const { lookback } = error.details
    expect(error.message).toContain(`reads ${lookback} sessions`)
    expect(lookback).toBeLessThan(600)

    const whole = successOf(await forecastFromLast(rows.length, version))
    expect(whole).toMatchObject({ asOf: '2013-03-01', referenceClose: 430.47, historical: false })
    expect(successOf(await forecastFromLast(lookback, version))).toEqual(whole)

    const oneLess = await forecastFromLast(lookback - 1, version)
    expect(documentOf(oneLess).error.code).toBe('DATA_INSUFFICIENT')
  })
})
