/** The pictures that a run keeps: those of the report, each on its own, and the learning curves. */
import { coverageChart } from './chart-coverage.ts'
import { dayAheadChart } from './chart-day-ahead.ts'
import { type LearningEpoch, learningChart, learningKey } from './chart-learning.ts'
import { pitChart } from './chart-pit.ts'
import { priceChart } from './chart-price.ts'
import { skillChart } from './chart-skill.ts'
import { lineStyleOf } from './chart-style.ts'
import { dayAheadForecasts } from './day-ahead.ts'
import { pitHistogram } from './pit-histogram.ts'
import { type PlotRequest, plotSvg } from './plot.ts'
import { candidateOf, modelsOf, type ReportInput } from './report-input.ts'
import { COVERAGE_MINIMUM, coverageWindow } from './rolling-coverage.ts'
import { LATEST_FORECASTS, pitOfCandidate } from './section-calibration.ts'
import { skillByModel } from './section-skill.ts'

export interface Plot {
  /** File name without its extension. */
  readonly name: string
  readonly svg: string
}

/** What a backtest shows; plots that it is too short for are left out. */
export type BacktestPlotInput = Pick<
  ReportInput,
  'symbol' | 'backtest' | 'scores' | 'losses' | 'pit' | 'candidate'
>

export function backtestPlots(input: BacktestPlotInput): readonly Plot[] {
  const plots = { skill: skillPlot(input), ...candidatePlots(input) }
  return Object.entries(plots).flatMap(([name, request]) =>
    request === undefined ? [] : [{ name, svg: plotSvg(request) }],
  )
}

export function pricePlot(
  input: Pick<ReportInput, 'symbol' | 'recentBars' | 'forecast'>,
): readonly Plot[] {
  const { symbol, recentBars, forecast } = input
  if (recentBars.close.length < 2) return []
  const chart = priceChart({ symbol, ...recentBars, forecast, currency: '$' })
  return [
    { name: 'forecast', svg: plotSvg({ title: `${symbol}: latest closes and forecast`, chart }) },
  ]
}

/** None for a model that does not learn by epochs. */
export function learningPlot(title: string, epochs: readonly LearningEpoch[]): readonly Plot[] {
  if (epochs.length === 0) return []
  const request = { title, chart: learningChart(epochs), key: learningKey(epochs) }
  return [{ name: 'learning', svg: plotSvg(request) }]
}

function skillPlot(input: BacktestPlotInput): PlotRequest | undefined {
  const skill = skillByModel(input)
  const { date } = input.backtest
  if (skill.size === 0 || date.length < 2) return undefined
  const models = modelsOf(input)
  const candidate = candidateOf(input)
  return {
    title: `${input.symbol}: CRPS saved against the naive forecast`,
    chart: skillChart({ date, skill, models, candidate }),
    key: keyOf([...skill.keys()], models, candidate),
  }
}

function candidatePlots(input: BacktestPlotInput): Record<string, PlotRequest | undefined> {
  const candidate = candidateOf(input)
  const track = input.backtest.tracks.find(({ model }) => model === candidate)
  if (candidate === undefined || track === undefined || input.backtest.date.length < 2) return {}
  const forecasts = dayAheadForecasts(input.backtest, track, LATEST_FORECASTS)
  return {
    'pit-histogram': pitPlot(input, candidate),
    coverage: coveragePlot(input, candidate),
    'latest-forecasts': {
      title: `${input.symbol}: the latest forecasts of ${candidate} and what came`,
      chart: dayAheadChart({ model: candidate, forecasts, currency: '$' }),
    },
  }
}

function pitPlot(input: BacktestPlotInput, candidate: string): PlotRequest | undefined {
  const histogram = pitHistogram(input.pit[candidate] ?? new Float64Array(0))
  if (histogram === undefined) return undefined
  return {
    title: `${input.symbol}: where outcomes fell in the forecasts of ${candidate}`,
    chart: pitChart({ model: candidate, histogram }),
  }
}

function coveragePlot(input: BacktestPlotInput, candidate: string): PlotRequest | undefined {
  const { date } = input.backtest
  if (date.length < COVERAGE_MINIMUM) return undefined
  const models = modelsOf(input)
  const pit = pitOfCandidate(input, candidate)
  const window = coverageWindow(date.length)
  return {
    title: `${input.symbol}: coverage of the 80 % and 95 % intervals over time`,
    chart: coverageChart({ date, models, pit, candidate, window }),
    key: keyOf([...pit.keys()], models, candidate),
  }
}

function keyOf(
  shown: readonly string[],
  models: readonly string[],
  candidate: string | undefined,
): NonNullable<PlotRequest['key']> {
  return shown.map((model) => ({
    label: model,
    style: lineStyleOf(model, models),
    bold: model === candidate,
  }))
}
