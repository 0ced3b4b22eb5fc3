/** Checks a backup against its digests, and brings one back into an empty directory. */
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize } from 'node:path'
import { unwritable, writeFileAtomic } from '../../atomic-file.ts'
import { TickerflowError } from '../../errors.ts'
import { findDatabaseFault } from '../../sqlite/copy-databases.ts'
import { openStoreDirectory, type StoreDirectory } from '../../store-directory.ts'
import { assertNotStopped } from '../interruption.ts'
import type { Report } from '../progress.ts'
import {
  type BackupDirectory,
  type BackupFile,
  damagedBackup,
  objectPath,
  readBackup,
  type StoredBackup,
  sha256Of,
} from './backup-manifest.ts'

export interface ReadRequest {
  readonly from: BackupDirectory
  /** Without one, the latest. */
  readonly id: string | undefined
  readonly signal: AbortSignal
  readonly report: Report
}

export interface BackupFault {
  /** Of the store. */
  readonly path: string
  readonly fault: 'missing' | 'changed'
}

/** Reads every file of a backup and compares it with its digest. @throws What `readBackup` throws. */
export async function verifyBackup(
  request: ReadRequest,
): Promise<StoredBackup & { readonly faults: readonly BackupFault[] }> {
  const stored = await readBackup(request.from, request.id)
  const faults: BackupFault[] = []
  for (const [at, file] of stored.manifest.files.entries()) {
    assertNotStopped(request.signal)
    const fault = await faultOf(objectPath(request.from, file.sha256), file)
    if (fault !== undefined) faults.push({ path: file.path, fault })
    request.report(`${at + 1} of ${stored.manifest.files.length} files`)
  }
  return { ...stored, faults }
}

async function faultOf(
  object: string,
  { sha256 }: BackupFile,
): Promise<BackupFault['fault'] | undefined> {
  if (!existsSync(object)) return 'missing'
  return (await sha256Of(object)).sha256 === sha256 ? undefined : 'changed'
}

const MANIFEST = 'store.json'

/**
 * Brings a backup back into a directory that is empty or not there.
 *
 * `store.json` says that the store is unfinished until everything is in its place and has been
 * checked; a program that opens the store before is told to restore it from a backup.
 *
 * @throws {TickerflowError} ALREADY_EXISTS when the directory holds something; STORE_DAMAGED when the
 *   backup is not what was written; STORE_UNWRITABLE, INTERRUPTED; what `readBackup` throws.
 */
export async function restoreBackup(
  request: ReadRequest & { readonly store: StoreDirectory },
): Promise<StoredBackup> {
  const { from, store, signal, report } = request
  const stored = await readBackup(from, request.id)
  const { files } = stored.manifest
  for (const { path } of files) assertInside(from, path)
  await assertEmpty(store)
  await writeStoreManifest(store, JSON.stringify({ program: 'tickerflow', restoring: stored.id }))
  for (const [at, file] of files.entries()) {
    assertNotStopped(signal)
    if (file.path !== MANIFEST) await restoreFile(from, store, file)
    report(`${at + 1} of ${files.length} files`)
  }
  for (const { path } of files.filter(isDatabase)) {
    const fault = findDatabaseFault(join(store.root, path))
    if (fault !== undefined) throw damagedBackup(join(store.root, path), `has a fault: ${fault}`)
  }
  const manifest = files.find(({ path }) => path === MANIFEST)
  if (manifest === undefined) throw damagedBackup(from.root, `has no ${MANIFEST} in ${stored.id}`)
  await assertWhole(from, manifest)
  await writeStoreManifest(store, await readFile(objectPath(from, manifest.sha256)))
  await openStoreDirectory(store.root)
  return stored
}

function isDatabase({ path }: BackupFile): boolean {
  return !path.includes('/') && path.endsWith('.db')
}

async function restoreFile(
  from: BackupDirectory,
  store: StoreDirectory,
  file: BackupFile,
): Promise<void> {
  const target = join(store.root, ...file.path.split('/'))
  await assertWhole(from, file)
  try {
    await mkdir(dirname(target), { recursive: true })
    await copyFile(objectPath(from, file.sha256), target)
  } catch (cause) {
    throw unwritable(target, cause)
  }
  const written = await stat(target)
  if (written.size !== file.bytes) {
    throw unwritable(target, new Error(`${written.size} of ${file.bytes} bytes were written`))
  }
}

async function assertWhole(from: BackupDirectory, file: BackupFile): Promise<void> {
  const object = objectPath(from, file.sha256)
  const fault = await faultOf(object, file)
  if (fault !== undefined) throw damagedBackup(object, `(${file.path}) is ${fault}`)
}

function writeStoreManifest(store: StoreDirectory, content: string | Uint8Array): Promise<void> {
  const temporaryDirectory = store.tmp
  return writeFileAtomic(join(store.root, MANIFEST), content, { temporaryDirectory })
}

async function assertEmpty({ root }: StoreDirectory): Promise<void> {
  const names = existsSync(root) ? await readdir(root) : []
  if (names.length === 0) return
  const message = `${root} is not empty (${names.slice(0, 3).join(', ')}). A backup is restored into an empty directory: move this one away, or choose another with --store DIR.`
  throw new TickerflowError('ALREADY_EXISTS', message, { details: { directory: root } })
}

/** A list of files that somebody else made must not write elsewhere. */
function assertInside({ root }: BackupDirectory, path: string): void {
  const clean = normalize(path)
  if (!isAbsolute(path) && !clean.startsWith('..') && !/[\\:]/.test(path)) return
  throw damagedBackup(root, `lists '${path}', which is not a path below a store`)
}
