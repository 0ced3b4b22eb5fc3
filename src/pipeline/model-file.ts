/** The forecaster of a model version, as the artifacts `model/…` of its run. */
import { isTickerflowError, TickerflowError } from '../errors.ts'
import type { FeatureFrame } from '../features/feature-frame.ts'
import type { FittedForecaster } from '../forecast/forecaster.ts'
import { restoreForecaster } from '../forecast/model-catalogue.ts'
import type { ModelVersion, TrackingStore } from '../tracking/tracking-store.ts'
import {
  damaged,
  decodeManifest,
  decodeModel,
  encodeModel,
  MANIFEST_FILE,
  type SavedModel,
  WEIGHTS_FILE,
  weightsFile,
} from './model-manifest.ts'
import type { Recipe } from './recipe.ts'

export const MODEL_DIRECTORY = 'model'

export interface LoadedModel {
  readonly recipe: Recipe
  readonly trainedTo: string
  readonly forecaster: FittedForecaster
  /** One for each further horizon. */
  readonly further: readonly FittedForecaster[]
}

/** `undefined` where the model does not forecast the horizon; without one, its first. */
export function forecasterAt(
  { forecaster, further }: Pick<LoadedModel, 'forecaster' | 'further'>,
  horizon: number = forecaster.horizon,
): FittedForecaster | undefined {
  return [forecaster, ...further].find((one) => one.horizon === horizon)
}

/**
 * Writes weights, ONNX export and MLflow's files; the manifest last, so that it never lacks one.
 *
 * @param frame Its last row becomes the input example.
 */
export async function writeModelFiles(
  tracking: TrackingStore,
  runId: string,
  model: SavedModel,
  frame?: FeatureFrame,
): Promise<void> {
  for (const [name, content] of encodeModel(model, frame)) {
    await tracking.writeArtifact(runId, `${MODEL_DIRECTORY}/${name}`, content)
  }
}

/** @throws {TickerflowError} MODEL_DAMAGED; names the version, the file and what is wrong. */
export async function loadModelVersion(
  tracking: TrackingStore,
  version: ModelVersion,
): Promise<LoadedModel> {
  try {
    const read = fileReader(tracking, version)
    const manifest = decodeManifest(await read(MANIFEST_FILE))
    const others = new Map<string, Uint8Array>()
    for (const { horizon } of manifest.further ?? []) {
      const name = weightsFile(horizon)
      if (name in manifest.files) others.set(name, await read(name))
    }
    const hasWeights = WEIGHTS_FILE in manifest.files
    const weights = hasWeights ? await read(WEIGHTS_FILE) : undefined
    const { recipe, trainedTo, saved, further = [] } = decodeModel(manifest, weights, others)
    return {
      recipe,
      trainedTo,
      forecaster: restoreForecaster(saved),
      further: further.map(restoreForecaster),
    }
  } catch (error) {
    throw namingVersion(error, version)
  }
}

function fileReader(tracking: TrackingStore, { runId }: ModelVersion) {
  return async (name: string): Promise<Uint8Array> => {
    if (runId === undefined) throw damaged(name, 'the version has no source run')
    try {
      return await tracking.readArtifact(runId, `${MODEL_DIRECTORY}/${name}`)
    } catch (error) {
      if (!isTickerflowError(error) || error.code !== 'NOT_FOUND') throw error
      throw damaged(name, `run ${runId} does not have it`, error)
    }
  }
}

function namingVersion(error: unknown, { name, version }: ModelVersion): unknown {
  if (!isTickerflowError(error) || error.code !== 'MODEL_DAMAGED') return error
  const { code, message, details, cause } = error
  const named = `${name} version ${version} cannot be loaded. ${message}`
  return new TickerflowError(code, named, { details: { ...details, name, version }, cause })
}
