/** The spool of one server in a store: a file for each run and process, and the bytes of artifacts. */
import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { unwritable, writeFileAtomic } from '../../../atomic-file.ts'
import { SpoolFile } from './spool-file.ts'

export interface SpoolOwner {
  readonly processId: number
  /** Differs from that of any earlier process with the same number. */
  readonly nonce: string
  /** Whether a process of this number runs here. */
  readonly isAlive: (processId: number) => boolean
}

/** `<run>.<process>-<nonce>.jsonl` */
const NAME = /^(?<runId>[^.]+)\.(?<processId>\d+)-(?<nonce>[0-9a-z]+)\.jsonl$/

export class SpoolDirectory {
  readonly path: string
  readonly #owner: SpoolOwner
  #count = 0

  /** @param root The store's `spool/`; each server has a directory of its own in it. */
  constructor(root: string, uri: string, owner: SpoolOwner) {
    this.path = join(root, directoryNameOf(uri))
    this.#owner = owner
  }

  async create(runId: string): Promise<SpoolFile> {
    await this.#ensure()
    return new SpoolFile(runId, this.#pathFor(runId))
  }

  /** Takes over what processes left that are gone, oldest first; each is taken over once. */
  async adopt(): Promise<readonly SpoolFile[]> {
    const adopted: SpoolFile[] = []
    for (const name of await namesIn(this.path)) {
      const { runId, processId, nonce } = NAME.exec(name)?.groups ?? {}
      if (runId === undefined || this.#isOwned(Number(processId), nonce ?? '')) continue
      const path = this.#pathFor(runId)
      try {
        await rename(join(this.path, name), path)
      } catch {
        continue // Another process was faster.
      }
      const file = new SpoolFile(runId, path)
      await file.load()
      adopted.push(file)
    }
    return adopted
  }

  async keepBytes(name: string, content: Uint8Array | string): Promise<void> {
    await this.#ensure()
    await writeFileAtomic(this.pathOf(name), content, { temporaryDirectory: this.path })
  }

  pathOf(name: string): string {
    return join(this.path, name)
  }

  async remove(name: string): Promise<void> {
    await rm(this.pathOf(name), { force: true })
  }

  #isOwned(processId: number, nonce: string): boolean {
    if (processId === this.#owner.processId) return nonce.startsWith(this.#owner.nonce)
    return this.#owner.isAlive(processId)
  }

  #pathFor(runId: string): string {
    const { processId, nonce } = this.#owner
    this.#count += 1
    return join(this.path, `${runId}.${processId}-${nonce}z${this.#count}.jsonl`)
  }

  async #ensure(): Promise<void> {
    try {
      await mkdir(this.path, { recursive: true })
    } catch (cause) {
      throw unwritable(this.path, cause)
    }
  }
}

/** Readable, and different for every address. */
function directoryNameOf(uri: string): string {
  const digest = createHash('sha256').update(uri).digest('hex').slice(0, 8)
  return `${(URL.parse(uri)?.hostname ?? '').replace(/[^a-z0-9.]/gi, '-')}-${digest}`
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).toSorted()
  } catch {
    return []
  }
}
