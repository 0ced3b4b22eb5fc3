/**
 * Looks for knowledge of the future: recomputes on histories that end earlier and compares bits.
 *
 * What was computed for a day from all bars must come out the same from the bars up to that day.
 */
import { TickerflowError } from '../errors.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import type { Feature } from '../features/feature.ts'
import { type FeatureFrame, frameColumn } from '../features/feature-frame.ts'
import { lowerBound } from '../features/windows.ts'
import type { FitRequest, Forecaster } from '../forecast/forecaster.ts'
import type { Bars } from '../market/bars.ts'
import { sliceBars } from '../market/create-bars.ts'
import { formatDay } from '../market/trading-date.ts'

export interface LeakageFinding {
  /** Feature or model that changed. */
  readonly subject: string
  readonly message: string
}

/** Cut points tried by default: enough that a peek of any regular kind shows. */
const DEFAULT_CUTS = 8

/**
 * Recomputes every feature on truncated histories.
 *
 * @param cuts Number of histories tried, spread over the series after the longest lookback.
 * @returns One finding per leaking feature, with the first day that gave it away.
 */
export function findFeatureLeakage(
  bars: Bars,
  features: readonly Feature[],
  cuts = DEFAULT_CUTS,
): LeakageFinding[] {
  const full = buildFeatureFrame(bars, features)
  const leaking = new Map<string, LeakageFinding>()
  for (const row of cutRows(bars.date.length, features, cuts)) {
    const cut = buildFeatureFrame(sliceBars(bars, 0, row + 1), features)
    for (const { name } of features) {
      const [known, later] = [frameColumn(cut, name)[row], frameColumn(full, name)[row]]
      if (Object.is(known, later) || leaking.has(name)) continue
      leaking.set(name, {
        subject: name,
        message: featureMessage(name, bars, { row, known, later }),
      })
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

interface Change {
  readonly row: number
  readonly known: number | undefined
  readonly later: number | undefined
}

function featureMessage(name: string, bars: Bars, { row, known, later }: Change): string {
  const day = formatDay(bars.date[row] as number)
  return (
    `Feature '${name}' of ${bars.symbol} on ${day} is ${known} from the bars up to that day, but ` +
    `${later} once later bars are there: it reads the future. Make its compute function use rows ` +
    'up to t only.'
  )
}

/**
 * Fits on all rows and on rows cut at the span's end: a difference means that the fit, or a scaler
 * inside it, has read beyond its span.
 */
export function findModelLeakage(forecaster: Forecaster, request: FitRequest): LeakageFinding[] {
  const whole = forecaster.fit({ ...request, random: request.random.fork('leakage') })
  const frames = request.frames.map((frame) => cutFrame(frame, request.span.to))
  const cut = forecaster.fit({ ...request, frames, random: request.random.fork('leakage') })
  if (JSON.stringify(whole.serialise()) === JSON.stringify(cut.serialise())) return []
  const end = formatDay(request.span.to)
  return [
    {
      subject: forecaster.name,
      message:
        `Model '${forecaster.name}' fitted up to ${end} comes out differently when the bars after ` +
        `${end} are missing: its fit reads beyond its training span. Fit scalers and parameters on ` +
        'rows of the span only.',
    },
  ]
}

function cutFrame(frame: FeatureFrame, lastDay: number): FeatureFrame {
  const end = lowerBound(frame.date, lastDay + 1)
  return {
    symbol: frame.symbol,
    date: frame.date.slice(0, end),
    close: frame.close.slice(0, end),
    columns: new Map([...frame.columns].map(([name, column]) => [name, column.slice(0, end)])),
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
