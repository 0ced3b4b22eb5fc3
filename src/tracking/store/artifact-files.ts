/** Artifacts of runs and logged models: where their own roots lie in the artifact directory. */

import { textOf } from '../../sqlite/row.ts'
import { artifactPathParts, artifactUriParts } from '../artifact-path.ts'
import type { ArtifactEntry } from '../tracking-store.ts'
import { requireActiveRun, requireRun } from './active-run.ts'
import {
  listArtifactFiles,
  partsOf,
  readArtifactFile,
  writeArtifactFile,
} from './artifact-directory.ts'
import { requireModelRow } from './run-models.ts'
import type { StoreContext } from './store-context.ts'

export async function writeArtifact(
  context: StoreContext,
  runId: string,
  artifact: { readonly path: string; readonly content: Uint8Array | string },
): Promise<void> {
  const root = artifactUriParts(textOf(requireActiveRun(context, runId), 'artifact_uri'))
  const parts = [...root, ...artifactPathParts(artifact.path)]
  await writeArtifactFile(context, parts, artifact.content)
}

export async function listArtifacts(
  context: StoreContext,
  runId: string,
  path: string | undefined,
): Promise<readonly ArtifactEntry[]> {
  return listArtifactFiles(context, rootOfRun(context, runId), partsOf(path))
}

export async function listLoggedModelArtifacts(
  context: StoreContext,
  modelId: string,
  path: string | undefined,
): Promise<readonly ArtifactEntry[]> {
  const root = artifactUriParts(textOf(requireModelRow(context, modelId), 'artifact_location'))
  return listArtifactFiles(context, root, partsOf(path))
}

export async function readArtifact(
  context: StoreContext,
  runId: string,
  path: string,
): Promise<Uint8Array> {
  const parts = [...rootOfRun(context, runId), ...artifactPathParts(path)]
  return readArtifactFile(context, parts)
}

function rootOfRun(context: StoreContext, runId: string): readonly string[] {
  return artifactUriParts(textOf(requireRun(context, runId), 'artifact_uri'))
}
