/** Does a run again from what it has recorded, and compares digest after digest. */
import { createHash } from 'node:crypto'
import { canonicalJson, digestOf } from '../canonical-json.ts'
import type { Config } from '../config.ts'
import { isTickerflowError, TickerflowError } from '../errors.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import type { FeatureFrame } from '../features/feature-frame.ts'
import { frameDigest } from '../features/frame-digest.ts'
import type { SerialisedForecaster } from '../forecast/forecaster.ts'
import { detachWeights, exportOnnx } from '../forecast/model-catalogue.ts'
import { parseSymbol } from '../market/symbol.ts'
import { forecasterName } from '../registry/forecaster-name.ts'
import type { Run } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'
import { modelOfVersion } from './champion.ts'
import { candidateSpec } from './configured-models.ts'
import { type FinalFit, type FinalFits, initialOf, WARM_START_TAG } from './final-fit.ts'
import { MODEL_DIRECTORY } from './model-file.ts'
import {
  decodeManifest,
  MANIFEST_FILE,
  type Manifest,
  WEIGHTS_FILE,
  weightsFile,
} from './model-manifest.ts'
import { programDigest } from './program-digest.ts'
import type { Progress } from './progress.ts'
import { createRecipe, horizonsOf, type Recipe, specOfRecipe } from './recipe.ts'
import { finalPrefix } from './record-results.ts'
import { reproduceData } from './reproduce-data.ts'
import {
  type Comparison,
  concludeReproduction,
  type Reproduction,
  type ReproductionStep,
} from './reproduction.ts'
import { featuresTag, PROGRAM_TAG } from './reproduction-tags.ts'
import { engineTags } from './run-recording/engine-tags.ts'
import { CONFIGURATION_FILE } from './run-recording/recorded-run.ts'

export interface ReproduceRequest {
  readonly runId: string
  /** Where bars come from, and with `configured` what to train; else the run's own is used. */
  readonly config: Config
  readonly configured?: boolean
  readonly csv?: string | undefined
  readonly progress: Progress
  readonly signal?: AbortSignal | undefined
}

/**
 * Rebuilds data, features and the final fit of a run, on the kernel binary that it used.
 *
 * @throws {TickerflowError} NOT_FOUND when there is no such run, or it has no model.
 */
export async function reproduceRun(
  app: Application,
  request: ReproduceRequest,
): Promise<Reproduction> {
  const { config, csv, signal } = request
  const { step } = request.progress
  const run = await app.tracking.getRun(request.runId)
  const manifest = await manifestOf(app, run)
  const { symbol } = manifest.recipe
  const data = await step('Bring back the data', () =>
    reproduceData(app, { run, symbol, config, csv, signal }),
  )
  const means = [
    ...(await compareConfig(app, run, { manifest, request })),
    ...(await compareProgram(run)),
  ]
  const frames = data.panel.map((bars) => buildFeatureFrame(bars))
  const before = [...data.comparisons, ...means, ...compareFeatures(run, frames)]
  const recipe = request.configured ? configuredRecipe(config, manifest.recipe) : manifest.recipe
  const trained = await step('Train again', () => trainAgain(app, { run, recipe, frames, signal }))
  const head = { run: run.id, model: manifest.recipe.model }
  if ('comparison' in trained) return concludeReproduction(head, [...before, trained.comparison])
  return concludeReproduction(head, [
    ...before,
    ...compareKernel(run, trained.final),
    ...(await compareTrainings(app, run, trained.final)),
    ...compareModels(manifest, trained.final),
  ])
}

async function manifestOf({ tracking }: Application, run: Run): Promise<Manifest> {
  try {
    return decodeManifest(
      await tracking.readArtifact(run.id, `${MODEL_DIRECTORY}/${MANIFEST_FILE}`),
    )
  } catch (error) {
    if (!isTickerflowError(error) || error.code !== 'NOT_FOUND') throw error
    throw new TickerflowError(
      'NOT_FOUND',
      `Run ${run.id} (${run.status.toLowerCase()}) has no model that could be trained again.`,
      { details: { run: run.id }, cause: error },
    )
  }
}

interface ConfigCase {
  readonly manifest: Manifest
  readonly request: ReproduceRequest
}

/** The recipe of the model against its digest in the run, and against the configuration's. */
async function compareConfig(
  app: Application,
  run: Run,
  { manifest, request }: ConfigCase,
): Promise<Comparison[]> {
  const { recipe } = manifest
  const digest = run.tags['tickerflow.recipe'] ?? null
  const config = request.configured ? request.config : await recordedConfig(app, run)
  const now = config === undefined ? recipe : configuredRecipe(config, recipe)
  return [
    ...compareRecipes(recipe, now),
    { step: 'config', subject: 'recipe of the run', recorded: digest, now: digestOf(recipe) },
  ]
}

