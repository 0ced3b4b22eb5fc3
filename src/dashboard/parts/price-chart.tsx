/** Candles by lightweight-charts, with the forecast's cone drawn after the last one. */
import {
  CandlestickSeries,
  createChart,
  type IChartApi,
  LineSeries,
  type Time,
} from 'lightweight-charts'
import { useEffect, useRef } from 'react'
import { colour, THEME_EVENT } from '../theme.ts'

export interface Candles {
  readonly date: readonly string[]
  readonly open: readonly number[]
  readonly high: readonly number[]
  readonly low: readonly number[]
  readonly close: readonly number[]
}

export interface Cone {
  readonly from: string
  readonly to: string
  readonly close: number
  readonly median: number
  readonly low80: number
  readonly high80: number
  readonly low95: number
  readonly high95: number
}

interface PriceChartProps {
  readonly symbol: string
  readonly candles: Candles
  readonly cone: Cone | undefined
}

export function PriceChart({ symbol, candles, cone }: PriceChartProps) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = place.current
    if (element === null) return
    const chart = createChart(element, {
      autoSize: true,
      // The library is named below the chart instead.
      layout: { attributionLogo: false },
      timeScale: { rightOffset: 4 },
    })
    const paint = () => chart.applyOptions(coloursOf())
    drawCandles(chart, candles)
    if (cone !== undefined) drawCone(chart, cone)
    paint()
    const last = candles.date.length
    chart.timeScale().setVisibleLogicalRange({ from: last - 90, to: last + 4 })
    window.addEventListener(THEME_EVENT, paint)
    return () => {
      window.removeEventListener(THEME_EVENT, paint)
      chart.remove()
    }
  }, [candles, cone])
  const words = `Daily prices of ${symbol} to ${candles.date.at(-1)}, ending at ${candles.close.at(-1)}`
  return <div ref={place} role="img" aria-label={words} className="chart tall" />
}

function coloursOf() {
  const line = colour('--line')
  return {
    layout: { background: { color: 'transparent' }, textColor: colour('--text') },
    grid: { vertLines: { color: line }, horzLines: { color: line } },
  }
}

function drawCandles(chart: IChartApi, { date, open, high, low, close }: Candles): void {
  const [upColor, downColor] = [colour('--good'), colour('--bad')]
  const wicks = { wickUpColor: upColor, wickDownColor: downColor, borderVisible: false }
  chart.addSeries(CandlestickSeries, { upColor, downColor, ...wicks }).setData(
    date.map((day, i) => ({
      time: day as Time,
      open: open[i] ?? 0,
      high: high[i] ?? 0,
      low: low[i] ?? 0,
      close: close[i] ?? 0,
    })),
  )
}

function drawCone(chart: IChartApi, cone: Cone): void {
  const edges = [
    ['median', cone.median, 0],
    ['80 %', cone.low80, 2],
    ['80 %', cone.high80, 2],
    ['95 %', cone.low95, 1],
    ['95 %', cone.high95, 1],
  ] as const
  for (const [title, value, lineStyle] of edges) {
    const options = {
      color: colour('--accent'),
      lineStyle,
      lineWidth: 2 as const,
      title,
      priceLineVisible: false,
    }
    chart.addSeries(LineSeries, options).setData([
      { time: cone.from as Time, value: cone.close },
      { time: cone.to as Time, value },
    ])
  }
}
