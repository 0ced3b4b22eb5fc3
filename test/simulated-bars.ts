/** Bars of a simulated market, for tests that need to know the truth. */
import type { BarColumns, Bars } from '../src/market/bars.ts'
import { createBars } from '../src/market/create-bars.ts'
import { exp } from '../src/numerics/elementary.ts'
import { createRandom, type Random } from '../src/numerics/random.ts'

export interface SimulatedMarket {
  readonly symbol?: string
  readonly sessions: number
  readonly seed: number | string
  /** α and β of the GARCH(1,1) volatility; 0 and 0 for a plain random walk. */
  readonly alpha?: number
  readonly beta?: number
  /** Share of a session's change that the next session is expected to repeat; default 0. */
  readonly momentum?: number
}

const DAILY_VARIANCE = 0.0004
const STEPS_PER_DAY = 8
const FIRST_DAY = 11_017 // Wednesday 2000-03-01, the day before the first session

/** A geometric walk with intraday steps, so that ranges and gaps are what the volatility says. */
export function simulateBars(market: SimulatedMarket): Bars {
  const { sessions, seed, symbol = 'SIM', alpha = 0.08, beta = 0.9, momentum = 0 } = market
  const random = createRandom(seed)
  const columns = emptyColumns(sessions)
  let variance = DAILY_VARIANCE
  let close = 50
  let change = 0
  let day = FIRST_DAY
  for (let t = 0; t < sessions; t++) {
    day = nextWeekday(day)
    const bar = simulateSession(random, close, Math.sqrt(variance), momentum * change)
    columns.date[t] = day
    columns.open[t] = bar.open
    columns.high[t] = bar.high
    columns.low[t] = bar.low
    columns.close[t] = bar.close
    columns.volume[t] = Math.round(1e6 * exp(0.4 * random.normal()))
    change = bar.close / close - 1
    variance = DAILY_VARIANCE * (1 - alpha - beta) + alpha * change * change + beta * variance
    close = bar.close
  }
  return createBars({ symbol, basis: 'split-adjusted', source: 'simulated', columns })
}

function simulateSession(random: Random, previousClose: number, volatility: number, drift: number) {
  const step = volatility / Math.sqrt(STEPS_PER_DAY)
  const drawn = () => exp(step * random.normal() + drift / STEPS_PER_DAY)
  const open = previousClose * drawn()
  let price = open
  let high = open
  let low = open
  for (let k = 1; k < STEPS_PER_DAY; k++) {
    price *= drawn()
    high = Math.max(high, price)
    low = Math.min(low, price)
  }
  return { open, high, low, close: price }
}

function nextWeekday(day: number): number {
  const next = day + 1
  const weekday = (next + 4) % 7
  if (weekday === 6) return next + 2
  return weekday === 0 ? next + 1 : next
}

function emptyColumns(n: number): BarColumns {
  const column = () => new Float64Array(n)
  return {
    date: new Int32Array(n),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  }
}

/** The same bars with every price after row `t` redrawn. */
export function withAnotherFuture(bars: Bars, t: number, seed: number | string): Bars {
  const random = createRandom(seed)
  const redraw = (column: Float64Array, low: number, high: number) =>
    column.map((value, row) => (row <= t ? value : value * (low + (high - low) * random.uniform())))
  const close = redraw(bars.close, 0.5, 1.5)
  const columns = {
    date: bars.date,
    open: redraw(bars.open, 0.5, 1.5),
    high: redraw(bars.high, 2, 4),
    low: redraw(bars.low, 0.1, 0.4),
    close,
    volume: redraw(bars.volume, 0.1, 9),
  }
  return createBars({ symbol: bars.symbol, basis: bars.basis, source: bars.source, columns })
}

/** The same bars with all prices multiplied by `factor`. */
export function withPricesTimes(bars: Bars, factor: number): Bars {
  const times = (column: Float64Array) => column.map((value) => value * factor)
  const columns = {
    date: bars.date,
    open: times(bars.open),
    high: times(bars.high),
    low: times(bars.low),
    close: times(bars.close),
    volume: bars.volume.map((value) => value / factor),
  }
  return createBars({ symbol: bars.symbol, basis: bars.basis, source: bars.source, columns })
}
