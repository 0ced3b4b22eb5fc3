/** The sentences of a report whose truth depends on the figures. */

import { formatCount, formatLongDay, formatNumber, formatPercent } from './number-format.ts'
import { BENCHMARK, modelsOf, type ReportInput } from './report-input.ts'
import { COVERAGE_MINIMUM } from './rolling-coverage.ts'

const NORMAL_975 = 1.959963984540054

/** `next-session` or `5-session`. */
function horizonWords(horizon: number): string {
  return horizon === 1 ? 'next-session' : `${horizon}-session`
}

/** What was judged, on how many days, and how. */
export function scopeWords(input: ReportInput): string {
  const { date, folds, horizon } = input.backtest
  if (date.length === 0) return 'The backtest holds no test days, so there is nothing to judge yet.'
  const [first, last] = [formatLongDay(date[0] as number), formatLongDay(date.at(-1) as number)]
  return (
    `This report judges forecasts of ${input.symbol}’s ${horizonWords(horizon)} log return. ` +
    `Each of the ${formatCount(date.length, 'forecast')} (${first} to ${last}) was made at a session’s ` +
    `close from what was known by then, with models trained ${trainedWords(folds.length)} on earlier data only, ` +
    'and was then scored against what happened. A forecast here is a distribution, not a point: ' +
    'what counts is whether its width and shape fit the day.'
  )
}

function trainedWords(folds: number): string {
  return folds === 1 ? 'once' : `${formatNumber(folds, 0)} times anew`
}

/** What the report cannot show: price levels prove nothing, and direction is (mostly) a coin flip. */
export function limitsWords(input: ReportInput): string {
  const mape = input.scores[BENCHMARK]?.mapeFraction ?? Number.NaN
  const naive = Number.isFinite(mape)
    ? `, because “the price stays as it is” alone was off by only ${formatPercent(mape)} on average`
    : ''
  return (
    `What it can’t show: a chart of predicted beside actual prices always looks good${naive}. ` +
    `Such charts prove nothing; the prices drawn below are there for orientation. ${directionVerdict(input)}`
  )
}

function directionVerdict(input: ReportInput): string {
  const days = input.backtest.outcome.length
  if (days < COVERAGE_MINIMUM) {
    return 'Nor can so few days say anything about direction: take it for a coin flip.'
  }
  const { word, share } = majority(input.backtest.outcome)
  const ahead = modelsOf(input).filter((model) => {
    return (input.scores[model]?.directionalAccuracy ?? 0) > share + coinMargin(days)
  })
  const always = `always saying “${word}” (${formatPercent(share)})`
  return ahead.length === 0
    ? `The direction of the next move is as good as a coin flip: no model was right noticeably more often than ${always}.`
    : `The direction of the next move is close to a coin flip; only ${listWords(ahead)} was right noticeably more often than ${always}, which needs a test of its own.`
}

/** How direction compares with coin tossing and with always saying the same. */
export function directionWords(input: ReportInput): string {
  const { outcome } = input.backtest
  if (outcome.length === 0) return ''
  const { word, share } = majority(outcome)
  const margin = Math.min(0.5, coinMargin(outcome.length))
  return (
    `Direction: on ${formatCount(outcome.length, 'day')}, tossing a coin would be right between ` +
    `${formatPercent(0.5 - margin)} and ${formatPercent(0.5 + margin)} of the time (19 times in 20); ` +
    `always saying “${word}” was right ${formatPercent(share)} of the time. A model whose location ` +
    'is zero says “up” every day.'
  )
}

/** What happened more often, and how often. */
function majority(outcome: Float64Array): { readonly word: string; readonly share: number } {
  const up = outcome.filter((move) => move > 0).length / outcome.length
  const down = outcome.filter((move) => move < 0).length / outcome.length
  return up >= down ? { word: 'up', share: up } : { word: 'down', share: down }
}

/** Half the range that holds the share of right tosses of a coin 19 times in 20. */
function coinMargin(days: number): number {
  return NORMAL_975 * Math.sqrt(0.25 / days)
}

/** `a`, `a and b`, `a, b and c`. */
function listWords(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? ''
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
