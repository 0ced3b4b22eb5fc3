/** A version of several horizons, from the run that makes it to the proof that it can be made again. */
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createWorkplace, SMALL_CONFIG, successOf, type Workplace } from './cli-process.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let workplace: Workplace
// biome-ignore lint/suspicious/noExplicitAny: documents are read as scripts read them, untyped
let both: any
// biome-ignore lint/suspicious/noExplicitAny: as above
let networks: any

const read = async (...args: readonly string[]) =>
  successOf(await workplace.tickerflow([...args, '--json']))

// biome-ignore lint/suspicious/noExplicitAny: as above
const artifact = async ({ report }: any, name: string): Promise<string> =>
  await readFile(join(report, '..', name), 'utf8')

beforeAll(async () => {
  workplace = await createWorkplace()
  await workplace.write('har.json', {
    ...SMALL_CONFIG,
    models: ['naive', 'ewma', 'har'],
    candidate: 'har',
  })
  networks = await read('train', '--config', 'small.json', '--horizon', '1,5')
  both = await read('run', '--config', 'har.json', '--horizon', '1,5')
})
afterAll(() => workplace.remove())

describe('a version that is promoted on its first horizon, with one that the gate holds', () => {
  test('is live; the held horizon says why its forecasts are not usable', async () => {
    expect(both.gate.decision).toBe('promote')
    expect(both.version.environment).toBe('production')
    expect(both.forecast).toMatchObject({ horizon: 1, usable: true })
    const [later] = both.horizons
    expect(later).toMatchObject({ horizon: 5, gate: { decision: 'hold' } })
    const why = `the gate's verdict on the 5-session forecasts of aapl-forecaster version 2 is hold`
    expect(later.forecast).toMatchObject({ horizon: 5, usable: false, reasons: [why] })
  })

  test('leaves no finished folds behind, which the next run would take for interrupted work', async () => {
    const kept = await readdir(workplace.path('.tickerflow', 'checkpoints'))
    expect(kept.filter((name) => name.endsWith('.fold'))).toEqual([])
  })

  test('answers each of its horizons', async () => {
    expect(await read('forecast')).toMatchObject(both.forecast)
    expect(await read('forecast', '--horizon', '5')).toMatchObject(both.horizons[0].forecast)
    const refused = await workplace.tickerflow(['forecast', '--horizon', '20'])
    expect(refused.exitCode).not.toBe(0)
    expect(refused.stderr).toContain('forecasts 1, 5 session(s) ahead, not 20')
  })

  test('says in its tags, its card and the audit log what was decided', async () => {
    const { versions } = await read('models', 'show', 'aapl-forecaster')
    expect(versions[0].tags).toMatchObject({
      'tickerflow.horizons': '1,5',
      'tickerflow.verdict.h5': 'hold',
    })
    expect(await artifact(both, 'model-card.md')).toMatch(
      /## Further horizons[\s\S]+5 sessions[\s\S]+hold/,
    )
    expect(JSON.parse(await artifact(both, 'gate/evidence-h5.json')).horizon).toBe(5)
    await read('verify')
  })

  test('scores and forecasts of each horizon are those of a run of it alone', async () => {
    const alone = await read('run', '--config', 'har.json', '--horizon', '5', '--store', 'alone')
    expect(alone.horizons).toBeUndefined()
    expect(alone.scores).toEqual(both.horizons[0].scores)
    expect(alone.gate.reasons).toEqual(both.horizons[0].gate.reasons)
    const { usable: _, reasons: __, ...figures } = alone.forecast
    expect(both.horizons[0].forecast).toMatchObject(figures)
  })
})

describe('networks for several horizons', () => {
  test('have weights of their own, in files of their own', async () => {
    const { artifacts } = await read('runs', 'show', networks.run.id)
    const folder = artifacts.find((place: string) => basename(place) === 'model')
    const manifest = JSON.parse(await readFile(join(folder, 'forecaster.json'), 'utf8'))
    expect(manifest.recipe).toMatchObject({ horizon: 1, furtherHorizons: [5] })
    const digests = ['weights.safetensors', 'weights-h5.safetensors'].map(
      (name) => manifest.files[name].sha256,
    )
    expect(new Set(digests).size).toBe(2)
    const answer = await read('forecast', '--model-version', '1', '--horizon', '5')
    expect(answer).toMatchObject({ horizon: 5, usable: false })
    expect(answer.reasons.join()).toMatch(/gate was not asked about the 5-session forecasts/)
  })

  test('can be made again to the bit, each of them compared', async () => {
    const again = await read('reproduce', networks.run.id, '--config', 'small.json')
    expect(again).toMatchObject({ identical: true })
    const subjects = again.comparisons.map(({ subject }: { subject: string }) => subject)
    expect(subjects).toContain('weights-h5.safetensors, 5 ahead')
    expect(subjects).toContain('loss of network 0, 5 ahead')
  })
})

test('a backtest takes one horizon', async () => {
  const refused = await workplace.tickerflow(['backtest', '--horizon', '1,5'])
  expect(refused.exitCode).toBe(2)
  expect(refused.stderr).toContain('names 2 horizons')
})
