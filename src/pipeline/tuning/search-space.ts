/** What a search may change, and settings drawn from it. */
import type { Config } from '../../config.ts'
import { TickerflowError } from '../../errors.ts'
import type { ForecasterOptions } from '../../forecast/forecaster.ts'
import { exp, log } from '../../numerics/elementary.ts'
import type { Random } from '../../numerics/random.ts'

export type Ranges = NonNullable<Config['tune']['ranges']>
type Range = Ranges[string]

/** What matters most for the LSTM: size, memory, and how hard it is pulled back from the noise. */
export const DEFAULT_RANGES: Ranges = {
  windowLength: [10, 20, 30, 40],
  hiddenSizes: [[8], [16], [24], [32]],
  learningRate: { from: 5e-4, to: 5e-3, scale: 'log' },
  weightDecay: { from: 1e-4, to: 1e-1, scale: 'log' },
  batchSize: [32, 64, 128],
  locationWeight: [0, 0.25, 0.5],
}

/** @throws {TickerflowError} CONFIG_INVALID on an interval that ends before it begins, or has no logarithm. */
export function assertRanges(ranges: Ranges): void {
  for (const [option, range] of Object.entries(ranges)) {
    if (Array.isArray(range) || isSound(range)) continue
    throw new TickerflowError(
      'CONFIG_INVALID',
      `The range of '${option}' runs from ${range.from} to ${range.to} on a ${range.scale} scale. ` +
        'Expected `from` below `to`, and above zero where the scale is `log`.',
      { details: { path: `/tune/ranges/${option}` } },
    )
  }
}

function isSound({ from, to, scale }: Exclude<Range, unknown[]>): boolean {
  return from < to && (scale !== 'log' || from > 0)
}

/** One setting; each option has a stream of its own, so that a new range leaves the others' draws. */
export function drawOptions(ranges: Ranges, random: Random): ForecasterOptions {
  const drawn = Object.entries(ranges)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([option, range]) => [option, drawFrom(range, random.fork(option))])
  return Object.fromEntries(drawn)
}

function drawFrom(range: Range, random: Random): unknown {
  const uniform = random.uniform()
  if (Array.isArray(range)) return range[Math.floor(uniform * range.length)]
  const { from, to, scale } = range
  if (scale === 'integer') return Math.floor(from + uniform * (to - from + 1))
  if (scale === 'linear') return rounded(from + uniform * (to - from))
  return rounded(exp(log(from) + uniform * (log(to) - log(from))))
}

/** Three digits say all that a search can know, and read well in a configuration. */
function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