async function recordedConfig(app: Application, run: Run): Promise<Config | undefined> {
  try {
    const bytes = await app.tracking.readArtifact(run.id, CONFIGURATION_FILE)
    return JSON.parse(new TextDecoder().decode(bytes)) as Config
  } catch (error) {
    if (isTickerflowError(error) && error.code === 'NOT_FOUND') return undefined
    throw error
  }
}

/** What the configuration makes of the same symbols. */
function configuredRecipe(config: Config, { symbol, panel }: Recipe): Recipe {
  const { horizon, furtherHorizons, seed } = config
  const spec = candidateSpec(config)
  return createRecipe({ spec, symbol, panel, horizon, seed, furtherHorizons })
}

function compareRecipes(recorded: Recipe, now: Recipe): Comparison[] {
  const [before, after] = [flat(recorded), flat(now)]
  return [...new Set([...before.keys(), ...after.keys()])].map((subject) => ({
    step: subject === 'seed' ? ('seed' as const) : ('config' as const),
    subject,
    recorded: before.get(subject) ?? null,
    now: after.get(subject) ?? null,
  }))
}

function flat({ options, ...plain }: Recipe): ReadonlyMap<string, string> {
  const entries = Object.entries({ ...plain, ...options })
  return new Map(entries.map(([name, value]) => [name, canonicalJson(value)]))
}

async function compareProgram({ tags }: Run): Promise<Comparison[]> {
  const commit = tags['mlflow.source.git.commit']
  const recorded = tags[PROGRAM_TAG] ?? null
  const now = await programDigest()
  const note = commit === undefined ? {} : { note: `it was made at commit ${commit}` }
  return [
    { step: 'code', subject: 'program', recorded, now, ...note },
    {
      ...{ step: 'node', subject: 'Node' },
      ...{ recorded: tags['tickerflow.node'] ?? null, now: process.version },
    },
  ]
}

function compareFeatures({ tags }: Run, frames: readonly FeatureFrame[]): Comparison[] {
  return frames.flatMap((frame) => {
    const recorded = tags[featuresTag(frame.symbol)]
    if (recorded === undefined) return []
    return [{ step: 'features', subject: frame.symbol, recorded, now: frameDigest(frame) }]
  })
}

interface Training {
  readonly run: Run
  readonly recipe: Recipe
  readonly frames: readonly FeatureFrame[]
  readonly signal?: AbortSignal | undefined
}

type Trained = { readonly final: FinalFits } | { readonly comparison: Comparison }

/** On the binary that the run used, whatever would be chosen here. */
async function trainAgain(app: Application, training: Training): Promise<Trained> {
  const { run, recipe, frames, signal } = training
  const engine = run.tags['tickerflow.engine']
  const isForced = engine !== undefined && 'engine' in recipe.options
  const options = isForced ? { ...recipe.options, engine } : recipe.options
  const [own] = frames
  const missing = (now: null, note: string): Trained => ({
    comparison: { step: 'weights', subject: WEIGHTS_FILE, recorded: 'trained', now, note },
  })
  if (own === undefined || own.symbol !== recipe.symbol) {
    return missing(null, `without the bars of ${recipe.symbol} nothing could be trained`)
  }
  const from = Math.min(...frames.map(({ date }) => date[0] ?? 0))
  const span = { from, to: own.date.at(-1) ?? 0 }
  const { symbol, seed } = recipe
  const spec = { ...specOfRecipe(recipe), options }
  try {
    const started = run.tags[WARM_START_TAG]
    const ref = { name: forecasterName(parseSymbol(symbol)), version: Number(started) }
    const start = started === undefined ? undefined : await modelOfVersion(app, ref)
    const fits: FinalFit[] = []
    for (const horizon of horizonsOf(recipe)) {
      const task = { spec, frames, symbol, span, horizon, seed, ...initialOf(start, horizon) }
      const final = await app.pool.finalFit(task, signal)
      fits.push(isForced ? withOptions(final, recipe) : final)
    }
    const [first, ...further] = fits
    return { final: { ...(first as FinalFit), further } }
  } catch (error) {
    if (!isTickerflowError(error) || error.code !== 'ENGINE_UNAVAILABLE') throw error
    const kernel = { step: 'kernel', subject: 'engine', recorded: engine ?? null } as const
    return { comparison: { ...kernel, now: null, note: error.message } }
  }
}

/** The recipe's own options again, in which the engine need not be named. */
function withOptions(final: FinalFit, { options }: Recipe): FinalFit {
  const { saved } = final
  const state = { ...(saved.state as object), options }
  return { ...final, saved: { ...saved, state } }
}

