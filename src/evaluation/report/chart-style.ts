/** Colours, dashes and type of every chart; colours are CSS variables, so dark mode is the page's. */

/** What a mark means; the style sheet gives each a colour per colour scheme. */
export const INK = {
  text: 'var(--ink)',
  muted: 'var(--muted)',
  rule: 'var(--rule)',
  paper: 'var(--paper)',
  accent: 'var(--accent)',
  warning: 'var(--warning)',
} as const

export type DashPattern = 'solid' | readonly number[]

export interface LineStyle {
  readonly color: string
  /** Lengths of strokes and gaps: models differ by dash as well as by colour. */
  readonly dash: DashPattern
}

const KNOWN: Readonly<Record<string, LineStyle>> = {
  naive: { color: 'var(--muted)', dash: 'solid' },
  lstm: { color: 'var(--series-1)', dash: 'solid' },
  har: { color: 'var(--series-2)', dash: [7, 3] },
  ewma: { color: 'var(--series-3)', dash: [2, 3] },
  garch: { color: 'var(--series-4)', dash: [9, 3, 2, 3] },
}

const SPARE: readonly LineStyle[] = [
  { color: 'var(--series-5)', dash: [4, 2] },
  { color: 'var(--series-6)', dash: [12, 3] },
  { color: 'var(--series-1)', dash: [2, 2] },
  { color: 'var(--series-2)', dash: [1, 3] },
  { color: 'var(--series-3)', dash: [10, 2, 1, 2] },
]

/** The line of a model; `models` lists all of them, so that unknown names differ from each other. */
export function lineStyleOf(model: string, models: readonly string[]): LineStyle {
  const known = KNOWN[model]
  if (known !== undefined) return known
  const unknown = models.filter((name) => KNOWN[name] === undefined)
  const index = Math.max(0, unknown.indexOf(model)) % SPARE.length
  return SPARE[index] as LineStyle
}

/** ECharts' form of a dash pattern. */
export function dashOf(dash: DashPattern): 'solid' | number[] {
  return dash === 'solid' ? dash : [...dash]
}
