/** A model version as files: a JSON manifest, beside it its weights and its ONNX export. */
import { createHash } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { digestOf } from '../canonical-json.ts'
import { TickerflowError } from '../errors.ts'
import { lookbackOf } from '../features/build-frame.ts'
import type { FeatureFrame } from '../features/feature-frame.ts'
import { FEATURES } from '../features/feature-set.ts'
import type { SerialisedForecaster } from '../forecast/forecaster.ts'
import {
  attachWeights,
  detachWeights,
  exportOnnx,
  featuresOf,
  MODEL_NAMES,
} from '../forecast/model-catalogue.ts'
import { exampleFiles } from './input-example.ts'
import { mlmodelText } from './mlmodel-file.ts'
import { environmentFiles } from './model-environment.ts'
import type { Recipe } from './recipe.ts'

export const MANIFEST_FILE = 'forecaster.json'
export const WEIGHTS_FILE = 'weights.safetensors'
const ONNX_FILE = 'model.onnx'
const MLMODEL_FILE = 'MLmodel'
const FORMAT = 'tickerflow-forecaster/2'

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
const File = Type.Object({ bytes: Type.Integer({ minimum: 0 }), sha256: Sha256 })

const Manifest = Type.Object({
  format: Type.Literal(FORMAT),
  recipe: Type.Unsafe<Recipe>(Type.Object({ model: Type.String(), symbol: Type.String() })),
  /** Last session that the model was fitted on, `YYYY-MM-DD`. */
  trainedTo: Type.String(),
  /** What a forecast reads, and how many bars each feature reaches back. */
  features: Type.Array(Type.Object({ name: Type.String(), lookback: Type.Integer() })),
  /** Of an LSTM without its weights. */
  saved: Type.Unsafe<SerialisedForecaster>(
    Type.Object({ model: Type.Enum([...MODEL_NAMES]), horizon: Type.Integer({ minimum: 1 }) }),
  ),
  /** The same for each further horizon; absent where there is none. */
  further: Type.Optional(
    Type.Array(
      Type.Unsafe<SerialisedForecaster>(
        Type.Object({ model: Type.Enum([...MODEL_NAMES]), horizon: Type.Integer({ minimum: 1 }) }),
      ),
      { minItems: 1 },
    ),
  ),
  /** The files beside this one. */
  files: Type.Record(Type.String(), File),
  /** SHA-256 of the canonical JSON of everything else. */
  digest: Sha256,
})
export type Manifest = Static<typeof Manifest>

/** A fitted model and where it comes from. */
export type SavedModel = Pick<Manifest, 'recipe' | 'trainedTo' | 'saved' | 'further'>

/** Contents by file name. */
export type ModelFiles = ReadonlyMap<string, Uint8Array>

/** @param frame Its last row becomes the input example; without it there is none. */
export function encodeModel(
  { recipe, trainedTo, saved, further = [] }: SavedModel,
  frame?: FeatureFrame,
): ModelFiles {
  const detached = detachWeights(saved)
  const others = further.map(detachWeights)
  const files = new Map<string, Uint8Array>()
  if (detached.weights !== undefined) files.set(WEIGHTS_FILE, detached.weights)
  for (const other of others) {
    if (other.weights !== undefined) files.set(weightsFile(other.saved.horizon), other.weights)
  }
  const onnx = exportOnnx(saved, further)
  files.set(ONNX_FILE, onnx.file)
  const examples = frame === undefined ? new Map() : exampleFiles(onnx.columns, frame)
  const hasExample = examples.size > 0
  const texts = new Map([...environmentFiles(), ...examples])
  texts.set(MLMODEL_FILE, mlmodelText({ onnx, onnxFile: ONNX_FILE, hasExample }))
  for (const [name, text] of texts) files.set(name, new TextEncoder().encode(text))
  const content = {
    format: FORMAT,
    recipe,
    trainedTo,
    features: featureNames([saved, ...further]).map((name) => ({
      name,
      lookback: lookbackOf([name]),
    })),
    saved: detached.saved,
    ...(others.length === 0 ? {} : { further: others.map((other) => other.saved) }),
    files: Object.fromEntries([...files].map(([name, bytes]) => [name, describeFile(bytes)])),
  } as const
  const manifest = { ...content, digest: digestOf(content) }
  return files.set(MANIFEST_FILE, new TextEncoder().encode(manifestText(manifest)))
}

