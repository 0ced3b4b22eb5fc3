/** How forecasters are named and tagged in the model registry. */
import { symbolSlug } from '../market/symbol.ts'
import type { StringMap } from '../tracking/tracking-store.ts'

/** `aapl-forecaster` for AAPL. Different symbols can share a name; the version's tags tell them apart. */
export function forecasterName(symbol: string): string {
  return `${symbolSlug(symbol)}-forecaster`
}

export interface VersionCoverage {
  readonly symbols: readonly string[]
  /** Sessions ahead. */
  readonly horizons: readonly number[]
  /** Digest of everything that shapes the model but the data span. */
  readonly recipe: string
}

/** The tags that say what a version covers. */
export function versionTags(coverage: VersionCoverage): StringMap {
  return {
    'tickerflow.symbols': coverage.symbols.join(','),
    'tickerflow.horizons': coverage.horizons.join(','),
    'tickerflow.recipe': coverage.recipe,
  }
}

/** Reads the tags back; `undefined` when they are not all there or were written by something else. */
export function coverageOfTags(tags: StringMap): VersionCoverage | undefined {
  const symbols = tags['tickerflow.symbols']?.split(',')
  const horizons = tags['tickerflow.horizons']?.split(',').map(Number)
  const recipe = tags['tickerflow.recipe']
  if (symbols === undefined || horizons === undefined || recipe === undefined) return undefined
  const sound = horizons.every((horizon) => Number.isSafeInteger(horizon) && horizon >= 1)
  return sound ? { symbols, horizons, recipe } : undefined
}
