/** A cell of the score table: a model's loss difference to naive with its uncertainty, on one scale. */
import { html, type Markup } from './html.ts'

/** A difference in percent of the benchmark's loss and half its 95 % interval, if that is known. */
export interface SkillDifference {
  readonly percent: number
  readonly margin: number | undefined
}

const WIDTH = 200
const NORMAL_975 = 1.959963984540054

/**
 * The difference of mean losses relative to the benchmark's, with the uncertainty that its
 * Diebold–Mariano statistic implies (t is the difference over its standard error).
 */
export function skillDifference(
  loss: number,
  benchmarkLoss: number,
  t: number | null,
): SkillDifference {
  const percent = (loss / benchmarkLoss - 1) * 100
  const margin = t === null || t === 0 ? undefined : NORMAL_975 * Math.abs(percent / t)
  return { percent, margin }
}

/** The half-width, in percent, of the scale that fits all differences. */
export function forestReach(differences: readonly SkillDifference[]): number {
  const ends = differences.map(({ percent, margin }) => Math.abs(percent) + (margin ?? 0))
  return Math.max(0.5, ...ends.filter((end) => Number.isFinite(end))) * 1.05
}

export function forestCell(
  difference: SkillDifference,
  reach: number,
  description: string,
): Markup {
  const place = (percent: number): string =>
    (WIDTH / 2 + (percent / reach) * (WIDTH / 2)).toFixed(1)
  const { percent, margin } = difference
  if (!Number.isFinite(percent)) return html``
  const whisker =
    margin === undefined
      ? undefined
      : html`<path class="whisker" d="M${place(percent - margin)} 16H${place(percent + margin)}"/>`
  return html`<svg class="forest" viewBox="0 0 ${WIDTH} 32" role="img" aria-label="${description}"><path class="zero" d="M${WIDTH / 2} 0V32"/>${whisker}<circle class="dot" cx="${place(percent)}" cy="16" r="4"/></svg>`
}
