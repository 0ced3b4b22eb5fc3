/** Artifacts of runs as files under the store's artifact directory. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { writeFileAtomic } from '../../atomic-file.ts'
import { artifactPathParts, artifactUriParts } from '../artifact-path.ts'
import { invalid, missing } from '../tracking-rules.ts'
import type { ArtifactEntry } from '../tracking-store.ts'
import { requireActiveRun, requireRun } from './active-run.ts'
import { textOf } from './row.ts'
import type { StoreContext } from './store-context.ts'

export async function writeArtifact(
  context: StoreContext,
  runId: string,
  artifact: { readonly path: string; readonly content: Uint8Array | string },
): Promise<void> {
  const root = runRoot(context, textOf(requireActiveRun(context, runId), 'artifact_uri'))
  const file = join(root, ...artifactPathParts(artifact.path))
  await assertInside(context.artifactsDirectory, file)
  await writeFileAtomic(file, artifact.content, { temporaryDirectory: context.tmpDirectory })
}

export async function listArtifacts(
  context: StoreContext,
  runId: string,
  path: string | undefined,
): Promise<readonly ArtifactEntry[]> {
  const parts = path === undefined ? [] : artifactPathParts(path)
  const directory = join(rootOfRun(context, runId), ...parts)
  await assertInside(context.artifactsDirectory, directory)
  const names = await namesIn(directory)
  return Promise.all(names.map((name) => entryOf(directory, [...parts, name])))
}

export async function readArtifact(
  context: StoreContext,
  runId: string,
  path: string,
): Promise<Uint8Array> {
  const file = join(rootOfRun(context, runId), ...artifactPathParts(path))
  await assertInside(context.artifactsDirectory, file)
  try {
    return await readFile(file)
  } catch (error) {
    if (isAbsence(error)) throw missing(`Artifact '${path}' of run '${runId}'`)
    throw error
  }
}

function rootOfRun(context: StoreContext, runId: string): string {
  return runRoot(context, textOf(requireRun(context, runId), 'artifact_uri'))
}

function runRoot(context: StoreContext, artifactUri: string): string {
  return join(context.artifactsDirectory, ...artifactUriParts(artifactUri))
}

/** Refuses a path that a symbolic link leads out of the artifact directory. */
async function assertInside(artifactsDirectory: string, path: string): Promise<void> {
  const root = await realpathIfPresent(artifactsDirectory)
  if (root === undefined) return
  const way = relative(root, await realpathOfDeepest(path))
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw invalid(`The artifact path ${path} leads out of the artifact directory by a link.`)
  }
}

/** The real path of the deepest directory or file on the way to `path` that exists. */
async function realpathOfDeepest(path: string): Promise<string> {
  return (await realpathIfPresent(path)) ?? (await realpathOfDeepest(dirname(path)))
}

async function realpathIfPresent(path: string): Promise<string | undefined> {
  try {
    return await realpath(path)
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).toSorted()
  } catch (error) {
    if (isAbsence(error)) return []
    throw error
  }
}

async function entryOf(directory: string, parts: readonly string[]): Promise<ArtifactEntry> {
  const information = await stat(join(directory, parts.at(-1) ?? ''))
  const isDirectory = information.isDirectory()
  return {
    path: parts.join('/'),
    isDirectory,
    sizeBytes: isDirectory ? undefined : information.size,
  }
}

const ABSENCE_CODES: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'EISDIR']

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ABSENCE_CODES.includes(error.code)
}
