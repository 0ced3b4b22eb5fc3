/** What a migration reads and writes, and what it remembers of its progress. */
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeFileAtomic } from '../../atomic-file.ts'
import type { ArtifactRepository } from '../client/artifacts/artifact-repository.ts'
import type { MlflowClient } from '../client/mlflow-client.ts'
import type { Page, PageRequest, TrackingStore } from '../tracking-store.ts'

/** Tag of every copy: the id of its original, by which an interrupted migration finds it again. */
export const ORIGIN_TAG = 'tickerflow.migratedFrom'

export interface Migration {
  readonly source: TrackingStore
  /** The files below an artifact root of the source. */
  readonly sourceArtifacts: (root: string) => ArtifactRepository
  readonly target: MlflowClient
  readonly state: MigrationState
  readonly onProgress: (words: string) => void
}

/** Ids of the target by ids of the source. */
interface Progress {
  readonly experiments: Record<string, string>
  readonly runs: Record<string, string>
  readonly models: Record<string, string>
  /** Runs and models of the source with everything that belongs to them. */
  readonly complete: Record<string, true>
}

/** Kept in a file after each step; without it the tags at the target tell as much, more slowly. */
export class MigrationState {
  readonly path: string
  readonly progress: Progress

  private constructor(path: string, progress: Progress) {
    this.path = path
    this.progress = progress
  }

  static async read(path: string): Promise<MigrationState> {
    const empty: Progress = { experiments: {}, runs: {}, models: {}, complete: {} }
    const text = await readFile(path, 'utf8').catch(() => '{}')
    return new MigrationState(path, { ...empty, ...JSON.parse(text) })
  }

  async save(): Promise<void> {
    const text = `${JSON.stringify(this.progress)}\n`
    await writeFileAtomic(this.path, text, { temporaryDirectory: dirname(this.path) })
  }
}

/** Every item of every page. */
export async function* itemsOf<T>(
  fetchPage: (page: PageRequest) => Promise<Page<T>>,
): AsyncGenerator<T> {
  let page = await fetchPage({})
  yield* page.items
  while (page.nextPageToken !== undefined) {
    page = await fetchPage({ pageToken: page.nextPageToken })
    yield* page.items
  }
}

export interface MigratedFile {
  readonly path: string
  readonly sizeBytes: number
}

/** All files below a root, directories opened one after the other. */
export async function* filesOf(
  repository: ArtifactRepository,
  below?: string,
): AsyncGenerator<MigratedFile> {
  for (const { path, isDirectory, sizeBytes = 0 } of await repository.list(below)) {
    if (isDirectory) yield* filesOf(repository, path)
    else yield { path, sizeBytes }
  }
}
