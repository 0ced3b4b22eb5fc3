/** The stored bars of each symbol with their features, kept until a newer snapshot is current. */
import type { Config } from '../../config.ts'
import { isTickerflowError } from '../../errors.ts'
import { buildFeatureFrame } from '../../features/build-frame.ts'
import type { FeatureFrame } from '../../features/feature-frame.ts'
import { assertNotBlocked } from '../../market/quality.ts'
import type { Application } from '../../pipeline/application.ts'
import { type CheckedBars, inspectBars, NO_ROWS_TO_FIT_ON } from '../../pipeline/market-data.ts'

export interface CurrentSeries extends CheckedBars {
  readonly frame: FeatureFrame
}

export interface CurrentBars {
  /** @throws {TickerflowError} SNAPSHOT_MISSING, SYMBOL_INVALID, DATA_BLOCKED, SNAPSHOT_DAMAGED. */
  of(symbol: string): Promise<CurrentSeries>
}

/** How long an answer may rest on a snapshot that another process has replaced. */
const RECHECK_MS = 1_000
/** The age in sessions moves when a session ends: often enough to see it. */
const REREAD_MS = 60_000
/** Series kept at most; about half a megabyte each. */
const SERIES_LIMIT = 256

interface Entry {
  series: Promise<CurrentSeries>
  digest: string | undefined
  checkedAtMs: number
  readAtMs: number
}

/** @param config Calendar and accepted findings; a provider is never asked in a request. */
export function createCurrentBars(app: Application, config: Config): CurrentBars {
  const { source, ...rest } = config
  const stored: Config = source === 'sample' ? config : rest
  const entries = new Map<string, Entry>()

  const read = async (symbol: string): Promise<CurrentSeries> => {
    const checked = await inspectBars(app, { symbol, config: stored, limits: NO_ROWS_TO_FIT_ON })
    assertNotBlocked(checked.bars, checked.findings)
    return { ...checked, frame: buildFeatureFrame(checked.bars) }
  }

  const start = (symbol: string, digest: string | undefined): Entry => {
    const now = app.stopwatch()
    const entry = { series: read(symbol), digest, checkedAtMs: now, readAtMs: now }
    entry.series.catch(() => entries.delete(symbol))
    return entry
  }

  const currentDigest = async (symbol: string) =>
    source === 'sample' ? undefined : (await app.bars.history(symbol)).at(-1)?.digest

  return {
    async of(symbol) {
      const known = entries.get(symbol)
      const now = app.stopwatch()
      if (known !== undefined && now - known.checkedAtMs < RECHECK_MS) return await known.series
      if (known !== undefined) known.checkedAtMs = now
      const digest = await currentDigest(symbol)
      const isFresh =
        known !== undefined && known.digest === digest && now - known.readAtMs < REREAD_MS
      const entry = isFresh ? known : start(symbol, digest)
      entries.delete(symbol)
      entries.set(symbol, entry)
      if (entries.size > SERIES_LIMIT) entries.delete(entries.keys().next().value ?? symbol)
      return await lastGood(entry, known)
    },
  }
}

/** While a snapshot cannot be read, the one before it answers. */
async function lastGood(entry: Entry, before: Entry | undefined): Promise<CurrentSeries> {
  try {
    return await entry.series
  } catch (error) {
    const isTransient = isTickerflowError(error) && error.code === 'STORE_UNWRITABLE'
    if (before === undefined || !isTransient) throw error
    return await before.series
  }
}
