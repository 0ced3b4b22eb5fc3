/** Whether the intervals and the whole shape of the candidate's forecasts can be believed. */

import { calibratedCoverage } from '../calibrated-coverage.ts'
import { coverageChart } from './chart-coverage.ts'
import { dayAheadChart } from './chart-day-ahead.ts'
import { chartKey } from './chart-key.ts'
import { pitChart } from './chart-pit.ts'
import { lineStyleOf } from './chart-style.ts'
import { type DayAhead, dayAheadForecasts } from './day-ahead.ts'
import { html, type Markup } from './html.ts'
import { formatCount, formatPercent } from './number-format.ts'
import { PIT_MINIMUM, type PitHistogram, pitHistogram } from './pit-histogram.ts'
import { BENCHMARK, candidateOf, modelsOf, type ReportInput } from './report-input.ts'
import { COVERAGE_MINIMUM, coverageWindow } from './rolling-coverage.ts'
import { renderChart } from './svg-chart.ts'

/** Forecasts that are drawn one by one. */
export const LATEST_FORECASTS = 60

export function calibrationSection(input: ReportInput): Markup {
  const candidate = candidateOf(input)
  return html`<section id="calibration">
<h2>Calibration</h2>
${candidate === undefined ? html`<p class="note">There is no model to examine.</p>` : figuresOf(input, candidate)}
</section>`
}

function figuresOf(input: ReportInput, candidate: string): Markup {
  const scores = input.scores[candidate]
  return html`<p>Of all outcomes, ${formatPercent(scores?.coverage80)} fell inside the 80 % interval of <strong>${candidate}</strong> and ${formatPercent(scores?.coverage95)} inside its 95 % interval.</p>
${calibratedTable(input, candidate)}
${pitFigure(input, candidate)}
${coverageFigure(input, candidate)}
${dayAheadFigure(input, candidate)}`
}

const CALIBRATIONS = [
  { kind: 'uncalibrated', label: 'as forecast' },
  { kind: 'splitConformal', label: 'split conformal' },
  { kind: 'adaptiveConformal', label: 'adaptive conformal' },
] as const

/** Coverage before and after calibration. */
function calibratedTable(input: ReportInput, candidate: string): Markup | undefined {
  const pit = input.pit[candidate]
  if (pit === undefined || pit.length < COVERAGE_MINIMUM) return undefined
  const coverage = calibratedCoverage(input.backtest, { [candidate]: pit })[candidate]
  const rows = CALIBRATIONS.map(
    ({ kind, label }) =>
      html`<tr><th scope="row">${label}</th><td>${formatPercent(coverage?.[kind].coverage80)}</td><td>${formatPercent(coverage?.[kind].coverage95)}</td></tr>`,
  )
  return html`<div class="scroll" role="region" aria-label="Coverage before and after calibration" tabindex="0"><table>
<caption>Outcomes inside the intervals, before and after calibration</caption>
<thead><tr><th scope="col">Intervals</th><th scope="col">80 %</th><th scope="col">95 %</th></tr></thead>
<tbody>${rows}</tbody></table></div>
<p class="note">Split conformal: each fold asks for the level that held the promised share of the two years of forecasts before it. Adaptive conformal: the level rises after each miss and falls after each hit. Both know only what was known on the day; the first fold has nothing to learn from.</p>`
}

function pitFigure(input: ReportInput, candidate: string): Markup {
  const histogram = pitHistogram(input.pit[candidate] ?? new Float64Array(0))
  const body =
    histogram === undefined
      ? html`<p class="note">Fewer than ${PIT_MINIMUM} test days: a histogram would show chance only.</p>`
      : html`${renderChart(pitChart({ model: candidate, histogram }))}
<figcaption>${pitWords(histogram, input.backtest.horizon)}</figcaption>`
  return html`<figure>
<h3>Where outcomes fell in the forecasts (PIT histogram)</h3>
${body}
</figure>`
}

