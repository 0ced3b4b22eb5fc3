/** Copies a store that is in use into a directory of backups; what is there already is not copied. */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { unwritable, writeFileAtomic } from '../../atomic-file.ts'
import { TickerflowError } from '../../errors.ts'
import { copyDatabasesAtOneInstant } from '../../sqlite/copy-databases.ts'
import { SqliteConnection } from '../../sqlite/sqlite-connection.ts'
import type { StoreDirectory } from '../../store-directory.ts'
import { assertNotStopped } from '../interruption.ts'
import type { Report } from '../progress.ts'
import {
  BACKUP_FORMAT_VERSION,
  type BackupDirectory,
  type BackupFile,
  encodeManifest,
  listBackups,
  objectPath,
  readBackup,
  type StoredBackup,
  sha256Of,
} from './backup-manifest.ts'

export interface BackupRequest {
  readonly store: StoreDirectory
  readonly to: BackupDirectory
  /** UTC milliseconds. */
  readonly clock: () => number
  readonly signal: AbortSignal
  readonly report: Report
}

export interface CreatedBackup extends StoredBackup {
  /** Of contents that no earlier backup had. */
  readonly newBytes: number
}

/** Unfinished files, and what a stopped run can compute again. */
const LEFT_OUT = new Set(['tmp', 'checkpoints', 'replays'])
const DATABASE = /\.db$/
/** Of a database in use; what it holds is in the copy. */
const BESIDE_DATABASE = /\.db-(wal|shm|journal)$/

/**
 * Makes a backup while the store is in use.
 *
 * The databases come first, all of one instant; then the files that they speak of, which are written
 * before they are spoken of and never changed. The list of files is written last: a backup that was
 * interrupted is none, and what it copied serves the next.
 *
 * @throws {TickerflowError} NOT_FOUND without a store; STORE_UNWRITABLE, STORE_BUSY, INTERRUPTED.
 */
export async function createBackup(request: BackupRequest): Promise<CreatedBackup> {
  const { store, to, clock } = request
  assertOutside(store, to)
  return await exclusively(to, async () => {
    await rm(to.tmp, { recursive: true, force: true })
    await makePrivate(to.tmp)
    const createdAt = new Date(clock()).toISOString()
    const kept = { files: [] as BackupFile[], newBytes: 0 }
    const keep = async (path: string, source: string) => {
      assertNotStopped(request.signal)
      const stored = await storeContent(to, source)
      if (stored === undefined) return
      const { isNew, ...content } = stored
      kept.files.push({ path, ...content })
      if (isNew) kept.newBytes += content.bytes
    }
    await keepDatabases(request, keep)
    await keepFiles(request, keep)
    kept.files.sort((a, b) => (a.path < b.path ? -1 : 1))
    const manifest = {
      program: 'tickerflow' as const,
      formatVersion: BACKUP_FORMAT_VERSION as typeof BACKUP_FORMAT_VERSION,
      createdAt,
      files: kept.files,
    }
    const { id, text } = encodeManifest(manifest)
    const file = join(to.manifests, `${id}.json`)
    await writeFileAtomic(file, text, { temporaryDirectory: to.tmp })
    await rm(to.tmp, { recursive: true, force: true })
    return { id, manifest, newBytes: kept.newBytes }
  })
}

type Keep = (path: string, source: string) => Promise<void>

async function keepDatabases({ store, to, report }: BackupRequest, keep: Keep): Promise<void> {
  const names = (await readdir(store.root)).filter((name) => DATABASE.test(name)).toSorted()
  const copies = names.map((name) => ({ file: join(store.root, name), target: join(to.tmp, name) }))
  await copyDatabasesAtOneInstant(copies, (fraction) =>
    report(`${names.join(', ')}: ${Math.floor(100 * fraction)} %`),
  )
  for (const [at, { target }] of copies.entries()) {
    await keep(names[at] ?? '', target)
    await rm(target, { force: true })
  }
}

async function keepFiles({ store, report }: BackupRequest, keep: Keep): Promise<void> {
  const entries = await readdir(store.root, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(store.root, join(entry.parentPath, entry.name)))
    .filter((path) => !LEFT_OUT.has(path.split(sep)[0] ?? '') && !isOfDatabase(path))
    .toSorted()
  for (const [at, path] of paths.entries()) {
    await keep(path.split(sep).join('/'), join(store.root, path))
    report(`${at + 1} of ${paths.length} files`)
  }
}

function isOfDatabase(path: string): boolean {
  return !path.includes(sep) && (DATABASE.test(path) || BESIDE_DATABASE.test(path))
}

/** @returns `undefined` when the file has gone since it was listed. */
async function storeContent(
  to: BackupDirectory,
  source: string,
): Promise<{ sha256: string; bytes: number; isNew: boolean } | undefined> {
  try {
    const known = await sha256Of(source)
    if (existsSync(objectPath(to, known.sha256))) return { ...known, isNew: false }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const temporary = join(to.tmp, randomUUID())
  try {
    await copyFile(source, temporary)
    // A log may have grown since: what counts is what was copied.
    const copied = await sha256Of(temporary)
    const target = objectPath(to, copied.sha256)
    await mkdir(dirname(target), { recursive: true })
    await flush(temporary)
    await rename(temporary, target)
    return { ...copied, isNew: true }
  } catch (cause) {
    throw unwritable(to.root, cause)
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Removes all backups but the latest, and the contents that none of those has.
 *
 * @returns Ids of what was removed.
 * @throws {TickerflowError} STORE_DAMAGED when the list of a backup that stays cannot be read:
 *   nothing is removed then.
 */
export async function pruneBackups(to: BackupDirectory, keep: number): Promise<readonly string[]> {
  return await exclusively(to, async () => {
    const ids = await listBackups(to)
    const removed = ids.slice(0, Math.max(0, ids.length - keep))
    const needed = new Set<string>()
    for (const id of ids.slice(removed.length)) {
      const { manifest } = await readBackup(to, id)
      for (const { sha256 } of manifest.files) needed.add(sha256)
    }
    // The lists first: a backup whose contents are going must not look whole.
    for (const id of removed) await rm(join(to.manifests, `${id}.json`), { force: true })
    const objects = existsSync(to.objects)
      ? await readdir(to.objects, { recursive: true, withFileTypes: true })
      : []
    for (const { name, parentPath } of objects.filter((entry) => entry.isFile())) {
      if (!needed.has(name)) await rm(join(parentPath, name), { force: true })
    }
    return removed
  })
}

/** One at a time; SQLite's lock goes with its process, however that ends. */
async function exclusively<T>(to: BackupDirectory, work: () => Promise<T>): Promise<T> {
  await makePrivate(to.root)
  const lock = new SqliteConnection(to.lock, { busyTimeoutMs: 1000 })
  try {
    lock.execute('BEGIN IMMEDIATE')
    return await work()
  } finally {
    lock.close()
  }
}

/** A store holds hashes of keys and people's names: nobody else needs to read its copies. */
async function makePrivate(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw unwritable(directory, cause)
  }
}

function assertOutside(store: StoreDirectory, to: BackupDirectory): void {
  const way = relative(store.root, to.root)
  if (way !== '' && (way.startsWith('..') || isAbsolute(way))) return
  const message = `${to.root} lies inside the store ${store.root}; a backup belongs elsewhere, best on another disk. Choose another directory with --to DIR.`
  throw new TickerflowError('CONFIG_INVALID', message, { details: { directory: to.root } })
}
