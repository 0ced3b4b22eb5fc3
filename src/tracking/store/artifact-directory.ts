/** The artifacts of a store as files: every path is checked before the disk is touched. */
import type { ReadStream } from 'node:fs'
import { open, readdir, readFile, realpath, rm, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { type FileContent, writeFileAtomic } from '../../atomic-file.ts'
import { artifactPathParts } from '../artifact-path.ts'
import { invalid, missing } from '../tracking-rules.ts'
import type { ArtifactEntry } from '../tracking-store.ts'

export interface ArtifactPlaces {
  /** Absolute path of the artifacts' root. */
  readonly artifactsDirectory: string
  /** Absolute path for unfinished files, on the same file system. */
  readonly tmpDirectory: string
}

/** Names below the root of the artifacts; checked by `artifactPathParts`. */
export type ArtifactParts = readonly string[]

/** The parts of a path from outside. @throws {TickerflowError} TRACKING_INVALID. */
export function partsOf(path: string | undefined): ArtifactParts {
  return path === undefined ? [] : artifactPathParts(path)
}

export async function writeArtifactFile(
  places: ArtifactPlaces,
  parts: ArtifactParts,
  content: FileContent,
): Promise<void> {
  const file = await insidePath(places, parts)
  await writeFileAtomic(file, content, { temporaryDirectory: places.tmpDirectory })
}

/**
 * One directory, by name; empty when it does not exist.
 *
 * @param root Names of the directory that the entries' paths are relative to.
 */
export async function listArtifactFiles(
  places: ArtifactPlaces,
  root: ArtifactParts,
  below: ArtifactParts,
): Promise<readonly ArtifactEntry[]> {
  const directory = await insidePath(places, [...root, ...below])
  const names = await namesIn(directory)
  return Promise.all(names.map((name) => entryOf(directory, [...below, name])))
}

/** @throws {TickerflowError} NOT_FOUND, for a directory too. */
export async function readArtifactFile(
  places: ArtifactPlaces,
  parts: ArtifactParts,
): Promise<Uint8Array> {
  const file = await insidePath(places, parts)
  try {
    return await readFile(file)
  } catch (error) {
    if (isAbsence(error)) throw missingArtifact(parts)
    throw error
  }
}

export interface OpenArtifact {
  readonly sizeBytes: number
  /** Closes the file at its end, or when destroyed. */
  readonly stream: ReadStream
}

/** As `readArtifactFile`, for files of any size. */
export async function openArtifactFile(
  places: ArtifactPlaces,
  parts: ArtifactParts,
): Promise<OpenArtifact> {
  const path = await insidePath(places, parts)
  try {
    const file = await open(path, 'r')
    const information = await file.stat()
    if (information.isFile()) {
      return { sizeBytes: information.size, stream: file.createReadStream() }
    }
    await file.close()
  } catch (error) {
    if (!isAbsence(error)) throw error
  }
  throw missingArtifact(parts)
}

/** Removes a file, or a directory with everything in it; nothing happens when there is none. */
export async function removeArtifact(places: ArtifactPlaces, parts: ArtifactParts): Promise<void> {
  if (parts.length === 0) throw invalid('The root of the artifacts cannot be deleted; name a path.')
  await rm(await insidePath(places, parts), { recursive: true, force: true })
}

/** Refuses a path that a symbolic link leads out of the artifact directory. */
async function insidePath(places: ArtifactPlaces, parts: ArtifactParts): Promise<string> {
  const path = join(places.artifactsDirectory, ...parts)
  const root = await realpathIfPresent(places.artifactsDirectory)
  if (root === undefined) return path
  const way = relative(root, await realpathOfDeepest(path))
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw invalid(`The artifact path ${path} leads out of the artifact directory by a link.`)
  }
  return path
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

async function entryOf(directory: string, parts: ArtifactParts): Promise<ArtifactEntry> {
  const information = await stat(join(directory, parts.at(-1) ?? ''))
  const isDirectory = information.isDirectory()
  return {
    path: parts.join('/'),
    isDirectory,
    sizeBytes: isDirectory ? undefined : information.size,
  }
}

function missingArtifact(parts: ArtifactParts): Error {
  return missing(`Artifact '${parts.join('/')}'`)
}

const ABSENCE_CODES: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'EISDIR']

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ABSENCE_CODES.includes(error.code)
}
