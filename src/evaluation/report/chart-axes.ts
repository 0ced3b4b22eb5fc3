/** Axes that all charts share: ticks where the data say, thin rules, no clutter. */
import type {
  GridComponentOption,
  TitleComponentOption,
  XAXisComponentOption,
  YAXisComponentOption,
} from 'echarts'
import { INK } from './chart-style.ts'
import type { ChartSize } from './svg-chart.ts'

/** Where a tick stands on a numeric axis, and what it says. */
export interface Tick {
  readonly at: number
  readonly label: string
}

export interface Margins {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export function plotArea(margins: Margins): GridComponentOption {
  return { ...margins, outerBoundsMode: 'none' }
}

/** Room for tick labels at the left and below, a title above, and `right` pixels for end labels. */
export function marginsFor(size: ChartSize, right: number): Margins {
  return { left: size.kind === 'wide' ? 64 : 58, right, top: 32, bottom: 28 }
}

/** A horizontal axis from `min` to `max` with exactly these ticks. */
export function tickedAxis(
  size: ChartSize,
  range: readonly [number, number],
  ticks: readonly Tick[],
): XAXisComponentOption {
  const labels = new Map(ticks.map((tick) => [tick.at, tick.label]))
  const customValues = ticks.map((tick) => tick.at)
  return {
    type: 'value',
    min: range[0],
    max: range[1],
    axisLine: { show: true, onZero: false, lineStyle: { color: INK.muted } },
    axisTick: { show: true, length: 4, lineStyle: { color: INK.muted }, customValues },
    axisLabel: {
      color: INK.muted,
      fontSize: size.fontSize,
      margin: 9,
      customValues,
      formatter: (value: number) => labels.get(value) ?? '',
    },
    splitLine: { show: false },
  }
}

/** Says what the vertical axis measures and in what unit; stands above it, at the chart's edge. */
export function axisTitle(size: ChartSize, text: string): TitleComponentOption {
  return {
    text,
    left: 0,
    top: 0,
    padding: 0,
    textStyle: { color: INK.muted, fontSize: size.fontSize, fontWeight: 'normal' },
  }
}

export interface ValueAxisOptions {
  readonly format: (value: number) => string
  readonly min?: number
  readonly max?: number
  readonly interval?: number
}

/** A vertical axis whose range follows the data unless it is given. */
export function valueAxis(size: ChartSize, options: ValueAxisOptions): YAXisComponentOption {
  const { format, ...range } = options
  return {
    type: 'value',
    scale: true,
    splitNumber: size.kind === 'wide' ? 5 : 4,
    ...range,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: INK.muted, fontSize: size.fontSize, margin: 8, formatter: format },
    splitLine: { lineStyle: { color: INK.rule, width: 1 } },
  }
}
