/** The forecaster of a model version, as the artifact `model/forecaster.json` of its run. */
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { digestOf } from '../canonical-json.ts'
import { TickerflowError } from '../errors.ts'
import type { FittedForecaster, SerialisedForecaster } from '../forecast/forecaster.ts'
import { restoreForecaster } from '../forecast/model-catalogue.ts'
import type { ModelVersion, TrackingStore } from '../tracking/tracking-store.ts'
import type { Recipe } from './recipe.ts'

export const MODEL_DIRECTORY = 'model'
const MODEL_PATH = `${MODEL_DIRECTORY}/forecaster.json`
const FORMAT = 'tickerflow-forecaster/1'

const ModelFile = Type.Object({
  format: Type.Literal(FORMAT),
  recipe: Type.Unsafe<Recipe>(Type.Object({ model: Type.String(), symbol: Type.String() })),
  /** Last session that the model was fitted on, `YYYY-MM-DD`. */
  trainedTo: Type.String(),
  saved: Type.Unsafe<SerialisedForecaster>(
    Type.Object({ model: Type.String(), horizon: Type.Integer() }),
  ),
  /** SHA-256 of `saved`. */
  digest: Type.String(),
})
type ModelFile = Static<typeof ModelFile>

export interface LoadedModel {
  readonly recipe: Recipe
  readonly trainedTo: string
  readonly forecaster: FittedForecaster
}

export async function writeModelFile(
  tracking: TrackingStore,
  runId: string,
  model: Pick<ModelFile, 'recipe' | 'trainedTo' | 'saved'>,
): Promise<void> {
  const file: ModelFile = { format: FORMAT, ...model, digest: digestOf(model.saved) }
  await tracking.writeArtifact(runId, MODEL_PATH, `${JSON.stringify(file)}\n`)
}

/** @throws {TickerflowError} MODEL_DAMAGED; names the version and what is wrong. */
export async function loadModelVersion(
  tracking: TrackingStore,
  version: ModelVersion,
): Promise<LoadedModel> {
  const spoken = `${version.name} version ${version.version}`
  if (version.runId === undefined) throw damaged(spoken, 'it has no source run')
  const bytes = await tracking.readArtifact(version.runId, MODEL_PATH)
  const file = parseJson(bytes, spoken)
  if (!Value.Check(ModelFile, file)) throw damaged(spoken, `it is not a ${FORMAT} file`)
  if (digestOf(file.saved) !== file.digest) throw damaged(spoken, 'its digest does not match')
  const { recipe, trainedTo, saved } = file
  return { recipe, trainedTo, forecaster: restoreForecaster(saved) }
}

function parseJson(bytes: Uint8Array, spoken: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw damaged(spoken, 'it is not JSON')
  }
}

function damaged(spoken: string, reason: string): TickerflowError {
  return new TickerflowError(
    'MODEL_DAMAGED',
    `The model file of ${spoken} cannot be used: ${reason}. Restore it from a backup, or train ` +
      'again with `tickerflow run`.',
  )
}
