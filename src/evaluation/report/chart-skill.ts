/** How much CRPS each model has saved against the naive forecast, summed up over the test days. */
import { axisTitle, marginsFor, plotArea, tickedAxis, valueAxis } from './chart-axes.ts'
import {
  type EndLabel,
  endLabelRoom,
  endLabelSeries,
  lineSeries,
  type Point,
} from './chart-series.ts'
import { INK, lineStyleOf } from './chart-style.ts'
import { dateTicks } from './date-ticks.ts'
import { formatNumber, formatSigned } from './number-format.ts'
import { BENCHMARK } from './report-input.ts'
import { stridedRows } from './strided-rows.ts'
import type { Chart, ChartSize } from './svg-chart.ts'

export interface SkillChartInput {
  /** asOf day of each test day [n]. */
  readonly date: Int32Array
  /** Cumulative skill [n] in basis points, by model, the benchmark left out. */
  readonly skill: ReadonlyMap<string, Float64Array>
  /** All models of the backtest: they settle who has which line. */
  readonly models: readonly string[]
  readonly candidate: string | undefined
}

export function skillChart(input: SkillChartInput): Chart {
  return {
    key: 'skill',
    description: describe(input),
    aspect: { wide: 0.42, narrow: 0.8 },
    option: (size) => optionOf(input, size),
  }
}

/**
 * Running sum of the benchmark's loss minus the model's, in basis points: it rises where the model
 * is better.
 *
 * @param benchmark CRPS of the benchmark [n].
 * @param model     CRPS of the model [n].
 */
export function cumulativeSkill(benchmark: Float64Array, model: Float64Array): Float64Array {
  let sum = 0
  return benchmark.map((loss, i) => {
    sum += (loss - (model[i] ?? Number.NaN)) * 10_000
    return sum
  })
}

function optionOf(input: SkillChartInput, size: ChartSize): ReturnType<Chart['option']> {
  const rows = stridedRows(input.date.length, size.width / 2)
  const last = Math.max(1, input.date.length - 1)
  const labels = labelsOf(input, last)
  const widthOf = (model: string): number => (model === input.candidate ? 2.6 : 1.6)
  const benchmark: readonly Point[] = [
    [0, 0],
    [last, 0],
  ]
  return {
    title: axisTitle(size, 'CRPS saved against naive, bp, running sum'),
    grid: plotArea(marginsFor(size, endLabelRoom(labels, size))),
    xAxis: tickedAxis(size, [0, last], dateTicks(input.date, size.kind === 'wide' ? 9 : 5)),
    yAxis: valueAxis(size, { format: (value) => formatSigned(value, 0) }),
    series: [
      lineSeries(benchmark, { color: INK.muted, dash: 'solid' }, 1.4),
      ...[...input.skill].map(([model, sums]) =>
        lineSeries(pointsAt(rows, sums), lineStyleOf(model, input.models), widthOf(model)),
      ),
      endLabelSeries(labels, size),
    ],
  }
}

function labelsOf(input: SkillChartInput, last: number): readonly EndLabel[] {
  const models = [...input.skill].map(([model, sums]) => ({
    at: [last, sums.at(-1) ?? 0] as const,
    text: model.length > 12 ? `${model.slice(0, 11)}…` : model,
    color: lineStyleOf(model, input.models).color,
    bold: model === input.candidate,
  }))
  return [{ at: [last, 0], text: BENCHMARK, color: INK.muted }, ...models]
}

function pointsAt(rows: readonly number[], values: Float64Array): readonly Point[] {
  return rows.map((row): Point => [row, values[row] ?? Number.NaN])
}

function describe(input: SkillChartInput): string {
  const ends = [...input.skill].map(([model, sums]) => `${model} ${formatSigned(sums.at(-1), 0)}`)
  return (
    'Line chart of the CRPS saved against the naive forecast, summed over ' +
    `${formatNumber(input.date.length, 0)} test days, in basis points. Above zero is better. ` +
    `At the end: ${ends.join(', ')}.`
  )
}
