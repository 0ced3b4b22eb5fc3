/** Writing a file so that readers see the old one or the new one whole, even across a crash. */

import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { TickerflowError } from './errors.ts'

export interface AtomicWriteOptions {
  /** Where the unfinished file lies; must be on the same file system as the target. */
  readonly temporaryDirectory: string
}

/** All of it, or piece by piece; a stream that breaks off leaves the earlier file as it was. */
export type FileContent = Uint8Array | string | AsyncIterable<Uint8Array>

/** Windows refuses to replace a file while somebody has it open: wait for the reader to finish. */
const RENAME_WAITS_MS = [5, 10, 20, 40, 80, 160, 320, 640]
const TRANSIENT_RENAME_CODES = new Set(['EPERM', 'EACCES', 'EBUSY'])

/**
 * Writes a file whole or not at all: to a temporary file, flushed to disk, then renamed.
 *
 * Creates both directories. An interrupted write leaves at most a stray temporary file; several
 * writers of the same path are safe, the last to finish wins.
 *
 * @throws {TickerflowError} `STORE_UNWRITABLE` when the disk is full or the directory is not
 *   writable; the earlier file is then untouched.
 */
export async function writeFileAtomic(
  path: string,
  bytes: FileContent,
  options: AtomicWriteOptions,
): Promise<void> {
  const temporary = join(options.temporaryDirectory, `${randomUUID()}.tmp`)
  try {
    await mkdir(options.temporaryDirectory, { recursive: true })
    await mkdir(dirname(path), { recursive: true })
    await writeFlushed(temporary, bytes)
    await renamePatiently(temporary, path)
    await flushDirectory(dirname(path))
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw unwritable(path, cause)
  }
}

/** The failure to write `path`, as the operational error that names the path and the remedy. */
export function unwritable(path: string, cause: unknown): TickerflowError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message =
    `Cannot write ${path}: ${reason}. The directory must be writable and the disk must have room; ` +
    'choose another store with --store DIR, or make room and try again. Nothing was changed.'
  return new TickerflowError('STORE_UNWRITABLE', message, { details: { path }, cause })
}

async function writeFlushed(path: string, bytes: FileContent): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function renamePatiently(from: string, to: string): Promise<void> {
  for (const waitMs of RENAME_WAITS_MS) {
    try {
      return await rename(from, to)
    } catch (error) {
      if (process.platform !== 'win32' || !TRANSIENT_RENAME_CODES.has(codeOf(error))) throw error
      await sleep(waitMs)
    }
  }
  return await rename(from, to)
}

/** Makes the rename itself durable; file systems that cannot flush a directory don't need it. */
async function flushDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EISDIR'].includes(codeOf(error))) throw error
  } finally {
    await directory.close()
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}