function pitWords({ density, outside }: PitHistogram, horizon: number): string {
  const expected = Math.round(density.length * 0.05)
  const overlap =
    horizon === 1
      ? ''
      : ' Forecasts of several sessions overlap, so true bars stray further than the band says.'
  return (
    'For each day, how much of the forecast distribution lies below what happened: 0 % is far lower ' +
    'than expected, 100 % far higher. If the forecasts are right the bars are level, at 1; a heap in ' +
    'the middle means too wide, heaps at the ends too narrow. About 19 bars in 20 of a right model lie in the ' +
    `shaded band: here ${outside} of ${density.length} lie outside, where ${expected} would be usual.${overlap}`
  )
}

function coverageFigure(input: ReportInput, candidate: string): Markup {
  const { date } = input.backtest
  const window = coverageWindow(date.length)
  const body =
    date.length < COVERAGE_MINIMUM
      ? html`<p class="note">Fewer than ${COVERAGE_MINIMUM} test days: a rolling share would show chance only.</p>`
      : coverageBody(input, candidate, window)
  return html`<figure>
<h3>Coverage over time</h3>
${body}
</figure>`
}

function coverageBody(input: ReportInput, candidate: string, window: number): Markup {
  const models = modelsOf(input)
  const pit = pitOfCandidate(input, candidate)
  const entries = [...pit.keys()].map((model) => ({
    label: model,
    style: lineStyleOf(model, models),
    bold: model === candidate,
  }))
  const { date } = input.backtest
  return html`${chartKey([...entries, { label: 'nominal', style: { color: 'var(--ink)', dash: [6, 4] } }])}
${renderChart(coverageChart({ date, models, pit, candidate, window }))}
<figcaption>Share of the last ${window} outcomes inside the 95 % interval (above) and the 80 % interval (below). Shaded: where a right model stays most of the time. A line that sinks below it in turbulent times belongs to intervals that were too narrow just when they mattered.</figcaption>`
}

/** PIT values of the benchmark and of the candidate, in this order. */
export function pitOfCandidate(
  input: Pick<ReportInput, 'pit'>,
  candidate: string,
): ReadonlyMap<string, Float64Array> {
  const pit = new Map<string, Float64Array>()
  for (const model of [BENCHMARK, candidate]) {
    const values = input.pit[model]
    if (values !== undefined) pit.set(model, values)
  }
  return pit
}

function dayAheadFigure(input: ReportInput, candidate: string): Markup | undefined {
  const { backtest, currency = '$' } = input
  const track = backtest.tracks.find(({ model }) => model === candidate)
  if (track === undefined || backtest.date.length < 2) return undefined
  const forecasts = dayAheadForecasts(backtest, track, LATEST_FORECASTS)
  return html`<figure>
<h3>The latest forecasts and what came</h3>
${renderChart(dayAheadChart({ model: candidate, forecasts, currency }))}
<figcaption>${dayAheadWords(forecasts, backtest.horizon)}</figcaption>
</figure>`
}

function dayAheadWords(forecasts: readonly DayAhead[], horizon: number): string {
  const before = horizon === 1 ? 'the session before' : `${horizon} sessions before`
  const outside80 = forecasts.filter(({ fall }) => fall !== 'inside80').length
  const outside95 = forecasts.filter(({ fall }) => fall === 'outside').length
  return (
    `Each bar is a forecast made at the close of ${before}: its dark part holds 80 % of the probability, ` +
    'the whole bar 95 %. The mark is the close that came: a dot inside 80 %, a ring inside 95 % only, a ' +
    `diamond outside. Of the last ${formatCount(forecasts.length, 'close')}, ${outside80} fell outside 80 % ` +
    `and ${outside95} of them outside 95 %. Bars follow prices by construction: look at their width, not ` +
    'their place. Dates are those on which the forecasts were made; a small screen shows the later half.'
  )
}
