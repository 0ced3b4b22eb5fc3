/** Templates in which every inserted string is escaped, so that no data can become markup. */

/** A piece of finished HTML or SVG. Only `html` and `trustedMarkup` make one. */
export interface Markup {
  readonly markup: string
}

export type HtmlValue = string | number | Markup | readonly Markup[] | undefined

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text made safe inside elements and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}

/**
 * Fills a template; strings and numbers are escaped, markup goes in as it is, `undefined` is nothing.
 *
 * @example html`<p>${'a < b'}</p>`.markup // '<p>a &lt; b</p>'
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Markup {
  const parts = strings.map((text, index) => text + markupOf(values[index]))
  return { markup: parts.join('') }
}

/** Vouches for text that is markup already: the renderer's own SVG and style sheet, nothing else. */
export function trustedMarkup(markup: string): Markup {
  return { markup }
}

function markupOf(value: HtmlValue): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return escapeHtml(value)
  if (typeof value === 'number') return String(value)
  if ('markup' in value) return value.markup
  return value.map((piece) => piece.markup).join('')
}
