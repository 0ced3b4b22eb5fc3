/** The model card's section on the horizons besides the one that the version is promoted on. */
import type { HorizonDocument } from '../run-document.ts'
import { fixed, wordTable } from './markdown.ts'

/** No lines where there is no further horizon. */
export function horizonsSection(
  candidate: string,
  horizons: readonly HorizonDocument[],
): readonly string[] {
  if (horizons.length === 0) return []
  const rows = horizons.map(({ horizon, scores, tests, gate }) => [
    `${horizon} sessions`,
    gate.decision,
    bp(scores[candidate]?.crps),
    bp(scores.naive?.crps),
    fixed(tests[candidate]?.dmVsNaive?.t, 2),
    gate.decision === 'promote' ? '' : gate.reasons.join(' '),
  ])
  return [
    'Further horizons have forecasters of their own, judged like the first and promoted with it. Where ' +
      'the verdict is not promote, forecasts of that horizon say `usable: false`.',
    '',
    ...wordTable(
      ['horizon', 'verdict', 'CRPS bp', 'naive CRPS bp', 't against naive', 'why not'],
      rows,
    ),
  ]
}

function bp(crps: number | null | undefined): string {
  return fixed(crps === null || crps === undefined ? null : 1e4 * crps, 2)
}
