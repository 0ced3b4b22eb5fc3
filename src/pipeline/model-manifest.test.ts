import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { simulateBars } from '../../test/simulated-bars.ts'
import { digestOf } from '../canonical-json.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import { createForecaster } from '../forecast/model-catalogue.ts'
import { createRandom } from '../numerics/random.ts'
import {
  decodeManifest,
  decodeModel,
  encodeModel,
  MANIFEST_FILE,
  type ModelFiles,
  type SavedModel,
  WEIGHTS_FILE,
} from './model-manifest.ts'
import { createRecipe } from './recipe.ts'

const OPTIONS = { windowLength: 3, hiddenSizes: [2], epochs: 1, seeds: 2, validationSessions: 80 }
const frame = buildFeatureFrame(simulateBars({ sessions: 700, seed: 'manifest' }))
let model: SavedModel
let files: ModelFiles

beforeAll(() => {
  const spec = { name: 'lstm', options: OPTIONS }
  const saved = createForecaster(spec)
    .fit({
      frames: [frame],
      symbol: 'SIM',
      span: { from: frame.date[0] as number, to: frame.date[699] as number },
      horizon: 1,
      random: createRandom(1),
    })
    .serialise()
  const recipe = createRecipe({ spec, symbol: 'SIM', panel: ['SIM'], horizon: 1, seed: 1 })
  model = { recipe, trainedTo: '2003-01-02', saved }
  files = encodeModel(model)
})

const fileOf = (name: string) => files.get(name) as Uint8Array

/** As a version is loaded, from the two files that matter. */
function decode(manifest: Uint8Array, weights: Uint8Array): SavedModel {
  return decodeModel(decodeManifest(manifest), weights)
}

/** The manifest with fields changed, under a digest that is right again. */
function forged(change: object): Uint8Array {
  const { digest: _, ...content } = {
    ...JSON.parse(new TextDecoder().decode(fileOf(MANIFEST_FILE))),
    ...change,
  }
  const text = JSON.stringify({ ...content, digest: digestOf(content) }, null, 2)
  return new TextEncoder().encode(`${text}\n`)
}

describe('the files of a model version', () => {
  test('give the same model back, and the same files again', () => {
    const read = decode(fileOf(MANIFEST_FILE), fileOf(WEIGHTS_FILE))
    expect(read).toEqual(model)
    expect(encodeModel(read)).toEqual(files)
    expect([...files.keys()].at(-1)).toBe(MANIFEST_FILE)
  })

  test('tell a person all that shapes a forecast', () => {
    const manifest = JSON.parse(new TextDecoder().decode(fileOf(MANIFEST_FILE)))
    expect(manifest).toMatchObject({
      format: 'tickerflow-forecaster/2',
      trainedTo: '2003-01-02',
      saved: {
        model: 'lstm',
        horizon: 1,
        state: {
          options: OPTIONS,
          scaler: { names: model.recipe.options.features },
          kernelDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
          networks: [
            { architecture: { hiddenSizes: [2] }, loss: { kind: 'student-t' } },
            { engine: expect.stringMatching(/^wasm-/), sha256: expect.any(String) },
          ],
        },
      },
      files: { [WEIGHTS_FILE]: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
    })
    expect(manifest.features).toContainEqual({ name: 'volumeSurprise', lookback: 20 })
    expect(new TextDecoder().decode(fileOf(MANIFEST_FILE))).not.toContain('"weights":')
  })

  test.each([MANIFEST_FILE, WEIGHTS_FILE])('are refused with any byte of %s changed', (name) => {
    const [manifest, weights] = [fileOf(MANIFEST_FILE), fileOf(WEIGHTS_FILE)]
    fc.assert(
      fc.property(fc.nat(fileOf(name).length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Uint8Array.from(fileOf(name))
        bytes[at] = (bytes[at] as number) ^ flip
        const read = () =>
          name === MANIFEST_FILE ? decode(bytes, weights) : decode(manifest, bytes)
        expect(read).toThrow(expect.objectContaining({ code: 'MODEL_DAMAGED' }))
        expect(read).toThrow(name)
      }),
      { seed: 3, numRuns: 300 },
    )
  })

  test.each([MANIFEST_FILE, WEIGHTS_FILE])('are refused with %s cut or grown', (name) => {
    const [manifest, weights] = [fileOf(MANIFEST_FILE), fileOf(WEIGHTS_FILE)]
    fc.assert(
      fc.property(fc.nat(fileOf(name).length - 1), fc.boolean(), (length, grown) => {
        const whole = fileOf(name)
        const bytes = grown
          ? Uint8Array.from([...whole, ...whole.subarray(length)])
          : whole.subarray(0, length)
        const read = () =>
          name === MANIFEST_FILE ? decode(bytes, weights) : decode(manifest, bytes)
        expect(read).toThrow(expect.objectContaining({ code: 'MODEL_DAMAGED' }))
      }),
      { seed: 4, numRuns: 100 },
    )
  })

  test('say which file is wrong in what way', () => {
    const manifest = fileOf(MANIFEST_FILE)
    const text = new TextDecoder().decode(manifest)
    const reworded = (from: string, to: string) => new TextEncoder().encode(text.replace(from, to))
    const cases: [Uint8Array, string][] = [
      [reworded('forecaster/2', 'forecaster/1'), `format is "tickerflow-forecaster/1", expected`],
      [new TextEncoder().encode('null\n'), 'format is undefined'],
      [reworded('"SIM"', '"SAM"'), 'its content has the digest'],
      [reworded('  "', '   "'), 'if only in white space'],
      [forged({ trainedTo: 5 }), "'/trainedTo' must be string"],
      [forged({ saved: { model: 'oracle', horizon: 1, state: {} } }), "'/saved/model'"],
      [
        forged({ features: [{ name: 'volumeSurprise', lookback: 9 }] }),
        'with a lookback of 9; here',
      ],
      [forged({ features: [{ name: 'mood', lookback: 1 }] }), 'this program has none'],
    ]
    for (const [bytes, message] of cases) {
      expect(() => decodeManifest(bytes)).toThrow(message)
      expect(() => decodeManifest(bytes)).toThrow(`'${MANIFEST_FILE}' cannot be used`)
    }
    expect(() => decodeModel(decodeManifest(manifest))).toThrow(
      `'${WEIGHTS_FILE}' cannot be used: it is missing`,
    )
  })

  test('do not fit together when the state was forged', () => {
    const { saved } = decodeManifest(fileOf(MANIFEST_FILE))
    const state = saved.state as Record<string, Record<string, unknown>>
    const withState = (change: object) =>
      forged({ saved: { ...saved, state: { ...state, ...change } } })
    const cases: [Uint8Array, string][] = [
      [withState({ options: { ...state.options, windowLength: 4 } }), 'its options say'],
      [withState({ scaler: { ...state.scaler, mean: [0] } }), 'means and deviations'],
      [withState({ scaler: { ...state.scaler, names: ['logReturn'] } }), 'its scaler is of'],
      [withState({ networks: [] }), '/networks'],
      [withState({ networks: [{}] }), 'network 0 is of'],
    ]
    for (const [bytes, message] of cases) {
      const read = () => decode(bytes, fileOf(WEIGHTS_FILE))
      expect(read).toThrow(message)
      expect(read).toThrow(expect.objectContaining({ code: 'MODEL_DAMAGED' }))
    }
  })
})
