/** The latest closes and the fan of prices that the forecast gives for the coming session(s). */
import type { SeriesOption } from 'echarts'
import { axisTitle, marginsFor, plotArea, tickedAxis, valueAxis } from './chart-axes.ts'
import {
  type BandPoint,
  bandSeries,
  type EndLabel,
  endLabelRoom,
  endLabelSeries,
  lineSeries,
  type Point,
} from './chart-series.ts'
import { INK } from './chart-style.ts'
import { dateTicks } from './date-ticks.ts'
import { formatCount, formatLongDay, formatPrice, priceTickFormat } from './number-format.ts'
import type { ReportForecast } from './report-input.ts'
import type { Chart, ChartSize } from './svg-chart.ts'

export interface PriceChartInput {
  readonly symbol: string
  /** Days since 1970-01-01 [n]. */
  readonly date: Int32Array
  readonly close: Float64Array
  readonly forecast: ReportForecast | undefined
  readonly currency: string
}

const SESSIONS = { wide: 120, narrow: 60 } as const
/** Share of the axis that the fan takes, however few sessions it spans: else it would be a sliver. */
const FAN_SHARE = 0.1

export function priceChart(input: PriceChartInput): Chart {
  return {
    key: 'price',
    description: describe(input),
    aspect: { wide: 0.42, narrow: 0.8 },
    option: (size) => optionOf(input, size),
  }
}

function optionOf(input: PriceChartInput, size: ChartSize): ReturnType<Chart['option']> {
  const { forecast, currency } = input
  const date = latest(input.date, SESSIONS[size.kind])
  const closes = latest(input.close, SESSIONS[size.kind])
  const last = Math.max(1, closes.length - 1)
  const slots = forecast === undefined ? 0 : Math.max(forecast.horizon, last * FAN_SHARE)
  const fan = forecast === undefined ? undefined : fanOf(forecast, { last, slots, size, currency })
  const line = Array.from(closes, (y, x): Point => [x, y])
  const format = priceTickFormat([...closes, ...(forecast?.interval95 ?? [])], currency)
  return {
    title: axisTitle(size, 'Closing price'),
    grid: plotArea(marginsFor(size, fan?.room ?? 16)),
    xAxis: tickedAxis(size, [0, last + slots], dateTicks(date, size.kind === 'wide' ? 7 : 4)),
    yAxis: valueAxis(size, { format }),
    series: [...(fan?.series ?? []), lineSeries(line, { color: INK.text, dash: 'solid' }, 1.6)],
  }
}

interface FanPlace {
  readonly last: number
  readonly slots: number
  readonly size: ChartSize
  readonly currency: string
}

interface Fan {
  readonly series: readonly SeriesOption[]
  /** Pixels that its labels need to the right of the plot. */
  readonly room: number
}

function fanOf(forecast: ReportForecast, place: FanPlace): Fan {
  const labels = fanLabels(forecast, place)
  const line = lineSeries(
    pathTo(forecast, forecast.median, place),
    { color: INK.accent, dash: 'solid' },
    2,
  )
  return {
    series: [
      bandSeries(bandOf(forecast, forecast.interval95, place), INK.accent, 0.18),
      bandSeries(bandOf(forecast, forecast.interval80, place), INK.accent, 0.3),
      line,
      endLabelSeries(labels, place.size),
    ],
    room: endLabelRoom(labels, place.size),
  }
}

function fanLabels(forecast: ReportForecast, place: FanPlace): readonly EndLabel[] {
  const x = place.last + place.slots
  const text = (value: number, name: string): string =>
    formatPrice(value, place.currency) + (place.size.kind === 'wide' ? `  ${name}` : '')
  const [low, high] = forecast.interval95
  return [
    { at: [x, high], text: text(high, '97.5 %'), color: INK.muted },
    {
      at: [x, forecast.median],
      text: text(forecast.median, 'median'),
      color: INK.accent,
      bold: true,
    },
    { at: [x, low], text: text(low, '2.5 %'), color: INK.muted },
  ]
}

function bandOf(
  forecast: ReportForecast,
  [low, high]: readonly [number, number],
  place: FanPlace,
): readonly BandPoint[] {
  const upper = pathTo(forecast, high, place)
  return pathTo(forecast, low, place).map(([x, y], i) => ({ x, low: y, high: upper[i]?.[1] ?? y }))
}

/** Only the end is a forecast; on the way uncertainty grows with the square root of time. */
function pathTo(forecast: ReportForecast, end: number, place: FanPlace): readonly Point[] {
  const { referenceClose, median, horizon } = forecast
  return Array.from({ length: horizon + 1 }, (_, session): Point => {
    const share = session / horizon
    const middle = referenceClose + (median - referenceClose) * share
    return [place.last + place.slots * share, middle + (end - median) * Math.sqrt(share)]
  })
}

function latest<T extends Int32Array | Float64Array>(values: T, most: number): T {
  return values.subarray(Math.max(0, values.length - most)) as T
}

function describe({ close, date, forecast, currency, symbol }: PriceChartInput): string {
  const shown = latest(close, SESSIONS.wide)
  const price = (value: number): string => formatPrice(value, currency)
  const closes =
    `Line chart of ${symbol}’s closing price over ${formatCount(shown.length, 'session')} to ` +
    `${formatLongDay(date.at(-1) as number)}, between ${price(Math.min(...shown))} and ${price(Math.max(...shown))}.`
  if (forecast === undefined) return closes
  const [low, high] = forecast.interval95
  return (
    `${closes} A fan shows the forecast: median ${price(forecast.median)}, ` +
    `95 % interval ${price(low)} to ${price(high)}.`
  )
}