function compareKernel({ tags }: Run, { saved }: FinalFit): Comparison[] {
  const now = engineTags(saved)
  return ['tickerflow.engine', 'tickerflow.kernelDigest'].flatMap((tag) => {
    if (tags[tag] === undefined && now[tag] === undefined) return []
    const step: ReproductionStep = 'kernel'
    const subject = tag === 'tickerflow.engine' ? 'engine' : 'kernel binary'
    return [{ step, subject, recorded: tags[tag] ?? null, now: now[tag] ?? null }]
  })
}

async function compareTrainings(
  app: Application,
  run: Run,
  { further, ...own }: FinalFits,
): Promise<Comparison[]> {
  const others = further.map(async (fit) => {
    const { horizon } = fit.saved
    const compared = await compareTraining(app, run, { fit, prefix: finalPrefix(horizon) })
    return compared.map((one) => ({ ...one, subject: `${one.subject}, ${horizon} ahead` }))
  })
  const first = await compareTraining(app, run, { fit: own, prefix: finalPrefix() })
  return [...first, ...(await Promise.all(others)).flat()]
}

interface ComparedFit {
  readonly fit: FinalFit
  /** Of its metrics in the run. */
  readonly prefix: string
}

/** Every epoch's loss against the run's history of it: tells where a training went another way. */
async function compareTraining(
  app: Application,
  run: Run,
  { fit: { training }, prefix }: ComparedFit,
): Promise<Comparison[]> {
  const members = [...new Set(training.map(({ member }) => member))]
  const comparisons = members.map(async (member): Promise<Comparison> => {
    const key = `${prefix}.seed${member}.trainLoss`
    const { items } = await app.tracking.getMetricHistory(run.id, key)
    const recorded = new Map(items.map(({ step, value }) => [step, value]))
    const now = new Map(
      training.filter((one) => one.member === member).map((one) => [one.epoch, one.trainLoss]),
    )
    const epochs = [...new Set([...recorded.keys(), ...now.keys()])]
    const other = epochs.find((epoch) => !Object.is(recorded.get(epoch), now.get(epoch)))
    const spoken = (losses: ReadonlyMap<number, number>) => {
      const epoch = other ?? epochs.at(-1) ?? 0
      return `${losses.get(epoch) ?? 'none'} at epoch ${epoch}`
    }
    const subject = `loss of network ${member}`
    return { step: 'training', subject, recorded: spoken(recorded), now: spoken(now) }
  })
  return await Promise.all(comparisons)
}

/** Weights and state of each horizon, and the ONNX export of all, by their SHA-256. */
function compareModels(manifest: Manifest, { saved, further }: FinalFits): Comparison[] {
  const others = further.map((fit) => fit.saved)
  const onnx = 'model.onnx'
  return [
    ...compareModel(manifest, { saved, recorded: manifest.saved, file: WEIGHTS_FILE }),
    ...horizonsBeside(manifest, others).flatMap((horizon) =>
      compareModel(manifest, {
        saved: others.find((one) => one.horizon === horizon),
        recorded: manifest.further?.find((one) => one.horizon === horizon),
        file: weightsFile(horizon),
      }).map((one) => ({ ...one, subject: `${one.subject}, ${horizon} ahead` })),
    ),
    {
      ...{ step: 'model', subject: onnx, recorded: manifest.files[onnx]?.sha256 ?? null },
      now: sha256(exportOnnx(saved, others).file),
    },
  ]
}

/** Further horizons of the run, of what was trained now, or of both. */
function horizonsBeside(
  { further = [] }: Manifest,
  others: readonly SerialisedForecaster[],
): readonly number[] {
  return [...new Set([...further, ...others].map(({ horizon }) => horizon))]
}

interface ComparedModel {
  readonly saved: SerialisedForecaster | undefined
  readonly recorded: SerialisedForecaster | undefined
  /** Of its weights, where it has any. */
  readonly file: string
}

function compareModel(manifest: Manifest, compared: ComparedModel): Comparison[] {
  const { file } = compared
  const now = compared.saved === undefined ? undefined : detachWeights(compared.saved)
  const recorded = manifest.files[file]?.sha256
  const state: Comparison = {
    ...{ step: 'model', subject: 'state of the model' },
    recorded: compared.recorded === undefined ? null : digestOf(compared.recorded),
    now: now === undefined ? null : digestOf(now.saved),
  }
  if (now?.weights === undefined && recorded === undefined) return [state]
  const weights = now?.weights === undefined ? null : sha256(now.weights)
  return [{ step: 'weights', subject: file, recorded: recorded ?? null, now: weights }, state]
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
