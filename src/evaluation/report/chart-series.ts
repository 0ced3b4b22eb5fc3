/** Marks that several charts draw: bands, lines, and labels at the ends of lines. */
import type { CustomSeriesOption, LineSeriesOption } from 'echarts'
import { dashOf, type LineStyle } from './chart-style.ts'
import type { ChartSize } from './svg-chart.ts'

export type Point = readonly [x: number, y: number]

export interface BandPoint {
  readonly x: number
  readonly low: number
  readonly high: number
}

export interface EndLabel {
  /** End of the line in data units; the label stands to its right. */
  readonly at: Point
  readonly text: string
  readonly color: string
  readonly bold?: boolean
}

/** The area between two curves, as one shape. */
export function bandSeries(
  points: readonly BandPoint[],
  color: string,
  opacity: number,
): CustomSeriesOption {
  return {
    type: 'custom',
    silent: true,
    data: points.map(({ x, low, high }) => [x, low, high]),
    encode: { x: 0, y: [1, 2] },
    renderItem: (params, api) => {
      if (params.dataIndex !== 0) return null
      const upper = points.map(({ x, high }) => api.coord([x, high]))
      const lower = points.map(({ x, low }) => api.coord([x, low])).reverse()
      return {
        type: 'polygon',
        shape: { points: [...upper, ...lower] },
        style: { fill: color, opacity },
      }
    },
  }
}

/** A plain line through the points. */
export function lineSeries(
  points: readonly Point[],
  style: LineStyle,
  width: number,
): LineSeriesOption {
  return {
    type: 'line',
    silent: true,
    symbol: 'none',
    data: points.map(([x, y]) => [x, y]),
    lineStyle: { color: style.color, width, type: dashOf(style.dash), join: 'round' },
  }
}

/** Text beside the ends of lines, moved apart where it would overlap. */
export function endLabelSeries(labels: readonly EndLabel[], size: ChartSize): CustomSeriesOption {
  return {
    type: 'custom',
    silent: true,
    clip: false,
    data: labels.map(({ at }) => [at[0], at[1]]),
    renderItem: (params, api) => {
      if (params.dataIndex !== 0) return null
      const places = labels.map(({ at }) => api.coord([at[0], at[1]]))
      const tops = spreadApart(
        places.map(([, y]) => y ?? 0),
        size.fontSize + 3,
      )
      const children = labels.map((label, i) => ({
        type: 'text' as const,
        x: (places[i]?.[0] ?? 0) + 7,
        y: tops[i] ?? 0,
        style: {
          text: label.text,
          fill: label.color,
          fontSize: size.fontSize,
          fontWeight: label.bold === true ? ('bold' as const) : ('normal' as const),
          verticalAlign: 'middle' as const,
        },
      }))
      return { type: 'group', children }
    },
  }
}

/** Pixels that labels need to the right of the plot, in the widest of common fonts. */
export function endLabelRoom(labels: readonly EndLabel[], size: ChartSize): number {
  const longest = Math.max(0, ...labels.map(({ text }) => text.length))
  return Math.ceil(longest * size.fontSize * 0.68) + 10
}

/**
 * Positions at least `gap` apart, in the order of the given ones and as near to them as simple
 * pushing gets: each crowded run is centred on the mean of its members.
 */
export function spreadApart(positions: readonly number[], gap: number): readonly number[] {
  const order = positions.map((_, i) => i).sort((a, b) => at(positions, a) - at(positions, b))
  let runs = order.map((i) => ({ members: [i], centre: at(positions, i) }))
  for (let merged = true; merged; ) {
    merged = false
    const next: typeof runs = []
    for (const run of runs) {
      const previous = next.at(-1)
      const room =
        previous === undefined ? 0 : (gap * (previous.members.length + run.members.length)) / 2
      if (previous === undefined || run.centre - previous.centre >= room) next.push(run)
      else {
        next[next.length - 1] = joined(previous, run)
        merged = true
      }
    }
    runs = next
  }
  const result = [...positions]
  for (const { members, centre } of runs) {
    members.forEach((member, k) => {
      result[member] = centre + gap * (k - (members.length - 1) / 2)
    })
  }
  return result
}

interface Run {
  readonly members: number[]
  readonly centre: number
}

function joined(a: Run, b: Run): Run {
  const total = a.members.length + b.members.length
  const centre = (a.centre * a.members.length + b.centre * b.members.length) / total
  return { members: [...a.members, ...b.members], centre }
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 0
}
