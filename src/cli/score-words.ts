/** Scores and tests of skill as a table for people. */
import type { ModelTests } from '../evaluation/judgement.ts'
import type { ScoresDocument } from '../pipeline/run-document.ts'
import { basisPoints, figure, percent, table } from './words.ts'

const HEADER = ['model', 'CRPS bp', 'NLL', '80 %', '95 %', 'direction', 'vs naive', 'vs EWMA']

/** One row per model, best CRPS first; the last two columns are Diebold–Mariano t statistics. */
export function scoreTable(
  scores: ScoresDocument,
  tests: Readonly<Record<string, ModelTests>>,
): string {
  const models = Object.keys(scores).toSorted(
    (a, b) => (scores[a]?.crps ?? Infinity) - (scores[b]?.crps ?? Infinity),
  )
  const rows = models.map((model) => {
    const { crps = null, nll = null, coverage80 = null, coverage95 = null } = scores[model] ?? {}
    return [
      model,
      basisPoints(crps),
      figure(nll, 4),
      percent(coverage80),
      percent(coverage95),
      percent(scores[model]?.directionalAccuracy ?? null),
      figure(tests[model]?.dmVsNaive.t ?? null, 2),
      figure(tests[model]?.dmVsEwma.t ?? null, 2),
    ]
  })
  return table(HEADER, rows)
}
