/** The model card's section on how the recipe was chosen. */
import type { SelectionEvidence } from '../../evaluation/selection/selection-evidence.ts'
import { selectionRows } from '../../evaluation/selection/selection-rows.ts'
import { wordTable } from './markdown.ts'

export function selectionSection(evidence: SelectionEvidence): readonly string[] {
  const rows = selectionRows(evidence).map(({ label, figure, meaning }) => [label, figure, meaning])
  return [
    'Whoever tries many recipes on the same days finds one that looks good. What the trial ledger knows:',
    '',
    ...wordTable(['Measure', 'Figure', 'How to read it'], rows),
  ]
}
