/** Draws the coverage of each method over the sessions around the switch. */
import { init } from 'echarts/dist/echarts.esm.min.mjs'
import { PLOT_FONT } from '../../src/evaluation/report/plot.ts'
import { loadRasteriser } from '../../src/pipeline/run-recording/rasterise.ts'

export interface CoverageDrawing {
  readonly nominal: number
  /** Sessions before the switch. */
  readonly calm: number
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[]
}

const COLOURS = ['#b3261e', '#16345c', '#2f6fb5', '#7fa3d1']
const DASHES = ['solid', 'solid', 'dashed', 'dotted'] as const

export async function drawCoverage({ nominal, calm, series }: CoverageDrawing) {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 860, height: 400 })
  const sessions = series[0]?.values.map((_, day) => day - calm) ?? []
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: PLOT_FONT, fontSize: 13 },
    legend: { top: 4, textStyle: { fontFamily: PLOT_FONT, fontSize: 13 } },
    grid: { left: 64, right: 24, top: 48, bottom: 52 },
    xAxis: {
      type: 'category',
      data: sessions,
      name: 'sessions since the switch',
      nameLocation: 'middle',
      nameGap: 32,
      axisLabel: { interval: (index: number) => (index - calm) % 125 === 0 },
      axisTick: { show: false },
    },
    yAxis: {
      type: 'value',
      min: 0.3,
      max: 0.9,
      name: 'share inside, 20 sessions',
      nameLocation: 'middle',
      nameGap: 44,
      axisLabel: { formatter: (value: number) => `${Math.round(100 * value)} %` },
    },
    color: COLOURS,
    series: series.map(({ name, values }, i) => ({
      name,
      type: 'line' as const,
      data: [...values],
      showSymbol: false,
      lineStyle: { width: 2, type: DASHES[i] ?? 'solid' },
      ...(i === 0 && {
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          lineStyle: { color: '#666666', type: 'dashed' as const },
          data: [{ yAxis: nominal }],
        },
      }),
    })),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return { svg, png: (await loadRasteriser())(svg) }
}
