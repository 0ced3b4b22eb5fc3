/**
 * The store of daily bars: every series ever fetched, each under its digest, none ever changed.
 *
 * `<slug>/<digest>` is the canonical bytes, so that the SHA-256 of the file is its name;
 * `<slug>/history.jsonl` says which snapshot is current and which were before it.
 */

import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'

import { writeFileAtomic } from '../atomic-file.ts'
import { TickerflowError } from '../errors.ts'
import { decodeBars, encodeBars } from './bar-codec.ts'
import type { Bars } from './bars.ts'
import { createBars } from './create-bars.ts'
import type { Finding } from './finding.ts'
import { assertNotBlocked } from './quality.ts'
import { readIfPresent } from './read-if-present.ts'
import { findRestatements } from './restatement.ts'
import { appendSnapshotRecord, readSnapshotLog, type SnapshotRecord } from './snapshot-log.ts'
import { parseSymbol, symbolSlug } from './symbol.ts'
import { formatDay } from './trading-date.ts'

export interface BarStoreOptions {
  /** `bars/` of the store; created when needed. */
  readonly directory: string
  /** `tmp/` of the store, on the same file system. */
  readonly temporaryDirectory: string
  /** UTC milliseconds. */
  readonly clock: () => number
}

export interface SavedBars {
  readonly digest: string
  /** Whether this series had never been stored. */
  readonly isNew: boolean
  /** What it changes in the history that was current before. */
  readonly findings: readonly Finding[]
}

export interface BarStore {
  /**
   * Keeps the bars and makes them the current ones of their symbol.
   *
   * @throws {TickerflowError} `DATA_BLOCKED` when they are evidently of another series than the
   *   current ones, `STORE_UNWRITABLE`; either way everything stored stays as it was.
   */
  save(bars: Bars): Promise<SavedBars>
  /**
   * The snapshot with the digest.
   *
   * @throws {TickerflowError} `SNAPSHOT_MISSING`, `SNAPSHOT_DAMAGED`.
   */
  load(symbol: string, digest: string): Promise<Bars>
  /**
   * The current bars of the symbol; `undefined` when none were ever stored.
   *
   * @throws {TickerflowError} `SNAPSHOT_MISSING`, `SNAPSHOT_DAMAGED`.
   */
  loadLatest(symbol: string): Promise<Bars | undefined>
  /** The snapshots that have been current, oldest first; the last one is. */
  history(symbol: string): Promise<readonly SnapshotRecord[]>
}

/** A store in a directory. Several processes may use it at once. */
export function createBarStore(options: BarStoreOptions): BarStore {
  const store: BarStore = {
    save: (bars) => save(options, store, bars),
    load: (symbol, digest) => load(options, parseSymbol(symbol), digest),
    async loadLatest(symbol) {
      const current = (await store.history(symbol)).at(-1)
      return current === undefined ? undefined : await store.load(symbol, current.digest)
    },
    history: (symbol) => historyOf(options, parseSymbol(symbol)),
  }
  return store
}

async function save(options: BarStoreOptions, store: BarStore, bars: Bars): Promise<SavedBars> {
  const history = await store.history(bars.symbol)
  const current = history.at(-1)
  const findings = await comparedWith(store, current, bars)
  assertNotBlocked(bars, findings)
  await writeSnapshot(options, bars)
  const isNew = !history.some(({ digest }) => digest === bars.digest)
  if (current?.digest === bars.digest && current.source === bars.source) {
    return { digest: bars.digest, isNew, findings }
  }
  const record = createRecord(bars, options.clock())
  await appendSnapshotRecord(logPath(options, bars.symbol), record)
  const overtaking = await overtakingRecord(store, record, current)
  const late = await comparedWith(store, overtaking, bars)
  return { digest: bars.digest, isNew, findings: [...findings, ...late] }
}

/** The snapshot that another writer made current between our reading and our writing. */
async function overtakingRecord(
  store: BarStore,
  mine: SnapshotRecord,
  expected: SnapshotRecord | undefined,
): Promise<SnapshotRecord | undefined> {
  const history = await store.history(mine.symbol)
  const before = history[history.findIndex(({ id }) => id === mine.id) - 1]
  return before?.id === expected?.id ? undefined : before
}

/** A snapshot that has been removed by hand cannot be compared with; a damaged one is an error. */
async function comparedWith(
  store: BarStore,
  record: SnapshotRecord | undefined,
  bars: Bars,
): Promise<Finding[]> {
  if (record === undefined || record.digest === bars.digest) return []
  const earlier = await store.load(bars.symbol, record.digest).catch((error: unknown) => {
    if (error instanceof TickerflowError && error.code === 'SNAPSHOT_MISSING') return undefined
    throw error
  })
  return earlier === undefined ? [] : findRestatements(earlier, bars)
}

/** Writes the snapshot unless it is there, whole; a damaged one is repaired by the same bytes. */
async function writeSnapshot(options: BarStoreOptions, bars: Bars): Promise<void> {
  const path = snapshotPath(options, bars.symbol, bars.digest)
  const present = await readIfPresent(path)
  if (present !== undefined && sha256(present) === bars.digest) return
  const bytes = encodeBars({ ...bars, columns: bars })
  await writeFileAtomic(path, bytes, { temporaryDirectory: options.temporaryDirectory })
}

async function load(options: BarStoreOptions, symbol: string, digest: string): Promise<Bars> {
  const path = snapshotPath(options, symbol, digest)
  const bytes = /^[0-9a-f]{64}$/.test(digest) ? await readIfPresent(path) : undefined
  if (bytes === undefined) throw missing(symbol, digest)
  if (sha256(bytes) !== digest) throw damaged(symbol, path)
  const content = decodeBars(bytes)
  if (content === undefined) throw damaged(symbol, path)
  if (content.symbol !== symbol) throw missing(symbol, digest)
  const history = await historyOf(options, symbol)
  const source = history.findLast((record) => record.digest === digest)?.source ?? 'store'
  return createBars({ ...content, source })
}

async function historyOf(options: BarStoreOptions, symbol: string): Promise<SnapshotRecord[]> {
  const records = await readSnapshotLog(logPath(options, symbol))
  return records.filter((record) => record.symbol === symbol)
}

function createRecord(bars: Bars, savedAt: number): SnapshotRecord {
  const { symbol, digest, source, basis, date } = bars
  const first = date[0]
  const last = date.at(-1)
  return {
    id: randomUUID(),
    savedAt,
    symbol,
    digest,
    source,
    basis,
    rows: date.length,
    first: first === undefined ? null : formatDay(first),
    last: last === undefined ? null : formatDay(last),
  }
}

function snapshotPath({ directory }: BarStoreOptions, symbol: string, digest: string): string {
  return join(directory, symbolSlug(symbol), digest)
}

function logPath({ directory }: BarStoreOptions, symbol: string): string {
  return join(directory, symbolSlug(symbol), 'history.jsonl')
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function missing(symbol: string, digest: string): TickerflowError {
  const message =
    `There are no stored bars of ${symbol} with the digest ${digest}. Fetch or import them again: ` +
    `tickerflow ingest --symbol ${symbol}.`
  return new TickerflowError('SNAPSHOT_MISSING', message, { details: { symbol, digest } })
}

function damaged(symbol: string, path: string): TickerflowError {
  const message =
    `The stored bars of ${symbol} in ${path} are not what was written: their SHA-256 is not the ` +
    "file's name. Restore the file from a backup, or remove it and fetch the bars again."
  return new TickerflowError('SNAPSHOT_DAMAGED', message, { details: { symbol, path } })
}
