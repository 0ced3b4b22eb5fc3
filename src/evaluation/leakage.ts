/**
 * Looks for knowledge of the future: recomputes with another future and compares bits.
 *
 * What was computed for a day must come out the same whatever follows that day. The other future is
 * shorter than the real one, so that what depends on the length of the series shows, and swings far
 * above and below it, so that a maximum, a minimum or a mean over the whole series shows.
 */
import { TickerflowError } from '../errors.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import type { Feature } from '../features/feature.ts'
import { type FeatureFrame, frameColumn } from '../features/feature-frame.ts'
import { lowerBound } from '../features/windows.ts'
import type { FitRequest, Forecaster } from '../forecast/forecaster.ts'
import { copyColumns } from '../market/bar-codec.ts'
import type { Bars } from '../market/bars.ts'
import { createBars } from '../market/create-bars.ts'
import { formatDay } from '../market/trading-date.ts'

export interface LeakageFinding {
  /** Feature or model that changed. */
  readonly subject: string
  readonly message: string
}

/** Days tried by default: enough that a peek of any regular kind shows. */
const DEFAULT_CUTS = 8

/** How far the other future lies from the real one: higher than any high, lower than any low. */
const FAR = 1024

/**
 * Recomputes every feature on histories that go on differently after some day.
 *
 * @param cuts Number of days tried, spread over the series after the longest lookback.
 * @returns One finding per leaking feature, with the first day that gave it away.
 */
export function findFeatureLeakage(
  bars: Bars,
  features: readonly Feature[],
  cuts = DEFAULT_CUTS,
): LeakageFinding[] {
  const real = buildFeatureFrame(bars, features)
  const leaking = new Map<string, LeakageFinding>()
  for (const row of cutRows(bars.date.length, features, cuts)) {
    const other = buildFeatureFrame(withOtherFuture(bars, row + 1), features)
    for (const { name } of features) {
      const values = [frameColumn(real, name)[row], frameColumn(other, name)[row]] as const
      if (Object.is(values[0], values[1]) || leaking.has(name)) continue
      const message = featureMessage(name, bars, { row, values })
      leaking.set(name, { subject: name, message })
    }
  }
  return [...leaking.values()]
}

function cutRows(n: number, features: readonly Feature[], cuts: number): number[] {
  const first = Math.max(...features.map((feature) => feature.lookback))
  const last = n - 2
  if (last < first) return last >= 0 ? [last] : []
  const step = (last - first) / Math.max(1, cuts - 1)
  return Array.from({ length: cuts }, (_, i) => Math.round(first + i * step))
}

/** Bars with half as many rows from row `from` on, their prices and volumes far up and down. */
function withOtherFuture(bars: Bars, from: number): Bars {
  const end = endOfOtherFuture(bars.date.length, from)
  const kept = copyColumns(bars, 0, end)
  const columns = {
    date: kept.date,
    open: upAndDown(kept.open, from),
    high: upAndDown(kept.high, from),
    low: upAndDown(kept.low, from),
    close: upAndDown(kept.close, from),
    volume: upAndDown(kept.volume, from),
  }
  return createBars({ ...bars, columns })
}

function endOfOtherFuture(rows: number, from: number): number {
  return from + Math.floor((rows - from) / 2)
}

/** Multiplies even rows from `from` on by `FAR`, and divides odd ones by it. */
function upAndDown(column: Float64Array, from: number): Float64Array {
  return column.map((value, row) => {
    if (row < from) return value
    return row % 2 === 0 ? value * FAR : value / FAR
  })
}

interface Change {
  readonly row: number
  /** With the real bars after the row, and with others. */
  readonly values: readonly [number | undefined, number | undefined]
}

function featureMessage(name: string, bars: Bars, { row, values }: Change): string {
  const day = formatDay(bars.date[row] as number)
  return (
    `Feature '${name}' of ${bars.symbol} on ${day} is ${values[0]}, but ${values[1]} when only the ` +
    'bars after that day are different: it reads the future. Make its compute function use rows ' +
    'up to t only.'
  )
}

/**
 * Fits on frames whose rows after the span's end are real, and on frames where they are different
 * and fewer. A difference means that the fit, or a scaler inside it, has read beyond its span, or
 * that a forecast has read beyond its day.
 */
export function findModelLeakage(forecaster: Forecaster, request: FitRequest): LeakageFinding[] {
  const others = request.frames.map((frame) => otherFrame(frame, request.span.to))
  const fit = (frames: readonly FeatureFrame[]) =>
    forecaster.fit({ ...request, frames, random: request.random.fork('leakage') })
  const [real, other] = [fit(request.frames), fit(others)]
  const end = formatDay(request.span.to)
  if (JSON.stringify(real.serialise()) !== JSON.stringify(other.serialise())) {
    return [{ subject: forecaster.name, message: fitMessage(forecaster.name, end) }]
  }
  const peeks = request.frames.some((frame, i) => {
    const row = lowerBound(frame.date, request.span.to + 1) - 1
    if (row < 0 || frame.symbol !== request.symbol) return false
    const forecasts = [frame, others[i] ?? frame].map((one) => real.forecast(one, row))
    return JSON.stringify(forecasts[0]) !== JSON.stringify(forecasts[1])
  })
  return peeks ? [{ subject: forecaster.name, message: forecastMessage(forecaster.name, end) }] : []
}

function fitMessage(model: string, end: string): string {
  return (
    `Model '${model}' fitted up to ${end} comes out differently when only the bars after ${end} ` +
    'are different: its fit reads beyond its training span. Fit scalers and parameters on rows of ' +
    'the span only.'
  )
}

function forecastMessage(model: string, day: string): string {
  return (
    `Model '${model}' forecasts differently on ${day} when only the bars after that day are ` +
    'different: its forecast reads the future. Make it use rows up to the day of the forecast only.'
  )
}

/** A frame with half as many rows after `lastDay`, their values far up and down. */
function otherFrame(frame: FeatureFrame, lastDay: number): FeatureFrame {
  const from = lowerBound(frame.date, lastDay + 1)
  const end = endOfOtherFuture(frame.date.length, from)
  const change = (column: Float64Array) => upAndDown(column.slice(0, end), from)
  return {
    symbol: frame.symbol,
    date: frame.date.slice(0, end),
    close: change(frame.close),
    columns: new Map([...frame.columns].map(([name, column]) => [name, change(column)])),
  }
}

/** @throws {TickerflowError} LEAKAGE_FOUND, with every finding's message. */
export function assertNoLeakage(findings: readonly LeakageFinding[]): void {
  if (findings.length === 0) return
  throw new TickerflowError(
    'LEAKAGE_FOUND',
    findings.map((finding) => finding.message).join('\n'),
    {
      details: { findings },
    },
  )
}
