import { beforeEach, describe, expect, test } from 'vitest'
import { simulateBars } from '../../test/simulated-bars.ts'
import { digestOf } from '../canonical-json.ts'
import { TickerflowError } from '../errors.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import { MODEL_NAMES } from '../forecast/model-catalogue.ts'
import type { ModelVersion, TrackingStore } from '../tracking/tracking-store.ts'
import { runFinalFit } from './final-fit.ts'
import { loadModelVersion, writeModelFiles } from './model-file.ts'
import { createRecipe, specOfRecipe } from './recipe.ts'

const MANIFEST = 'model/forecaster.json'
const WEIGHTS = 'model/weights.safetensors'
const frame = buildFeatureFrame(simulateBars({ sessions: 700, seed: 'file', symbol: 'FILE' }))

async function fitted(name: string) {
  const small = { windowLength: 4, hiddenSizes: [4], epochs: 1, seeds: 2, validationSessions: 80 }
  const spec = ['lstm', 'combination'].includes(name) ? { name, options: small } : { name }
  const recipe = createRecipe({ spec, symbol: 'FILE', panel: ['FILE'], horizon: 5, seed: 3 })
  const span = { from: frame.date[0] as number, to: frame.date[689] as number }
  const { horizon, seed } = recipe
  const task = { spec: specOfRecipe(recipe), frames: [frame], symbol: 'FILE', span, horizon, seed }
  return { recipe, trainedTo: '2002-10-23', saved: (await runFinalFit(task)).saved }
}

const artifacts = new Map<string, Uint8Array>()

/** A tracking store that knows artifacts only. */
const tracking = {
  async writeArtifact(_runId: string, path: string, content: string | Uint8Array) {
    artifacts.set(path, typeof content === 'string' ? Buffer.from(content) : content)
  },
  async readArtifact(_runId: string, path: string) {
    const content = artifacts.get(path)
    if (content === undefined) throw new TickerflowError('NOT_FOUND', `No artifact ${path}`)
    return content
  },
} as Pick<TrackingStore, 'writeArtifact' | 'readArtifact'> as TrackingStore

const version = { name: 'file-forecaster', version: 4, runId: 'r1' } as ModelVersion
const load = () => loadModelVersion(tracking, version)

beforeEach(() => artifacts.clear())

describe.each([...MODEL_NAMES])('a %s version', (name) => {
  test('comes back from its files with the same bits', async () => {
    const model = await fitted(name)
    await writeModelFiles(tracking, 'r1', model)
    const { recipe, trainedTo, forecaster } = await load()
    expect(recipe).toEqual(model.recipe)
    expect(trainedTo).toBe('2002-10-23')
    expect(forecaster.serialise()).toStrictEqual(model.saved)
    expect(forecaster.forecast(frame, 699)).toBeDefined()
  })

  test('has the same files when it is written again', async () => {
    await writeModelFiles(tracking, 'r1', await fitted(name))
    const first = new Map(artifacts)
    await writeModelFiles(tracking, 'r1', await fitted(name))
    expect(artifacts).toEqual(first)
  })
})

async function refusal(): Promise<TickerflowError> {
  const error = await load().catch((caught) => caught)
  expect(error).toMatchObject({ name: 'TickerflowError', code: 'MODEL_DAMAGED' })
  expect(error.message).toContain('file-forecaster version 4')
  expect(error.message).toMatch(/train again with `tickerflow run`|Train it again/)
  return error
}

describe('a version is refused by its name and number, with what is wrong, when', () => {
  beforeEach(async () => writeModelFiles(tracking, 'r1', await fitted('lstm')))

  const text = () => Buffer.from(artifacts.get(MANIFEST) ?? []).toString('utf8')
  const put = (content: string) => artifacts.set(MANIFEST, Buffer.from(content))

  test.each<[string, () => unknown, RegExp]>([
    ['its manifest is not JSON', () => put('not JSON at all'), /not JSON/],
    ['its manifest is empty', () => put(''), /not JSON/],
    ['its manifest is cut off', () => put(text().slice(0, -40)), /not JSON/],
    [
      'its manifest is some other JSON',
      () => put('{"weights": [1, 2]}'),
      /its format is undefined/,
    ],
    ['its manifest is null', () => put('null'), /its format is undefined/],
    [
      'its format is older',
      () => put(text().replace('forecaster/2', 'forecaster/1')),
      /format is "/,
    ],
    ['a figure was changed', () => put(text().replace('"seed": 3', '"seed": 4')), /digest/],
    ['a field was taken out', () => put(text().replace('"trainedTo"', '"trained"')), /trainedTo/],
    ['its manifest is missing', () => artifacts.delete(MANIFEST), /run r1 does not have it/],
    ['its weights are missing', () => artifacts.delete(WEIGHTS), /run r1 does not have it/],
    [
      'a byte of its weights was changed',
      () => (artifacts.get(WEIGHTS) ?? new Uint8Array()).fill(7, -5, -4),
      /weights\.safetensors.*SHA-256/,
    ],
    [
      'its weights are cut off',
      () => artifacts.set(WEIGHTS, (artifacts.get(WEIGHTS) ?? new Uint8Array()).slice(0, -8)),
      /bytes, expected/,
    ],
  ])('%s', async (_, damage, expected) => {
    damage()
    expect((await refusal()).message).toMatch(expected)
  })

  test('its state makes no sense, whatever its digest says', async () => {
    await writeModelFiles(tracking, 'r1', await fitted('garch'))
    const { digest: _, ...content } = JSON.parse(text())
    content.saved.state.omega = -1
    put(`${JSON.stringify({ ...content, digest: digestOf(content) }, null, 2)}\n`)
    expect((await refusal()).message).toMatch(/'garch' model is damaged or foreign at '\/omega'/)
  })

  test('its model is unknown to this program, whatever its digest says', async () => {
    const { digest: _, ...content } = JSON.parse(text())
    content.saved.model = 'oracle'
    put(`${JSON.stringify({ ...content, digest: digestOf(content) }, null, 2)}\n`)
    expect((await refusal()).message).toMatch(/saved\/model/)
  })

  test('it has no run', async () => {
    const { runId: _, ...homeless } = version
    const error = loadModelVersion(tracking, { ...homeless, runId: undefined })
    await expect(error).rejects.toThrow(/file-forecaster version 4.*no source run/)
  })
})

test('a failure of the store is not taken for damage', async () => {
  const failing = {
    readArtifact: () => Promise.reject(new TickerflowError('STORE_BUSY', 'planted')),
  } as unknown as TrackingStore
  const loading = loadModelVersion(failing, version)
  await expect(loading).rejects.toMatchObject({ code: 'STORE_BUSY', message: 'planted' })
})
