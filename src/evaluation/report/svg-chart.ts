/** Draws one chart twice, for a page and for a phone, as SVG that lives inside the page. */
import type { EChartsOption } from 'echarts'
// The single-file build: it loads four times as fast in Node as the tree of modules.
import { init } from 'echarts/dist/echarts.esm.min.mjs'
import { escapeHtml, html, type Markup, trustedMarkup } from './html.ts'

/** The drawing's own units: CSS pixels when it is shown at its full width. */
export interface ChartSize {
  readonly kind: 'wide' | 'narrow'
  readonly width: number
  readonly height: number
  readonly fontSize: number
}

export interface Chart {
  /** Unique in the page; prefix of every id in the drawing. */
  readonly key: string
  /** Says in words what a reader sees in it: the text alternative. */
  readonly description: string
  /** Height over width of the two drawings. */
  readonly aspect: { readonly wide: number; readonly narrow: number }
  readonly option: (size: ChartSize) => EChartsOption
}

const WIDTHS = { wide: 860, narrow: 350 } as const
const FONT_SIZES = { wide: 13, narrow: 12 } as const

/** Both drawings of a chart; a media query of the page shows one of them. */
export function renderChart(chart: Chart): Markup {
  return html`<div class="chart">${drawing(chart, 'wide')}${drawing(chart, 'narrow')}</div>`
}

/** The inside of a drawing: SVG elements in its own units, without the element around them. */
export function chartBody(
  chart: Chart,
  kind: ChartSize['kind'],
): { readonly width: number; readonly height: number; readonly body: string } {
  const width = WIDTHS[kind]
  const height = Math.round(width * chart.aspect[kind])
  const size: ChartSize = { kind, width, height, fontSize: FONT_SIZES[kind] }
  return { width, height, body: bodyOf(rawSvg(chart.option(size), size), `${chart.key}-${kind}`) }
}

function drawing(chart: Chart, kind: ChartSize['kind']): Markup {
  const { width, height, body } = chartBody(chart, kind)
  const label = escapeHtml(chart.description)
  return trustedMarkup(
    `<svg class="chart-${kind}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${body}</svg>`,
  )
}

function rawSvg(option: EChartsOption, size: ChartSize): string {
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: size.width,
    height: size.height,
  })
  try {
    chart.setOption({ animation: false, aria: { enabled: false }, ...option })
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}

/**
 * The inside of ECharts' SVG without its counters (they differ from call to call), its hover rules,
 * its invisible boxes, its fonts (the page's are inherited) and its fourth decimals.
 */
function bodyOf(svg: string, prefix: string): string {
  return svg
    .replace(/^<svg[^>]*>\s*<rect [^>]*fill="none"[^>]*><\/rect>/, '')
    .replace(/<\/svg>\s*$/, '')
    .replace(/<style[^>]*>[\s\S]*?<\/style>/g, '')
    .replace(/<path [^>]*fill-opacity="0"[^>]*stroke-width="0"[^>]*><\/path>/g, '')
    .replace(/ class="zr\d+-[^"]*"/g, '')
    .replace(/ pointer-events="[^"]*"/g, '')
    .replace(/zr\d+-/g, `${prefix}-`)
    .replace(/font-family:[^;"]*;?/g, '')
    .replace(/ (d|transform|points|x|y)="[^"]*"/g, roundedAttribute)
    .replace(/\n+/g, '')
}

function roundedAttribute(attribute: string): string {
  return attribute.replace(/-?\d+\.\d{2,}/g, (number) => String(Number(Number(number).toFixed(1))))
}
