/** Each of the last forecasts as a bar of prices, with the close that it was about. */
import type { CustomSeriesOption } from 'echarts'
import { axisTitle, marginsFor, plotArea, tickedAxis, valueAxis } from './chart-axes.ts'
import { INK } from './chart-style.ts'
import { dateTicks } from './date-ticks.ts'
import type { DayAhead, Fall } from './day-ahead.ts'
import { formatCount, priceTickFormat } from './number-format.ts'
import type { Chart, ChartSize } from './svg-chart.ts'

export interface DayAheadChartInput {
  readonly model: string
  /** Oldest first; the phone's drawing shows the later half. */
  readonly forecasts: readonly DayAhead[]
  readonly currency: string
}

export function dayAheadChart(input: DayAheadChartInput): Chart {
  return {
    key: 'day-ahead',
    description: describe(input),
    aspect: { wide: 0.42, narrow: 0.85 },
    option: (size) => optionOf(input, size),
  }
}

function optionOf(input: DayAheadChartInput, size: ChartSize): ReturnType<Chart['option']> {
  const all = input.forecasts
  const shown = size.kind === 'wide' ? all : all.slice(-Math.ceil(all.length / 2))
  const date = shown.map(({ asOf }) => asOf)
  const format = priceTickFormat(
    shown.flatMap(({ interval95 }) => interval95),
    input.currency,
  )
  return {
    title: axisTitle(size, 'Price'),
    grid: plotArea(marginsFor(size, 12)),
    xAxis: tickedAxis(
      size,
      [-0.7, shown.length - 0.3],
      dateTicks(date, size.kind === 'wide' ? 8 : 4),
    ),
    yAxis: valueAxis(size, { format }),
    series: [forecastSeries(shown)],
  }
}

function forecastSeries(shown: readonly DayAhead[]): CustomSeriesOption {
  return {
    type: 'custom',
    silent: true,
    data: shown.map(({ interval95, realised }, x) => [x, ...interval95, realised]),
    encode: { x: 0, y: [1, 2, 3] },
    renderItem: (params, api) => {
      const forecast = shown[params.dataIndex] as DayAhead
      const place = (price: number): number => api.coord([params.dataIndex, price])[1] ?? 0
      const [centre = 0] = api.coord([params.dataIndex, forecast.realised])
      const step = centre - (api.coord([params.dataIndex - 1, forecast.realised])[0] ?? 0)
      const bar = ([low, high]: readonly [number, number], opacity: number) => ({
        type: 'rect' as const,
        shape: {
          x: centre - step * 0.38,
          width: step * 0.76,
          y: place(high),
          height: place(low) - place(high),
        },
        style: { fill: INK.accent, opacity },
      })
      return {
        type: 'group',
        children: [
          bar(forecast.interval95, 0.2),
          bar(forecast.interval80, 0.32),
          closeMark(forecast.fall, centre, place(forecast.realised)),
        ],
      }
    },
  }
}

/** A dot, a ring or a diamond: closes differ by shape as well as by colour. */
function closeMark(fall: Fall, x: number, y: number) {
  const color = fall === 'outside' ? INK.warning : INK.text
  if (fall === 'outside') {
    const points = [
      [x, y - 5],
      [x + 5, y],
      [x, y + 5],
      [x - 5, y],
    ]
    return { type: 'polygon' as const, shape: { points }, style: { fill: color } }
  }
  const filled = fall === 'inside80'
  const style = { fill: filled ? color : INK.paper, stroke: color, lineWidth: filled ? 0 : 1.5 }
  return { type: 'circle' as const, shape: { cx: x, cy: y, r: filled ? 2.6 : 3 }, style }
}

function describe({ model, forecasts }: DayAheadChartInput): string {
  const count = (fall: Fall): number =>
    forecasts.filter((forecast) => forecast.fall === fall).length
  return (
    `Chart of the last ${formatCount(forecasts.length, 'forecast')} of ${model} as 80 % and 95 % price ` +
    `intervals with the close that followed: ${count('inside80')} inside 80 %, ` +
    `${count('inside95')} more inside 95 %, ${count('outside')} outside.`
  )
}
