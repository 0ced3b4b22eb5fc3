/** A file of records that only grows, until everything in it has been sent. */
import { type FileHandle, open } from 'node:fs/promises'
import { unwritable } from '../../../atomic-file.ts'
import { decodeRecord, encodeRecord, type SpoolRecord } from './spool-record.ts'

/** Enough for a few calls to the server. */
const CHUNK_BYTES = 2_000_000
const NEWLINE = 10

export interface SpoolChunk {
  readonly records: readonly SpoolRecord[]
  /** Where the next chunk begins. */
  readonly end: number
}

/** Appends wait for the disk together: one flush for all that came meanwhile. */
export class SpoolFile {
  readonly runId: string
  readonly path: string
  /** The one opening that everyone waits for: a second one would never be closed. */
  #opening: Promise<FileHandle> | undefined
  #sizeBytes = 0
  #sentBytes = 0
  #waiting: Append[] = []
  #writing: Promise<void> | undefined

  constructor(runId: string, path: string) {
    this.runId = runId
    this.path = path
  }

  get pendingBytes(): number {
    return this.#sizeBytes - this.#sentBytes
  }

  /** Kept when its promise resolves, whatever becomes of the process. */
  append(record: SpoolRecord): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ line: encodeRecord(record), resolve, reject })
    this.#writing ??= this.#writeAll()
    return promise
  }

  /** What follows what has been sent; a torn last line is passed over. */
  async next(): Promise<SpoolChunk> {
    const handle = await this.#open()
    const bytes = await readWholeLines(handle, this.#sentBytes, this.#sizeBytes)
    const lines = bytes.toString('utf8').split('\n').slice(0, -1)
    const records = lines.map(decodeRecord).filter((record) => record !== undefined)
    // Nothing whole is left: what there was is damaged.
    const end = bytes.length === 0 ? this.#sizeBytes : this.#sentBytes + bytes.length
    return { records, end }
  }

  /** The server has everything before `end`; the file is emptied when that is all. */
  async markSent(end: number): Promise<void> {
    this.#sentBytes = end
    if (this.#sentBytes < this.#sizeBytes || this.#writing !== undefined) return
    this.#writing = this.#emptyThenWrite()
    await this.#writing
  }

  /** Looks at what an earlier process left. */
  async load(): Promise<void> {
    const handle = await this.#open()
    const { size } = await handle.stat()
    this.#sizeBytes = await endOfLastLine(handle, size)
    await handle.truncate(this.#sizeBytes)
  }

  async close(): Promise<void> {
    await this.#writing
    const handle = await this.#opening
    this.#opening = undefined
    await handle?.close()
  }

  async #open(): Promise<FileHandle> {
    this.#opening ??= open(this.path, 'a+')
    try {
      return await this.#opening
    } catch (cause) {
      this.#opening = undefined
      throw unwritable(this.path, cause)
    }
  }

  /** Appends that come meanwhile wait for it, as for each other. */
  async #emptyThenWrite(): Promise<void> {
    const handle = await this.#open()
    await handle.truncate(0)
    this.#sizeBytes = 0
    this.#sentBytes = 0
    await this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const appends = this.#waiting
      this.#waiting = []
      try {
        const handle = await this.#open()
        const bytes = Buffer.from(appends.map(({ line }) => line).join(''))
        await handle.appendFile(bytes)
        await handle.datasync()
        this.#sizeBytes += bytes.length
        for (const { resolve } of appends) resolve()
      } catch (cause) {
        // What a full disk cut off must not become part of the next line.
        const handle = await this.#opening?.catch(() => undefined)
        await handle?.truncate(this.#sizeBytes).catch(() => undefined)
        for (const { reject } of appends) reject(unwritable(this.path, cause))
      }
    }
    this.#writing = undefined
  }
}

interface Append {
  readonly line: string
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** From `start`, at most a chunk, but one line at least. */
async function readWholeLines(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  for (let length = CHUNK_BYTES; ; length *= 2) {
    const wanted = Math.min(length, end - start)
    const bytes = Buffer.alloc(wanted)
    const { bytesRead } = await handle.read(bytes, 0, wanted, start)
    const whole = bytes.subarray(0, bytes.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1)
    if (whole.length > 0 || wanted === end - start) return whole
  }
}

async function endOfLastLine(handle: FileHandle, size: number): Promise<number> {
  for (let length = Math.min(size, 65_536); ; length = Math.min(size, length * 2)) {
    const bytes = Buffer.alloc(length)
    await handle.read(bytes, 0, length, size - length)
    const last = bytes.lastIndexOf(NEWLINE)
    if (last >= 0) return size - length + last + 1
    if (length === size) return 0
  }
}
