/**
 * Universes: the prices of many symbols as immutable snapshots of Parquet files.
 *
 * `<name>/<digest>/part-00000.parquet …` with `snapshot.json` beside them; `<name>/current.json` names
 * the snapshot in use. The digest is of the prices, not of their encoding.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { unwritable, writeFileAtomic } from '../../atomic-file.ts'
import { canonicalJson } from '../../canonical-json.ts'
import { TickerflowError } from '../../errors.ts'
import { readIfPresent } from '../read-if-present.ts'
import { formatDay } from '../trading-date.ts'
import { type DuckDb, type DuckDbOptions, openDuckDb } from './duckdb.ts'
import { type PanelPrices, PRICE_COLUMNS } from './panel-prices.ts'
import { writePart } from './parquet-part.ts'

const FORMAT_VERSION = 1

/** One file: the symbols of a range, in code-unit order. */
export interface UniversePart {
  readonly file: string
  readonly symbols: number
  readonly firstSymbol: string
  readonly lastSymbol: string
  readonly rows: number
  readonly bytes: number
  /** Of the file (hex). */
  readonly sha256: string
  /** Of the prices in it (hex). */
  readonly digest: string
}

export interface UniverseSnapshot {
  readonly formatVersion: typeof FORMAT_VERSION
  readonly name: string
  /** SHA-256 (hex) of the parts' digests. */
  readonly digest: string
  /** Where the prices came from, for people. */
  readonly source: string
  /** UTC milliseconds. */
  readonly savedAt: number
  readonly symbols: number
  readonly rows: number
  /** `YYYY-MM-DD`. */
  readonly first: string
  readonly last: string
  readonly parts: readonly UniversePart[]
}

export interface UniverseStoreOptions {
  /** `universes/` of the store; created when needed. */
  readonly directory: string
  /** `tmp/` of the store, on the same file system. */
  readonly temporaryDirectory: string
  /** UTC milliseconds. */
  readonly clock: () => number
  /** Of DuckDB while it writes. */
  readonly memoryMegabytes: number
}

export interface UniverseOrigin {
  readonly name: string
  readonly source: string
  /** Stops between two parts; nothing of the new snapshot is left then. */
  readonly signal?: AbortSignal
  readonly onPart?: (part: UniversePart) => void
}

export interface UniverseStore {
  /**
   * Keeps a snapshot and makes it the current one of its name.
   *
   * @param panels One panel per file: symbols ascending within a panel and from panel to panel.
   * @throws {TickerflowError} UNIVERSE_INVALID on symbols out of order or no prices at all,
   *   INTERRUPTED, STORE_UNWRITABLE; the earlier snapshot then stays the current one.
   */
  save(origin: UniverseOrigin, panels: AsyncIterable<PanelPrices>): Promise<UniverseSnapshot>
  /** The current snapshot; `undefined` when the name was never saved. */
  current(name: string): Promise<UniverseSnapshot | undefined>
  /** Where a part lies, after a check of its bytes. @throws {TickerflowError} SNAPSHOT_DAMAGED. */
  verifiedPath(snapshot: UniverseSnapshot, part: UniversePart): Promise<string>
  /** Names that have a current snapshot, ascending. */
  names(): Promise<readonly string[]>
}

export function createUniverseStore(options: UniverseStoreOptions): UniverseStore {
  const folderOf = (name: string) => join(options.directory, parseUniverseName(name))
  return {
    save: (origin, panels) => save(options, origin, panels),
    async current(name) {
      const pointer = await readIfPresent(join(folderOf(name), 'current.json'))
      if (pointer === undefined) return undefined
      const { digest } = JSON.parse(pointer.toString('utf8')) as { digest: string }
      const path = join(folderOf(name), digest, 'snapshot.json')
      return parseSnapshot(await readIfPresent(path), path)
    },
    async verifiedPath(snapshot, part) {
      const path = join(folderOf(snapshot.name), snapshot.digest, part.file)
      const received = await sha256OfFile(path).catch(() => 'not readable')
      if (received === part.sha256) return path
      throw damaged(path, `its SHA-256 is ${received}, ${part.sha256} was written`)
    },
    async names() {
      const entries = await readdir(options.directory, { withFileTypes: true }).catch(() => [])
      const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
      return folders.sort()
    },
  }
}

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/

/** @throws {TickerflowError} UNIVERSE_INVALID. */
export function parseUniverseName(name: string): string {
  if (NAME.test(name)) return name
  throw invalid(
    `'${name}' is no name of a universe: expected lower-case letters, digits and '-', at most 40`,
    { name },
  )
}

