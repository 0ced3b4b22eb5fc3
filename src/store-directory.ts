/** The directory under which everything the program writes lies, and the layout inside it. */
import { constants } from 'node:fs'
import { access, mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { unwritable, writeFileAtomic } from './atomic-file.ts'
import { TickerflowError } from './errors.ts'

/** Counts up whenever an older program could misread what a newer one wrote. */
export const STORE_FORMAT_VERSION = 1

/** Absolute paths. Only `root` and `store.json` exist for certain; the rest appears when used. */
export interface StoreDirectory {
  readonly root: string
  /** Runs, metrics and the model registry: MLflow's tables only. */
  readonly mlflowDb: string
  /** The program's own records: promotions, audit, looks of the gate, ledger. */
  readonly tickerflowDb: string
  readonly artifacts: string
  /** Immutable price snapshots, `bars/<slug>/<digest>`. */
  readonly bars: string
  /** Prices of many symbols, `universes/<name>/<digest>`. */
  readonly universes: string
  readonly checkpoints: string
  /** Unfinished files; on the same file system as all the others. */
  readonly tmp: string
  /** Metrics that a remote tracking server has not taken yet. */
  readonly spool: string
}

/**
 * Opens a store, creating it when it is not there.
 *
 * @throws {TickerflowError} STORE_FORMAT when a newer program wrote the store or `store.json` is
 *   not ours; STORE_UNWRITABLE when the directory cannot be made or written.
 */
export async function openStoreDirectory(directory: string): Promise<StoreDirectory> {
  const store = storeLayout(directory)
  await ensureWritable(store.root)
  const manifest = join(store.root, 'store.json')
  const text = await readIfPresent(manifest)
  if (text === undefined) await writeManifest(store, manifest)
  else assertFormat(manifest, text)
  return store
}

/** The paths of a store, without touching the disk. */
export function storeLayout(directory: string): StoreDirectory {
  const root = resolve(directory)
  return {
    root,
    mlflowDb: join(root, 'mlflow.db'),
    tickerflowDb: join(root, 'tickerflow.db'),
    artifacts: join(root, 'artifacts'),
    bars: join(root, 'bars'),
    universes: join(root, 'universes'),
    checkpoints: join(root, 'checkpoints'),
    tmp: join(root, 'tmp'),
    spool: join(root, 'spool'),
  }
}

async function ensureWritable(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true })
    await access(root, constants.W_OK)
  } catch (cause) {
    throw unwritable(root, cause)
  }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw unwritable(path, cause)
  }
}

async function writeManifest(store: StoreDirectory, manifest: string): Promise<void> {
  const content = { program: 'tickerflow', formatVersion: STORE_FORMAT_VERSION }
  const text = `${JSON.stringify(content, null, 2)}\n`
  await writeFileAtomic(manifest, text, { temporaryDirectory: store.tmp })
}

function assertFormat(manifest: string, text: string): void {
  const found = formatVersionOf(text)
  if (found === STORE_FORMAT_VERSION) return
  const what =
    found === undefined
      ? 'is not the manifest of a Tickerflow store'
      : `says format ${found}, and this program reads format ${STORE_FORMAT_VERSION}`
  const advice =
    found !== undefined && found > STORE_FORMAT_VERSION
      ? 'update the program, or use another directory with --store DIR'
      : 'restore it from a backup, or use another directory with --store DIR'
  throw new TickerflowError('STORE_FORMAT', `${manifest} ${what}; ${advice}.`, {
    details: { file: manifest, found, expected: STORE_FORMAT_VERSION },
  })
}

function formatVersionOf(text: string): number | undefined {
  try {
    const version: unknown = JSON.parse(text)?.formatVersion
    return Number.isSafeInteger(version) ? Number(version) : undefined
  } catch {
    return undefined
  }
}
