/** The key above a chart: names beside samples of their lines, wrapping as text does. */

import type { LineStyle } from './chart-style.ts'
import { html, type Markup } from './html.ts'

export interface KeyEntry {
  readonly label: string
  readonly style: LineStyle
  readonly bold?: boolean
}

export function chartKey(entries: readonly KeyEntry[]): Markup {
  return html`<ul class="key">${entries.map(entry)}</ul>`
}

function entry({ label, style, bold }: KeyEntry): Markup {
  const dash = style.dash === 'solid' ? 'none' : style.dash.join(' ')
  const width = bold === true ? 3 : 2
  return html`<li><svg class="swatch" viewBox="0 0 28 8" aria-hidden="true"><path d="M0 4H28" fill="none" stroke="${style.color}" stroke-width="${width}" stroke-dasharray="${dash}"/></svg>${label}</li>`
}
