/** One chart as a picture of its own: a title, a key, the drawing; SVG that needs no style sheet. */
import type { KeyEntry } from './chart-key.ts'
import { escapeHtml } from './html.ts'
import { LIGHT_COLOURS } from './report-style.ts'
import { type Chart, chartBody } from './svg-chart.ts'

/** The typeface of the plots; where it is missing a viewer takes the next. */
export const PLOT_FONT = 'Inter'

export interface PlotRequest {
  readonly title: string
  readonly chart: Chart
  /** Names beside samples of their lines; none where the chart labels its own. */
  readonly key?: readonly KeyEntry[]
}

const MARGIN = 24
const TITLE_HEIGHT = 34
const KEY_HEIGHT = 26
const SWATCH = 28
/** Of a character of the key, at 13 pixels. */
const CHARACTER_WIDTH = 7.5

/** Equal requests give equal bytes. */
export function plotSvg({ title, chart, key = [] }: PlotRequest): string {
  const { width, height, body } = chartBody(chart, 'wide')
  const keyHeight = key.length === 0 ? 0 : KEY_HEIGHT
  const top = MARGIN + TITLE_HEIGHT + keyHeight
  const size = { width: width + 2 * MARGIN, height: top + height + MARGIN }
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" ` +
    `viewBox="0 0 ${size.width} ${size.height}" role="img" ` +
    `font-family="${PLOT_FONT}, system-ui, 'Liberation Sans', sans-serif">` +
    `<title>${escapeHtml(title)}</title><desc>${escapeHtml(chart.description)}</desc>` +
    `<rect width="100%" height="100%" fill="var(--paper)"/>` +
    `<text x="${MARGIN}" y="${MARGIN + 16}" font-size="18" font-weight="600" fill="var(--ink)">${escapeHtml(title)}</text>` +
    `<g transform="translate(${MARGIN} ${MARGIN + TITLE_HEIGHT})">${keyMarkup(key)}</g>` +
    `<g transform="translate(${MARGIN} ${top})">${body}</g></svg>\n`
  return inked(svg)
}

function keyMarkup(entries: readonly KeyEntry[]): string {
  let x = 0
  return entries
    .map(({ label, style, bold }) => {
      const at = x
      x += SWATCH + 7 + label.length * CHARACTER_WIDTH + 18
      const dash = style.dash === 'solid' ? 'none' : style.dash.join(' ')
      const weight = bold === true ? ' font-weight="600"' : ''
      return (
        `<path d="M${at} 8h${SWATCH}" fill="none" stroke="${style.color}" ` +
        `stroke-width="${bold === true ? 3 : 2}" stroke-dasharray="${dash}"/>` +
        `<text x="${at + SWATCH + 7}" y="12.5" font-size="13" fill="var(--muted)"${weight}>${escapeHtml(label)}</text>`
      )
    })
    .join('')
}

/** The page's colours by day, written out: a picture has no style sheet. */
function inked(svg: string): string {
  return svg.replace(/var\(--([a-z0-9-]+)\)/g, (variable, name: string) => {
    return LIGHT_COLOURS[name] ?? variable
  })
}
