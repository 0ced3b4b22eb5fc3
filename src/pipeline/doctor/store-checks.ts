/** Whether what is stored can be read and written, and whether it is of today. */
import { existsSync } from 'node:fs'
import { access, constants, mkdtemp, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Config } from '../../config.ts'
import { createBarStore } from '../../market/bar-store.ts'
import { createCalendar } from '../../market/calendar.ts'
import { SAMPLE_SYMBOLS } from '../../market/providers/sample.ts'
import { parseSymbol } from '../../market/symbol.ts'
import { formatDay } from '../../market/trading-date.ts'
import { databaseFaults } from '../../sqlite/check-database.ts'
import { openStoreDirectory, type StoreDirectory } from '../../store-directory.ts'
import { type DoctorFinding, failure, failureOf, ok, warning } from './finding.ts'

/** Less will not hold a few runs with their plots and models. */
const LEAST_FREE_BYTES = 1_000_000_000
/** The file system's clock may lag the machine's by as much, for its resolution or the network's. */
const MOST_CLOCK_DIFFERENCE_MS = 5_000
const STALE_SESSIONS = 1

/** Nothing is made where there is no store yet. */
export async function checkStore(store: StoreDirectory): Promise<readonly DoctorFinding[]> {
  if (!existsSync(store.root)) {
    const parent = nearestExisting(store.root)
    try {
      await access(parent, constants.W_OK)
      return [ok('store', `none at ${store.root} yet; it can be made`), await checkSpace(parent)]
    } catch {
      const advice = `Make ${parent} writable, or choose another place with --store.`
      return [failure('store', `${store.root} cannot be made`, advice)]
    }
  }
  if (!existsSync(join(store.root, 'store.json'))) {
    return [
      ok('store', `${store.root} is no store yet; it can become one`),
      await checkSpace(store.root),
    ]
  }
  try {
    await openStoreDirectory(store.root)
  } catch (error) {
    return [failureOf('store', error)]
  }
  return [ok('store', store.root), await checkSpace(store.root), ...checkDatabases(store)]
}

async function checkSpace(directory: string): Promise<DoctorFinding> {
  const { bavail, bsize } = await statfs(directory)
  const free = bavail * bsize
  const found = `${(free / 1e9).toFixed(1)} GB free`
  if (free >= LEAST_FREE_BYTES) return ok('disk', found)
  return warning(
    'disk',
    found,
    'Make room: a run keeps plots and a model, a backup the whole store.',
  )
}

function checkDatabases({ tickerflowDb, mlflowDb }: StoreDirectory): readonly DoctorFinding[] {
  return [tickerflowDb, mlflowDb]
    .filter((file) => existsSync(file))
    .map((file) => {
      const faults = databaseFaults(file)
      if (faults.length === 0) return ok('database', `${file} is whole`)
      const advice = 'Restore it from a backup: tickerflow backup restore.'
      return failure('database', `${file}: ${faults.join('; ')}`, advice)
    })
}

/** Whether the prices of the configured symbol are of today. */
export async function checkPrices(
  config: Config,
  store: StoreDirectory,
  clock: () => number,
): Promise<DoctorFinding> {
  const ingest = `tickerflow ingest --symbol ${config.symbol} --source yahoo, or --csv FILE`
  try {
    const symbol = parseSymbol(config.symbol)
    if (config.source === 'sample') return ok('prices', 'the sample, which ends on 2013-03-01')
    const bars = existsSync(store.bars)
      ? await createBarStore({
          directory: store.bars,
          temporaryDirectory: store.tmp,
          clock,
        }).loadLatest(symbol)
      : undefined
    if (bars === undefined && SAMPLE_SYMBOLS.some((known) => known === symbol)) {
      return ok('prices', `none of ${symbol} are stored; the sample is taken`)
    }
    if (bars === undefined) return warning('prices', `none of ${symbol} are stored`, ingest)
    if (bars.source === 'sample') return ok('prices', 'the sample, which ended long ago')
    const calendar = createCalendar(config.calendar, bars)
    const last = bars.date.at(-1) ?? 0
    const complete = calendar.lastCompleteSession(clock())
    const missing = complete <= last ? 0 : calendar.sessionsBetween(last + 1, complete).length
    const found = `${symbol} to ${formatDay(last)}, ${missing} session(s) missing`
    return missing <= STALE_SESSIONS ? ok('prices', found) : warning('prices', found, ingest)
  } catch (error) {
    return failureOf('prices', error)
  }
}

/** The machine's clock beside that of the file system, which may be another machine's. */
export async function checkClock(
  store: StoreDirectory,
  clock: () => number,
): Promise<DoctorFinding> {
  const directory = await mkdtemp(
    join(existsSync(store.tmp) ? store.tmp : tmpdir(), 'tickerflow-doctor-'),
  )
  try {
    const file = join(directory, 'now')
    await writeFile(file, '')
    const differenceMs = (await stat(file)).mtimeMs - clock()
    const found = new Date(clock()).toISOString()
    if (Math.abs(differenceMs) <= MOST_CLOCK_DIFFERENCE_MS) return ok('clock', found)
    return warning(
      'clock',
      `${found}; the file system's is ${(differenceMs / 1000).toFixed(0)} s from it`,
      'Set the clock by NTP: sessions, leases and lateness are judged by it.',
    )
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path))
}