/** The weights of a further horizon. */
export function weightsFile(horizon: number): string {
  return `weights-h${horizon}.safetensors`
}

function featureNames(all: readonly SerialisedForecaster[]): string[] {
  return [...new Set(all.flatMap(featuresOf))]
}

function describeFile(bytes: Uint8Array): Static<typeof File> {
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/**
 * Reads a manifest, which has to be what `encodeModel` wrote, byte for byte.
 *
 * @throws {TickerflowError} MODEL_DAMAGED; says what is wrong where.
 */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const manifest = parseJson(bytes)
  const format = (manifest as { format?: unknown } | null)?.format
  if (format !== FORMAT) {
    throw damaged(MANIFEST_FILE, `its format is ${JSON.stringify(format)}, expected '${FORMAT}'`)
  }
  if (!Value.Check(Manifest, manifest)) {
    const [first] = Value.Errors(Manifest, manifest)
    throw damaged(MANIFEST_FILE, `'${first?.instancePath ?? '/'}' ${first?.message}`)
  }
  const { digest, ...content } = manifest
  const actual = digestOf(content)
  if (actual !== digest) {
    throw damaged(MANIFEST_FILE, `its content has the digest ${actual}, it says ${digest}`)
  }
  if (manifestText(manifest) !== new TextDecoder().decode(bytes)) {
    throw damaged(MANIFEST_FILE, 'its text was changed, if only in white space')
  }
  assertSameFeatures(manifest)
  return manifest
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (cause) {
    throw damaged(MANIFEST_FILE, `its ${bytes.length} bytes are not JSON`, cause)
  }
}

/** A model means nothing to a program whose features reach elsewhere. */
function assertSameFeatures({ features }: Manifest): void {
  for (const { name, lookback } of features) {
    const known = FEATURES.find((feature) => feature.name === name)?.lookback
    if (known === lookback) continue
    const here = known === undefined ? 'this program has none' : `here it has one of ${known}`
    throw damaged(
      MANIFEST_FILE,
      `it reads the feature '${name}' with a lookback of ${lookback}; ${here}`,
    )
  }
}

/**
 * The fitted model of a manifest.
 *
 * @param weights The file of weights, where the manifest names one.
 * @param others Those of further horizons, by name.
 * @throws {TickerflowError} MODEL_DAMAGED when the weights are not those of the manifest.
 */
export function decodeModel(
  manifest: Manifest,
  weights?: Uint8Array,
  others: ModelFiles = new Map(),
): SavedModel {
  const { recipe, trainedTo, saved, further = [] } = manifest
  const own = attachFile(manifest, saved, { name: WEIGHTS_FILE, bytes: weights })
  if (further.length === 0) return { recipe, trainedTo, saved: own }
  const attached = further.map((other) => {
    const name = weightsFile(other.horizon)
    return attachFile(manifest, other, { name, bytes: others.get(name) })
  })
  return { recipe, trainedTo, saved: own, further: attached }
}

interface ReadFile {
  readonly name: string
  readonly bytes: Uint8Array | undefined
}

function attachFile(
  { files }: Manifest,
  saved: SerialisedForecaster,
  { name, bytes }: ReadFile,
): SerialisedForecaster {
  const expected = files[name]
  if (expected !== undefined) assertSameFile({ name, bytes }, expected)
  return attachWeights(bytes === undefined ? { saved } : { saved, weights: bytes })
}

function assertSameFile({ name, bytes }: ReadFile, expected: Static<typeof File>): void {
  if (bytes === undefined) throw damaged(name, 'it is missing')
  const actual = describeFile(bytes)
  if (actual.bytes !== expected.bytes) {
    throw damaged(name, `it has ${actual.bytes} bytes, expected ${expected.bytes}`)
  }
  if (actual.sha256 !== expected.sha256) {
    throw damaged(name, `its SHA-256 is ${actual.sha256}, expected ${expected.sha256}`)
  }
}

export function damaged(file: string, reason: string, cause?: unknown): TickerflowError {
  return new TickerflowError(
    'MODEL_DAMAGED',
    `The model file '${file}' cannot be used: ${reason}. Restore it from a backup, or train again ` +
      'with `tickerflow run`.',
    { details: { file }, cause },
  )
}
