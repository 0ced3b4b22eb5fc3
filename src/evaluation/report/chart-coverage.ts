/** Rolling coverage of the 80 % and 95 % intervals: whether they held all along, not just on average. */
import type { SeriesOption } from 'echarts'
import { axisTitle, marginsFor, plotArea, tickedAxis, valueAxis } from './chart-axes.ts'
import { bandSeries, endLabelSeries, lineSeries, type Point } from './chart-series.ts'
import { INK, lineStyleOf } from './chart-style.ts'
import { dateTicks } from './date-ticks.ts'
import { formatPercent } from './number-format.ts'
import { coverageMargin, rollingCoverage } from './rolling-coverage.ts'
import { stridedRows } from './strided-rows.ts'
import type { Chart, ChartSize } from './svg-chart.ts'

export interface CoverageChartInput {
  /** asOf day of each test day [n]. */
  readonly date: Int32Array
  readonly models: readonly string[]
  /** PIT values [n] of the model that the chart is about, and of the benchmark if it is another. */
  readonly pit: ReadonlyMap<string, Float64Array>
  readonly candidate: string
  readonly window: number
}

const LEVELS = [0.95, 0.8] as const

export function coverageChart(input: CoverageChartInput): Chart {
  return {
    key: 'coverage',
    description: describe(input),
    aspect: { wide: 0.42, narrow: 0.9 },
    option: (size) => optionOf(input, size),
  }
}

function optionOf(input: CoverageChartInput, size: ChartSize): ReturnType<Chart['option']> {
  const first = input.window - 1
  const last = Math.max(first + 1, input.date.length - 1)
  const rows = stridedRows(input.date.length - first, size.width / 2).map((row) => row + first)
  const lines = LEVELS.flatMap((level) => linesOf(input, level, rows))
  const lowest = Math.min(0.7, ...lines.flatMap(({ points }) => points.map(([, share]) => share)))
  const step = lowest < 0.6 ? 0.1 : 0.05
  const ticks = dateTicks(input.date.subarray(first), size.kind === 'wide' ? 9 : 5)
  return {
    title: axisTitle(size, `Outcomes inside, last ${input.window} sessions`),
    grid: plotArea(marginsFor(size, size.kind === 'wide' ? 56 : 48)),
    xAxis: tickedAxis(
      size,
      [first, last],
      ticks.map(({ at, label }) => ({ at: at + first, label })),
    ),
    yAxis: valueAxis(size, {
      format: (value) => formatPercent(value, 0),
      min: Math.floor(lowest / step + 1e-9) * step,
      max: 1,
      interval: step,
    }),
    series: [
      ...LEVELS.flatMap((level) => nominalSeries(level, [first, last], input.window)),
      ...lines.map((line) => lineSeries(line.points, line.style, line.width)),
      endLabelSeries(
        LEVELS.map((level) => ({
          at: [last, level],
          text: formatPercent(level, 0),
          color: INK.text,
        })),
        size,
      ),
    ],
  }
}

function linesOf(input: CoverageChartInput, level: number, rows: readonly number[]) {
  return [...input.pit].map(([model, pit]) => {
    const shares = rollingCoverage(pit, level, input.window)
    const points = rows.map((row): Point => [row, shares[row] ?? Number.NaN])
    const width = model === input.candidate ? 2.4 : 1.3
    return { points, style: lineStyleOf(model, input.models), width }
  })
}

function nominalSeries(
  level: number,
  [from, to]: readonly [number, number],
  window: number,
): readonly SeriesOption[] {
  const margin = coverageMargin(level, window)
  const edges = { low: level - margin, high: Math.min(1, level + margin) }
  const nominal: readonly Point[] = [
    [from, level],
    [to, level],
  ]
  return [
    bandSeries(
      [from, to].map((x) => ({ x, ...edges })),
      INK.text,
      0.1,
    ),
    lineSeries(nominal, { color: INK.text, dash: [6, 4] }, 1.2),
  ]
}

function describe(input: CoverageChartInput): string {
  const pit = input.pit.get(input.candidate) ?? new Float64Array(0)
  const ranges = LEVELS.map((level) => {
    const shares = rollingCoverage(pit, level, input.window).filter((share) => !Number.isNaN(share))
    const [low, high] = [Math.min(...shares), Math.max(...shares)]
    return `of the ${formatPercent(level, 0)} interval between ${formatPercent(low)} and ${formatPercent(high)}`
  })
  return `Line chart of the rolling coverage of ${input.candidate} over ${input.window} sessions: ${ranges.join(', ')}.`
}
