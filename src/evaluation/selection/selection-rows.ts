/** The evidence on a choice as rows for people: what was measured, the figure, how to read it. */
import { DASH, formatCount, formatNumber, formatP, formatPercent } from '../report/number-format.ts'
import type { SelectionEvidence } from './selection-evidence.ts'

export interface SelectionRow {
  readonly label: string
  readonly figure: string
  readonly meaning: string
}

export function selectionRows(evidence: SelectionEvidence): readonly SelectionRow[] {
  const { trial, recipes, overfitting, comparison } = evidence
  return [
    {
      label: 'Recipes tried on these days',
      figure: formatNumber(recipes, 0),
      meaning: `this was trial ${trial}; the gate asks more of each further one`,
    },
    ...strategyRows(evidence),
    {
      label: 'Probability of overfitting, by CRPS',
      figure: formatPercent(overfitting?.byCrps),
      meaning:
        overfitting === null
          ? 'needs two recipes tried on the same days'
          : `that the best of ${formatCount(overfitting.recipes, 'recipe')} on half of the days is below the median on the rest`,
    },
    {
      label: 'Superior predictive ability, p',
      figure: formatP(comparison?.superiorAbility.consistent),
      meaning:
        comparison === null
          ? 'needs several models'
          : `of no model being better than ${comparison.benchmark}, with ${formatCount(comparison.models, 'model')} compared at once`,
    },
    {
      label: 'Model confidence set, 90 %',
      figure: comparison?.members.join(', ') ?? DASH,
      meaning: 'the models among which these days cannot tell the best',
    },
  ]
}

function strategyRows({ strategy }: SelectionEvidence): readonly SelectionRow[] {
  const { fullAtEdge, costBasisPoints, sharpe, probabilisticSharpe, deflatedSharpe } = strategy
  const rule = `position (2·P(rise) − 1) / ${fullAtEdge}, at most fully; ${costBasisPoints} bp a trade`
  return [
    {
      label: 'Sharpe ratio of trading on the direction',
      figure: formatNumber(sharpe, 2),
      meaning:
        sharpe === null
          ? 'the forecasts take no position'
          : `a year, ${rule}; holding the stock had ${formatNumber(strategy.holdSharpe, 2)}`,
    },
    {
      label: 'Probabilistic Sharpe ratio',
      figure: formatPercent(probabilisticSharpe),
      meaning: 'probability that the true ratio is above zero',
    },
    {
      label: 'Deflated Sharpe ratio',
      figure: formatPercent(deflatedSharpe),
      meaning: `probability that it is above ${formatNumber(strategy.expectedMaximumSharpe, 2)}, what the best of so many recipes shows by luck`,
    },
  ]
}
