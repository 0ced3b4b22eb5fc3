/** Files below the artifact root of a run or logged model, wherever it lies. */
import type { ArtifactEntry } from '../../tracking-store.ts'

/** A `Blob` may be as large as a disk: `openAsBlob` of `node:fs` makes one from a file. */
export type ArtifactContent = Uint8Array | string | Blob

/** Files below one root. Paths are relative, `/` between the parts, checked before they come here. */
export interface ArtifactRepository {
  /** One directory, by name; empty when it does not exist. */
  list(path: string | undefined): Promise<readonly ArtifactEntry[]>
  /** @throws {TickerflowError} NOT_FOUND, for a directory too. */
  open(path: string): Promise<AsyncIterable<Uint8Array>>
  /** Whole or not at all; replaces what was there. */
  write(path: string, content: ArtifactContent): Promise<void>
}

export function blobOf(content: ArtifactContent): Blob {
  return content instanceof Blob ? content : new Blob([content as BlobPart])
}

/** Order of a listing. */
export function byPath(one: ArtifactEntry, other: ArtifactEntry): number {
  return one.path < other.path ? -1 : 1
}