async function save(
  options: UniverseStoreOptions,
  origin: UniverseOrigin,
  panels: AsyncIterable<PanelPrices>,
): Promise<UniverseSnapshot> {
  const home = join(options.directory, parseUniverseName(origin.name))
  const staging = join(options.temporaryDirectory, `universe-${randomUUID()}`)
  const database = { ...options, temporaryDirectory: join(staging, 'spill') }
  await mkdir(database.temporaryDirectory, { recursive: true }).catch((cause) => {
    throw unwritable(staging, cause)
  })
  try {
    const written = await writeParts(staging, database, { origin, panels })
    const snapshot = { ...written, savedAt: options.clock() }
    await rm(database.temporaryDirectory, { recursive: true, force: true })
    await flushedWrite(join(staging, 'snapshot.json'), `${canonicalJson(snapshot)}\n`)
    await moveInto(staging, join(home, snapshot.digest))
    const pointer = `${canonicalJson({ digest: snapshot.digest })}\n`
    await writeFileAtomic(join(home, 'current.json'), pointer, options)
    return snapshot
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

interface Saving {
  readonly origin: UniverseOrigin
  readonly panels: AsyncIterable<PanelPrices>
}

async function writeParts(
  staging: string,
  database: DuckDbOptions,
  { origin, panels }: Saving,
): Promise<Omit<UniverseSnapshot, 'savedAt'>> {
  const db = await openDuckDb(database)
  const parts: UniversePart[] = []
  const days = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY }
  try {
    for await (const panel of panels) {
      assertNotStopped(origin.signal)
      assertAscending(panel, parts.at(-1)?.lastSymbol)
      const part = await storePart(db, panel, {
        staging,
        file: `part-${String(parts.length).padStart(5, '0')}.parquet`,
      })
      for (const day of panel.date) {
        if (day < days.first) days.first = day
        if (day > days.last) days.last = day
      }
      parts.push(part)
      origin.onPart?.(part)
    }
  } finally {
    db.close()
  }
  const total = (count: (part: UniversePart) => number) =>
    parts.reduce((sum, part) => sum + count(part), 0)
  const rows = total((part) => part.rows)
  if (rows === 0) throw invalid('There are no prices to keep', { name: origin.name })
  return {
    formatVersion: FORMAT_VERSION,
    name: origin.name,
    digest: sha256(parts.map(({ digest }) => digest).join('\n')),
    source: origin.source,
    symbols: total((part) => part.symbols),
    rows,
    first: formatDay(days.first),
    last: formatDay(days.last),
    parts,
  }
}

async function storePart(
  db: DuckDb,
  panel: PanelPrices,
  { staging, file }: { readonly staging: string; readonly file: string },
): Promise<UniversePart> {
  const path = join(staging, file)
  await writePart(db, panel, path).catch((cause) => {
    throw unwritable(path, cause)
  })
  await flush(path)
  const { size } = await stat(path)
  return {
    file,
    symbols: panel.symbols.length,
    firstSymbol: panel.symbols[0] as string,
    lastSymbol: panel.symbols.at(-1) as string,
    rows: panel.date.length,
    bytes: size,
    sha256: await sha256OfFile(path),
    digest: panelDigest(panel),
  }
}

/** SHA-256 (hex) of symbols and columns, the same on machines of either byte order. */
export function panelDigest(panel: PanelPrices): string {
  const hash = createHash('sha256').update(`${panel.symbols.join(' ')}\n`)
  hash.update(littleEndian(panel.offset)).update(littleEndian(panel.date))
  for (const name of PRICE_COLUMNS) hash.update(littleEndian(panel[name]))
  return hash.digest('hex')
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

function littleEndian(values: Int32Array | Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  if (IS_LITTLE_ENDIAN) return bytes
  const swapped = Buffer.from(bytes)
  return values instanceof Int32Array ? swapped.swap32() : swapped.swap64()
}

function assertAscending({ symbols }: PanelPrices, before: string | undefined): void {
  let previous = before
  for (const symbol of symbols) {
    if (previous !== undefined && symbol <= previous) {
      throw invalid(`The symbols are out of order: ${symbol} comes after ${previous}`, { symbol })
    }
    previous = symbol
  }
}

function assertNotStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new TickerflowError('INTERRUPTED', 'Stopped on request; the universe is as it was.')
  }
}

/** A snapshot that is there already has the same prices: it stays. */
async function moveInto(staging: string, home: string): Promise<void> {
  try {
    await mkdir(join(home, '..'), { recursive: true })
    await rename(staging, home)
  } catch (cause) {
    if (await stat(join(home, 'snapshot.json')).catch(() => undefined)) return
    throw unwritable(home, cause)
  }
}

async function flushedWrite(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
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

function parseSnapshot(bytes: Buffer | undefined, path: string): UniverseSnapshot {
  if (bytes === undefined) throw damaged(path, 'it is not there')
  const snapshot = JSON.parse(bytes.toString('utf8')) as UniverseSnapshot
  if (snapshot.formatVersion === FORMAT_VERSION) return snapshot
  throw damaged(path, `its format is ${snapshot.formatVersion}, expected ${FORMAT_VERSION}`)
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function invalid(message: string, details: Record<string, unknown>): TickerflowError {
  return new TickerflowError('UNIVERSE_INVALID', `${message}.`, { details })
}

function damaged(path: string, reason: string): TickerflowError {
  return new TickerflowError(
    'SNAPSHOT_DAMAGED',
    `The universe's file ${path} is not what was written: ${reason}. Restore it from a backup, or ` +
      'import the universe again.',
    { details: { path } },
  )
}
