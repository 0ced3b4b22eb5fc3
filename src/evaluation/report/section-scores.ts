/** The models beside each other: what they score, against what, and how surely. */
import type { Scores } from '../backtest.ts'
import { html, type Markup } from './html.ts'
import {
  DASH,
  formatBasisPoints,
  formatCount,
  formatNumber,
  formatP,
  formatPercent,
  formatSignedBasisPoints,
  formatSignedPercent,
} from './number-format.ts'
import { BENCHMARK, bestByCrps, modelsOf, type ReportInput } from './report-input.ts'
import { directionWords } from './report-words.ts'
import { forestCell, forestReach, type SkillDifference, skillDifference } from './skill-forest.ts'

const P_COLUMNS = [
  { label: 'naive', test: 'dmVsNaive' },
  { label: 'EWMA', test: 'dmVsEwma' },
  { label: 'HAR', test: 'dmVsHar' },
] as const

export function scoresSection(input: ReportInput): Markup {
  const count = formatCount(input.backtest.date.length, 'test day')
  return html`<section id="scores">
<h2>Scores</h2>
<p>The continuous ranked probability score (CRPS) measures how far a whole forecast distribution was from what happened, in basis points (bp) of return: <strong>lower is better</strong>. All models are scored on the same ${count}; the best is in bold.</p>
${crpsTable(input)}
<p class="note">The difference is to <em>${BENCHMARK}</em>, a random walk of constant scale; left of the line is better, and the bar is its approximate 95 % interval. Each p-value is that of a one-sided Diebold–Mariano test: how often a model that is no better than the benchmark would look at least this good by chance. Being better than ${BENCHMARK} takes no more than tracking volatility; it promises nothing about direction.</p>
${detailTable(input)}
<p class="note">Lower is better for NLL, QLIKE, RMSE, MAE, MAPE and MASE; the best are in bold.</p>
<p class="note">${directionWords(input)}</p>
</section>`
}

function crpsTable(input: ReportInput): Markup {
  const reach = forestReach(modelsOf(input).map((model) => differenceOf(input, model)))
  const rows = modelsOf(input).map((model) => crpsRow(input, model, reach))
  return html`<div class="scroll" role="region" aria-label="CRPS by model" tabindex="0"><table class="crps">
<caption>CRPS by model, next to the naive forecast</caption>
<thead><tr><th scope="col">Model</th><th scope="col">CRPS, bp</th><th scope="col" class="wide-only">vs naive, bp</th><th scope="col">vs naive</th><th scope="col" class="graphic">better&nbsp;◂&nbsp;0&nbsp;▸&nbsp;worse</th>${P_COLUMNS.map(({ label }) => html`<th scope="col">p vs ${label}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`
}

function crpsRow(input: ReportInput, model: string, reach: number): Markup {
  const crps = input.scores[model]?.crps ?? Number.NaN
  const difference = differenceOf(input, model)
  const own = model === BENCHMARK
  const gap = crps - (input.scores[BENCHMARK]?.crps ?? Number.NaN)
  const cell = own ? undefined : forestCell(difference, reach, forestWords(model, difference))
  return html`<tr class="${model === bestByCrps(input) ? 'best' : ''}"><th scope="row">${model}</th><td>${formatBasisPoints(crps)}</td><td class="wide-only">${own ? DASH : formatSignedBasisPoints(gap)}</td><td>${own ? DASH : formatSignedPercent(difference.percent / 100)}</td><td class="graphic">${cell}</td>${P_COLUMNS.map(({ test }) => html`<td>${formatP(input.tests[model]?.[test]?.p)}</td>`)}</tr>`
}

function differenceOf(input: ReportInput, model: string): SkillDifference {
  const loss = input.scores[model]?.crps ?? Number.NaN
  const benchmark = input.scores[BENCHMARK]?.crps ?? Number.NaN
  return skillDifference(loss, benchmark, input.tests[model]?.dmVsNaive.t ?? null)
}

function forestWords(model: string, { percent, margin }: SkillDifference): string {
  const middle = `${model}: ${formatSignedPercent(percent / 100)} against naive`
  if (margin === undefined) return middle
  const [low, high] = [percent - margin, percent + margin].map((end) =>
    formatSignedPercent(end / 100),
  )
  return `${middle}, 95 % interval ${low} to ${high}`
}

interface DetailRow {
  readonly label: string
  readonly hint: string
  /** The figure is a loss: lower is better. */
  readonly loss?: boolean
  readonly value: (scores: Scores) => number
  readonly format: (value: number) => string
}

const DETAILS: readonly DetailRow[] = [
  {
    label: 'NLL',
    hint: 'negative log-likelihood',
    loss: true,
    value: (scores) => scores.nll,
    format: (value) => formatNumber(value, 4),
  },
  {
    label: 'QLIKE',
    hint: 'loss of the variance',
    loss: true,
    value: (scores) => scores.qlike,
    format: (value) => formatNumber(value, 4),
  },
  {
    label: 'Coverage of 80 %',
    hint: 'share inside the interval',
    value: (scores) => scores.coverage80,
    format: formatShare,
  },
  {
    label: 'Coverage of 95 %',
    hint: 'share inside the interval',
    value: (scores) => scores.coverage95,
    format: formatShare,
  },
  {
    label: 'Right direction',
    hint: 'a coin gives about 50 %',
    value: (scores) => scores.directionalAccuracy,
    format: formatShare,
  },
  {
    label: 'R² out of sample',
    hint: 'of returns, against zero',
    value: (scores) => scores.r2oos,
    format: (value) => formatPercent(value, 2),
  },
  {
    label: 'RMSE',
    hint: 'of the median’s price',
    loss: true,
    value: (scores) => scores.rmse,
    format: (value) => formatNumber(value, 3),
  },
  {
    label: 'MAE',
    hint: 'of the median’s price',
    loss: true,
    value: (scores) => scores.mae,
    format: (value) => formatNumber(value, 3),
  },
  {
    label: 'MAPE',
    hint: 'of the median’s price',
    loss: true,
    value: (scores) => scores.mapeFraction,
    format: (value) => formatPercent(value, 3),
  },
  {
    label: 'MASE',
    hint: 'error over naive’s in training',
    loss: true,
    value: (scores) => scores.mase,
    format: (value) => formatNumber(value, 3),
  },
]

function formatShare(value: number): string {
  return formatPercent(value, 1)
}

function detailTable(input: ReportInput): Markup {
  const heads = modelsOf(input).map((model) => html`<th scope="col">${model}</th>`)
  return html`<div class="scroll" role="region" aria-label="All scores" tabindex="0"><table class="details">
<caption>All scores</caption>
<thead><tr><th scope="col">Score</th>${heads}</tr></thead>
<tbody>${DETAILS.map((detail) => detailRow(input, detail))}</tbody></table></div>`
}

/** Figures that read the same are equally best; when all do, none is marked. */
function detailRow(input: ReportInput, { label, hint, loss, value, format }: DetailRow): Markup {
  const values = modelsOf(input).map((model) => {
    const scores = input.scores[model]
    return scores === undefined ? Number.NaN : value(scores)
  })
  const best = format(Math.min(...values.filter((figure) => Number.isFinite(figure))))
  const marked = loss === true && values.some((figure) => format(figure) !== best)
  const cells = values.map((figure) => {
    const text = format(figure)
    return html`<td class="${marked && text === best ? 'top' : ''}">${text}</td>`
  })
  return html`<tr><th scope="row">${label}<small>${hint}</small></th>${cells}</tr>`
}
