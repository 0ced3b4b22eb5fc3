/** The histogram of a model's probability integral transforms: flat when its shape is right. */
import type { CustomSeriesOption } from 'echarts'
import { axisTitle, marginsFor, plotArea, tickedAxis, valueAxis } from './chart-axes.ts'
import { bandSeries, lineSeries } from './chart-series.ts'
import { INK } from './chart-style.ts'
import { formatNumber } from './number-format.ts'
import type { PitHistogram } from './pit-histogram.ts'
import type { Chart, ChartSize } from './svg-chart.ts'

export interface PitChartInput {
  readonly model: string
  readonly histogram: PitHistogram
}

export function pitChart(input: PitChartInput): Chart {
  return {
    key: 'pit',
    description: describe(input),
    aspect: { wide: 0.36, narrow: 0.7 },
    option: (size) => optionOf(input, size),
  }
}

function optionOf({ histogram }: PitChartInput, size: ChartSize): ReturnType<Chart['option']> {
  const { density, bandLow, bandHigh } = histogram
  const steps = size.kind === 'wide' ? 10 : 5
  const ticks = Array.from({ length: steps + 1 }, (_, k) => k / steps)
  const top = Math.max(1.2, bandHigh, ...density) * 1.06
  return {
    title: axisTitle(size, 'Outcomes per bin, 1 = as many as expected'),
    grid: plotArea(marginsFor(size, 24)),
    xAxis: tickedAxis(
      size,
      [0, 1],
      ticks.map((share) => ({ at: share, label: `${Math.round(share * 100)} %` })),
    ),
    yAxis: valueAxis(size, {
      format: (value) => formatNumber(value, 1),
      min: 0,
      max: Math.ceil(top * 2) / 2,
      interval: 0.5,
    }),
    series: [
      barSeries(density),
      bandSeries(
        [0, 1].map((x) => ({ x, low: bandLow, high: bandHigh })),
        INK.text,
        0.13,
      ),
      lineSeries(
        [
          [0, 1],
          [1, 1],
        ],
        { color: INK.text, dash: [6, 4] },
        1.4,
      ),
    ],
  }
}

function barSeries(density: readonly number[]): CustomSeriesOption {
  const bins = density.length
  return {
    type: 'custom',
    silent: true,
    data: density.map((height, bin) => [bin / bins, height]),
    renderItem: (params, api) => {
      const bin = params.dataIndex
      const [left = 0, top = 0] = api.coord([bin / bins, density[bin] ?? 0])
      const [right = 0, bottom = 0] = api.coord([(bin + 1) / bins, 0])
      const shape = { x: left + 1, y: top, width: right - left - 2, height: bottom - top }
      return { type: 'rect', shape, style: { fill: INK.accent, opacity: 0.75 } }
    },
  }
}

function describe({ model, histogram }: PitChartInput): string {
  const { density, outside } = histogram
  return (
    `Histogram of where outcomes fell in the forecasts of ${model}, ${density.length} bins from the ` +
    `lowest to the highest quantiles; 1 is the expected height. Heights: ` +
    `${density.map((height) => formatNumber(height, 2)).join(', ')}. ` +
    `${outside} of ${density.length} bins lie outside the sampling band.`
  )
}
