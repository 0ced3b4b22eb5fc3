/** `tickerflow backup`: copies of the whole store, made while it is in use, and back again. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, resolveConfig } from '../config.ts'
import { TickerflowError } from '../errors.ts'
import {
  type BackupDirectory,
  backupDirectory,
  listBackups,
  readBackup,
  type StoredBackup,
} from '../pipeline/backup/backup-manifest.ts'
import { createBackup, pruneBackups } from '../pipeline/backup/create-backup.ts'
import { restoreBackup, verifyBackup } from '../pipeline/backup/restore-backup.ts'
import { verifyRecords } from '../pipeline/verify-records.ts'
import { openStoreDirectory, type StoreDirectory, storeLayout } from '../store-directory.ts'
import { colours } from './colours.ts'
import {
  createAnswer,
  type GlobalOptions,
  listenForInterrupt,
  parseInstant,
  withContext,
} from './context.ts'
import { EXIT } from './exit-codes.ts'
import { createTerminalProgress } from './terminal-progress.ts'
import { table } from './words.ts'

export interface CreateOptions extends GlobalOptions {
  readonly to: string
  /** Backups that stay; without it all of them. */
  readonly keep?: number
}

/** Makes a backup of the store, and removes those that are too old. */
export async function create(options: CreateOptions): Promise<void> {
  const config = await configOf(options)
  const to = backupDirectory(options.to)
  const store = await existingStore(config)
  const nowMs = parseInstant(options.now, '--now')
  const clock = nowMs === undefined ? () => Date.now() : () => nowMs
  const created = await visibly('Copying the store', (signal, report) =>
    createBackup({ store, to, clock, signal, report }),
  )
  const removed = options.keep === undefined ? [] : await pruneBackups(to, options.keep)
  const { newBytes } = created
  answer(options, { ...summary(created, to), newBytes, removed }, () =>
    [
      `Backup ${created.id} in ${to.root}: ${sizeWords(created)}, ${bytesWords(newBytes)} of them new.`,
      ...(removed.length === 0 ? [] : [`Removed ${removed.join(', ')}.`]),
      ...(config.trackingUri === undefined
        ? []
        : [`Runs and models are on ${hostOf(config.trackingUri)}, which has backups of its own.`]),
    ].join('\n'),
  )
}

export interface FromOptions extends GlobalOptions {
  readonly from: string
  /** Id of a backup; the latest without it. */
  readonly id?: string
}

/** Every backup of a directory. */
export async function list(options: FromOptions): Promise<void> {
  const from = backupDirectory(options.from)
  const backups: StoredBackup[] = []
  for (const id of await listBackups(from)) backups.push(await readBackup(from, id))
  answer(
    options,
    backups.map((backup) => summary(backup, from)),
    () =>
      backups.length === 0
        ? `${from.root} has no backups.`
        : table(
            ['backup', 'made at', 'size'],
            backups.map((one) => [one.id, one.manifest.createdAt, sizeWords(one)]),
          ),
  )
}

/** Compares a backup with its digests. @returns The exit code: 1 when a file was changed. */
export async function verify(options: FromOptions): Promise<number> {
  const from = backupDirectory(options.from)
  const checked = await visibly('Checking', (signal, report) =>
    verifyBackup({ from, id: options.id, signal, report }),
  )
  const { faults } = checked
  answer(options, { ...summary(checked, from), intact: faults.length === 0, faults }, () =>
    faults.length === 0
      ? `Backup ${checked.id} is intact: ${sizeWords(checked)}.`
      : faults.map(({ path, fault }) => `${colours.red(fault)}: ${path}`).join('\n'),
  )
  return faults.length === 0 ? EXIT.done : EXIT.fault
}

/** Restores a store, and verifies its chained records. @returns 1 when those were changed before. */
export async function restore(options: FromOptions): Promise<number> {
  const from = backupDirectory(options.from)
  const store = storeLayout((await configOf(options)).store)
  const restored = await visibly('Restoring', (signal, report) =>
    restoreBackup({ from, id: options.id, store, signal, report }),
  )
  return await withContext({ ...options, store: store.root }, {}, async ({ app }) => {
    const { heads: _, ...records } = verifyRecords(app.database)
    answer(options, { ...summary(restored, from), store: store.root, records }, () =>
      [
        `Restored ${restored.id} into ${store.root}: ${sizeWords(restored)}.`,
        records.intact
          ? `Intact: ${records.auditLines} lines of the audit log, ${records.ledgerLines} of the ledger.`
          : colours.red(`Changed before the backup: ${records.faults[0]?.message ?? ''}`),
      ].join('\n'),
    )
    return records.intact ? EXIT.done : EXIT.fault
  })
}

function configOf({ store, config }: GlobalOptions): Promise<Config> {
  return resolveConfig({
    flags: store === undefined ? {} : { store },
    environment: process.env,
    directory: process.cwd(),
    ...(config === undefined ? {} : { file: config }),
  })
}

/** Opening a store makes it where it is not: what is not there must not become an empty backup. */
async function existingStore({ store }: Config): Promise<StoreDirectory> {
  const layout = storeLayout(store)
  if (existsSync(join(layout.root, 'store.json'))) return await openStoreDirectory(store)
  const message = `${layout.root} is not a store: it has no store.json. Name the store with --store DIR.`
  throw new TickerflowError('NOT_FOUND', message, { details: { directory: layout.root } })
}

async function visibly<T>(
  title: string,
  work: (signal: AbortSignal, report: (note: string) => void) => Promise<T>,
): Promise<T> {
  const interrupt = listenForInterrupt()
  try {
    const progress = createTerminalProgress(() => performance.now())
    return await progress.step(title, (report) => work(interrupt.signal, report))
  } finally {
    interrupt.stop()
  }
}

function answer(options: GlobalOptions, document: unknown, words: () => string): void {
  createAnswer(options.json ?? false)(document, words)
}

function summary({ id, manifest }: StoredBackup, { root }: BackupDirectory) {
  return {
    id,
    createdAt: manifest.createdAt,
    directory: root,
    files: manifest.files.length,
    bytes: bytesOf(manifest),
  }
}

function bytesOf({ files }: StoredBackup['manifest']): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}

function sizeWords({ manifest }: StoredBackup): string {
  return `${manifest.files.length} files, ${bytesWords(bytesOf(manifest))}`
}

function bytesWords(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

/** An address may carry a password. */
function hostOf(uri: string): string {
  return URL.canParse(uri) ? new URL(uri).host : 'the tracking server'
}
