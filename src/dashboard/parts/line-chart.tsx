/** Lines over categories by ECharts, with thresholds; the figures themselves stand in a table. */
import { BarChart, LineChart as Lines } from 'echarts/charts'
import {
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
} from 'echarts/components'
import { init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import { colour, THEME_EVENT } from '../theme.ts'

use([
  Lines,
  BarChart,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  CanvasRenderer,
])

export interface ChartSeries {
  readonly name: string
  readonly values: readonly (number | null)[]
}

interface LineChartProps {
  readonly label: string
  readonly unit: string
  readonly categories: readonly string[]
  readonly series: readonly ChartSeries[]
  readonly thresholds?: readonly { readonly name: string; readonly value: number }[]
  readonly kind?: 'line' | 'bar'
}

const COLOURS = ['--accent', '--second', '--third', '--fourth']

export function LineChart(props: LineChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const question = JSON.stringify(props)
  useEffect(() => {
    if (place.current === null) return
    const chart = init(place.current)
    const draw = () => chart.setOption(optionOf(JSON.parse(question) as LineChartProps), true)
    const resize = () => chart.resize()
    draw()
    window.addEventListener(THEME_EVENT, draw)
    window.addEventListener('resize', resize)
    return () => {
      window.removeEventListener(THEME_EVENT, draw)
      window.removeEventListener('resize', resize)
      chart.dispose()
    }
  }, [question])
  return <div ref={place} role="img" aria-label={props.label} className="chart" />
}

function optionOf({ categories, series, unit, thresholds = [], kind = 'line' }: LineChartProps) {
  const text = { color: colour('--text') }
  const lines = { lineStyle: { color: colour('--line') } }
  const data = thresholds.map(({ name, value }) => ({ yAxis: value, name }))
  return {
    animation: false,
    color: COLOURS.map(colour),
    textStyle: text,
    // Without HTML: the page's policy allows no inline styles.
    tooltip: { trigger: 'axis', renderMode: 'richText' },
    legend: { textStyle: text, top: 0, type: 'plain' },
    grid: { left: 8, right: 16, top: 48, bottom: 8, containLabel: true },
    xAxis: { type: 'category', data: categories, axisLine: lines, axisLabel: text },
    yAxis: {
      type: 'value',
      name: unit,
      scale: true,
      splitLine: lines,
      axisLabel: text,
      nameTextStyle: { ...text, align: 'left' },
    },
    series: series.map(({ name, values }, i) => ({
      type: kind,
      name,
      data: values,
      showSymbol: values.length < 30,
      ...(i === 0 &&
        data.length > 0 && {
          markLine: {
            symbol: 'none',
            data,
            lineStyle: { color: colour('--bad'), type: 'dashed' },
            label: { formatter: '{b}', position: 'insideEndTop', color: colour('--bad') },
          },
        }),
    })),
  }
}
