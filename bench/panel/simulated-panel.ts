/** A simulated market of many symbols, part by part: prices in cents, volumes in whole shares. */
import { allocatePanel, type PanelPrices, slicePanel } from '../../src/market/panel/panel-prices.ts'
import { exp } from '../../src/numerics/elementary.ts'
import { createRandom, type Random } from '../../src/numerics/random.ts'

export interface SimulatedUniverse {
  readonly symbols: number
  readonly sessions: number
  readonly symbolsPerPart: number
}

/** Monday 2010-01-04. */
const FIRST_DAY = 14_613

/** Median opening price, in dollars, and shares a day; both spread log-normally over the symbols. */
const MEDIAN_PRICE = 20
const MEDIAN_VOLUME = 300_000
const DAILY_VOLATILITY = 0.012

/** Columns for the whole universe, all zero but for the offsets; symbols ascending. */
export function emptyUniverse({ symbols, sessions }: SimulatedUniverse): PanelPrices {
  const names = Array.from({ length: symbols }, (_, i) => `S${String(i).padStart(6, '0')}`)
  const panel = allocatePanel(names, symbols * sessions)
  for (let index = 0; index <= symbols; index++) panel.offset[index] = index * sessions
  return panel
}

/**
 * Fills the universe part by part and gives a view of each; each symbol has a stream of random numbers
 * of its own.
 */
export function* simulateParts(
  panel: PanelPrices,
  { symbols, sessions, symbolsPerPart }: SimulatedUniverse,
): Generator<PanelPrices> {
  for (let from = 0; from < symbols; from += symbolsPerPart) {
    const to = Math.min(symbols, from + symbolsPerPart)
    for (let index = from; index < to; index++) {
      const random = createRandom(panel.symbols[index] as string)
      simulateSymbol(panel, index * sessions, { random, sessions })
    }
    yield slicePanel(panel, from, to)
  }
}

/** Volatility clusters: its logarithm is an autoregression. */
function simulateSymbol(
  panel: PanelPrices,
  row: number,
  { random, sessions }: { readonly random: Random; readonly sessions: number },
): void {
  let price = MEDIAN_PRICE * exp(0.8 * random.normal())
  const usualVolume = MEDIAN_VOLUME * exp(1.5 * random.normal())
  let logVolatility = 0
  for (let t = row; t < row + sessions; t++) {
    logVolatility = 0.98 * logVolatility + 0.05 * random.normal()
    const volatility = DAILY_VOLATILITY * exp(logVolatility)
    const open = cents(price * exp(0.3 * volatility * random.normal()))
    const close = cents(open * exp(volatility * random.normal()))
    const reach = 0.4 * volatility
    panel.date[t] = weekdayAfter(FIRST_DAY, t - row)
    panel.open[t] = open
    panel.high[t] = cents(Math.max(open, close) * exp(reach * Math.abs(random.normal())))
    panel.low[t] = cents(Math.min(open, close) * exp(-reach * Math.abs(random.normal())))
    panel.close[t] = close
    panel.volume[t] = Math.round(usualVolume * exp(0.3 * random.normal()))
    price = close
  }
}

function cents(price: number): number {
  return Math.max(1, Math.round(price * 100)) / 100
}

function weekdayAfter(monday: number, count: number): number {
  return monday + Math.floor(count / 5) * 7 + (count % 5)
}
