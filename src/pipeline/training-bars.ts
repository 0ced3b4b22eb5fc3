/** The prices that a version was trained on, by the digest that its tags name. */
import { isTickerflowError } from '../errors.ts'
import type { BarStore } from '../market/bar-store.ts'
import type { Bars } from '../market/bars.ts'
import type { ModelVersion } from '../tracking/tracking-store.ts'

/** Tag of a version with the digest of a symbol's bars. */
export function dataTag(symbol: string): string {
  return `tickerflow.data.${symbol}`
}

/**
 * @returns The bars, or why they are not there.
 * @throws {TickerflowError} SNAPSHOT_DAMAGED.
 */
export async function trainingBars(
  bars: BarStore,
  { name, version, tags }: Pick<ModelVersion, 'name' | 'version' | 'tags'>,
  symbol: string,
): Promise<Bars | string> {
  const digest = tags[dataTag(symbol)]
  if (digest === undefined) return `${name} version ${version} does not say what it was trained on`
  try {
    return await bars.load(symbol, digest)
  } catch (error) {
    if (!isTickerflowError(error) || error.code !== 'SNAPSHOT_MISSING') throw error
    return `the prices that ${name} version ${version} was trained on (${digest.slice(0, 12)}) are not in this store`
  }
}
