/** What a backup directory holds: the contents of files by digest, and a list of files per backup. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { TickerflowError } from '../../errors.ts'

export const BACKUP_FORMAT_VERSION = 1

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })

const BackupFile = Type.Object({
  /** Below the store, with `/`. */
  path: Type.String({ minLength: 1 }),
  bytes: Type.Integer({ minimum: 0 }),
  sha256: Sha256,
})
export type BackupFile = Static<typeof BackupFile>

export const BackupManifest = Type.Object({
  program: Type.Literal('tickerflow'),
  formatVersion: Type.Literal(BACKUP_FORMAT_VERSION),
  /** ISO 8601: the instant of the databases. */
  createdAt: Type.String(),
  files: Type.Array(BackupFile),
})
export type BackupManifest = Static<typeof BackupManifest>

export interface StoredBackup {
  /** `<instant>-<first digits of the manifest's SHA-256>`; sorts by time. */
  readonly id: string
  readonly manifest: BackupManifest
}

/** The paths of a directory of backups. */
export interface BackupDirectory {
  readonly root: string
  /** `<first two digits>/<SHA-256>` each. */
  readonly objects: string
  readonly manifests: string
  readonly tmp: string
  /** Held while a backup is made or removed. */
  readonly lock: string
}

export function backupDirectory(directory: string): BackupDirectory {
  const root = resolve(directory)
  return {
    root,
    objects: join(root, 'objects'),
    manifests: join(root, 'manifests'),
    tmp: join(root, 'tmp'),
    lock: join(root, 'lock.db'),
  }
}

export function objectPath({ objects }: BackupDirectory, sha256: string): string {
  return join(objects, sha256.slice(0, 2), sha256)
}

/** Bytes of a manifest, and the id that follows from them. */
export function encodeManifest(manifest: BackupManifest): { id: string; text: string } {
  const text = `${JSON.stringify(manifest, null, 1)}\n`
  const digest = createHash('sha256').update(text).digest('hex')
  return { id: `${manifest.createdAt.replaceAll(/[-:.]/g, '')}-${digest.slice(0, 12)}`, text }
}

/** Ids of the backups, oldest first; none when the directory has none. */
export async function listBackups(directory: BackupDirectory): Promise<readonly string[]> {
  const names = await readdir(directory.manifests).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  })
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .toSorted()
}

/**
 * Reads the list of a backup's files.
 *
 * @param id Without one, the latest.
 * @throws {TickerflowError} NOT_FOUND when there is no such backup; STORE_DAMAGED when its list was
 *   changed; STORE_FORMAT when a newer program wrote it.
 */
export async function readBackup(directory: BackupDirectory, id?: string): Promise<StoredBackup> {
  const ids = await listBackups(directory)
  const wanted = id ?? ids.at(-1)
  if (wanted === undefined || !ids.includes(wanted)) throw noBackup(directory, id, ids)
  const file = join(directory.manifests, `${wanted}.json`)
  const text = await readFile(file, 'utf8')
  const manifest = parseManifest(file, text)
  if (encodeManifest(manifest).id === wanted) return { id: wanted, manifest }
  throw damagedBackup(file, 'was changed since it was written')
}

function parseManifest(file: string, text: string): BackupManifest {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    throw damagedBackup(file, 'is not JSON')
  }
  if (Value.Check(BackupManifest, content)) return content
  const version = Object(content).formatVersion
  if (Number.isSafeInteger(version) && version > BACKUP_FORMAT_VERSION) {
    const message = `${file} says format ${version}, and this program reads format ${BACKUP_FORMAT_VERSION}; update the program.`
    throw new TickerflowError('STORE_FORMAT', message, { details: { file, found: version } })
  }
  throw damagedBackup(file, 'does not list the files of a backup')
}

export function damagedBackup(file: string, what: string): TickerflowError {
  const message = `${file} ${what}. Take another backup (tickerflow backup list) or another copy of this one.`
  return new TickerflowError('STORE_DAMAGED', message, { details: { file } })
}

function noBackup({ root }: BackupDirectory, id: string | undefined, ids: readonly string[]) {
  const there = ids.length === 0 ? 'it has none' : `it has ${ids.slice(-5).join(', ')}`
  const what = id === undefined ? 'No backup' : `No backup '${id}'`
  const message = `${what} in ${root}: ${there}. \`tickerflow backup create --to DIR\` makes one.`
  return new TickerflowError('NOT_FOUND', message, { details: { directory: root, id } })
}

/** Reads a file from end to end. */
export async function sha256Of(file: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { sha256: hash.digest('hex'), bytes }
}
