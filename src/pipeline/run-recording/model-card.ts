/**
 * A version's model card in Markdown: what it is for, what it was made from, what is known of it.
 *
 * Sections and their order follow Mitchell et al. 2019, "Model Cards for Model Reporting".
 */
import { limitsSection, loadingSection, purposeSection } from './model-card-guidance.ts'
import { calibrationSection, gateSection, scoresSection } from './model-card-results.ts'
import type { CardSource } from './model-card-source.ts'
import { dataSection, provenanceSection, trainingSection } from './model-card-training.ts'

/** Equal sources give equal bytes. */
export function modelCard(source: CardSource): string {
  const { version, judged } = source
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Intended use', purposeSection(source)],
    ['Data', dataSection(source)],
    ['Training', trainingSection(source)],
    ['Scores', scoresSection(judged)],
    ['Calibration', calibrationSection(judged)],
    ['How the recipe was chosen', source.sections?.selection ?? []],
    ['Gate', gateSection(judged)],
    ['Further horizons', source.sections?.horizons ?? []],
    ['Limits', limitsSection(source)],
    ['Where it came from', provenanceSection(source)],
    ['How to load it', loadingSection(source)],
  ]
  const parts = sections.flatMap(([title, lines]) =>
    lines.length === 0 ? [] : [`## ${title}`, '', ...lines, ''],
  )
  return [`# ${version.name} version ${version.version}`, '', summary(source), '', ...parts].join(
    '\n',
  )
}

/** One paragraph: the card's first, and the version's description. */
export function summary({ recipe, trainedTo, judged }: CardSource): string {
  const panel = recipe.panel.join(', ')
  const what = `${recipe.model} on ${panel}, trained to ${trainedTo}`
  if (judged === undefined) return `${what}. It has not been judged.`
  const { judgement, gate } = judged
  const { n = 0, crps = Number.NaN } = judgement.scores[recipe.model] ?? {}
  const naive = judgement.scores.naive?.crps ?? Number.NaN
  const change = ((crps / naive - 1) * 100).toFixed(1)
  return (
    `${what}. CRPS ${(1e4 * crps).toFixed(2)} bp over ${n} test days, ${change.replace('-', '−')} % ` +
    `against the naive forecast. Gate: ${gate.decision}.`
  )
}
