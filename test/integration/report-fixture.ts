/** A made-up backtest with clustered volatility, the same every time, for tests of the report. */
import type { Backtest, FoldSpan, ForecastTrack } from '../../src/evaluation/backtest.ts'
import type { Judgement } from '../../src/evaluation/judgement.ts'
import type { ReportInput } from '../../src/evaluation/report/report-input.ts'
import { formatDay, weekdayOf } from '../../src/market/trading-date.ts'
import { exp } from '../../src/numerics/elementary.ts'
import { createRandom, type Random } from '../../src/numerics/random.ts'

/** 2005-01-03. */
const FIRST_DAY = 12_786
const FOLD_DAYS = 252

interface Path {
  readonly close: Float64Array
  readonly outcome: Float64Array
  /** True standard deviation of each outcome. */
  readonly volatility: Float64Array
}

/** How a made-up model sees the true volatility: scale = factor · volatility^weight, plus noise. */
interface MadeModel {
  readonly model: string
  readonly weight: number
  readonly noise: number
  readonly location: number
}

const MODELS: readonly MadeModel[] = [
  { model: 'naive', weight: 0, noise: 0, location: 0 },
  { model: 'ewma', weight: 0.85, noise: 0.12, location: 0 },
  { model: 'garch', weight: 0.9, noise: 0.13, location: 0.0004 },
  { model: 'har', weight: 1, noise: 0.05, location: 0 },
  { model: 'lstm', weight: 0.97, noise: 0.06, location: 0.0002 },
]

/** A backtest of five models over `days` weekdays. */
export function madeBacktest(days: number, horizon = 1): Backtest {
  const random = createRandom('report fixture')
  const path = walk(days, random.fork('path'))
  return {
    symbol: 'AAPL',
    horizon,
    folds: Array.from({ length: Math.ceil(days / FOLD_DAYS) }, (_, k) => foldSpan(k)),
    date: weekdays(days),
    fold: Int32Array.from({ length: days }, (_, i) => Math.floor(i / FOLD_DAYS)),
    referenceClose: path.close,
    outcome: path.outcome,
    varianceProxy: path.volatility.map((sd) => sd * sd),
    naivePriceError: path.close.map((close) => close * 0.014),
    tracks: MODELS.map((made) => trackOf(made, path, random.fork(made.model))),
  }
}

function walk(days: number, random: Random): Path {
  const close = new Float64Array(days)
  const outcome = new Float64Array(days)
  const volatility = new Float64Array(days)
  let [price, logVolatility] = [60, 0]
  for (let i = 0; i < days; i += 1) {
    logVolatility = 0.98 * logVolatility + 0.09 * random.normal()
    const sd = 0.018 * exp(logVolatility)
    const move = 0.0006 + sd * random.normal()
    close[i] = price
    outcome[i] = move
    volatility[i] = sd
    price *= exp(move)
  }
  return { close, outcome, volatility }
}

function trackOf(made: MadeModel, { volatility }: Path, random: Random): ForecastTrack {
  const usual = 0.021
  const scale = volatility.map((sd) => {
    const seen = Math.max(0.2, 1 + (sd / usual - 1) * made.weight)
    return usual * seen * exp(made.noise * random.normal()) * 0.96
  })
  return {
    model: made.model,
    location: scale.map(() => made.location),
    scale,
    degreesOfFreedom: scale.map(() => 12),
  }
}

function weekdays(count: number): Int32Array {
  const days: number[] = []
  for (let day = FIRST_DAY; days.length < count; day += 1) {
    if (weekdayOf(day) % 6 !== 0) days.push(day)
  }
  return Int32Array.from(days)
}

function foldSpan(k: number): FoldSpan {
  const testFrom = FIRST_DAY + Math.round(k * 352.8)
  return { trainFrom: FIRST_DAY - 1800, trainTo: testFrom - 1, testFrom, testTo: testFrom + 352 }
}

/** A full input of the report from a backtest and what was judged of it. */
export function madeInput(backtest: Backtest, judgement: Judgement): ReportInput {
  const close = backtest.referenceClose.slice(-150)
  const last = close.at(-1) ?? 60
  const asOf = formatDay(backtest.date.at(-1) ?? FIRST_DAY)
  return {
    title: 'AAPL: next-session forecasts, judged',
    symbol: backtest.symbol,
    asOf,
    historical: true,
    data: {
      rows: 3270,
      first: '2000-03-01',
      last: asOf,
      digest: '5f2d0e8c1b7a49f3a6c4d1e0b9f8a7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0',
      findings: [
        {
          check: 'price-step',
          severity: 'warning',
          message: 'The price falls by 51.9 % in one session: AAPL row 147 (2000-09-29).',
          count: 1,
          remedy: 'Compare with another source.',
        },
        {
          check: 'zero-volume',
          severity: 'warning',
          message: 'No volume: AAPL row 384 (2001-09-10).',
          count: 1,
        },
      ],
    },
    backtest,
    ...judgement,
    gate: {
      decision: 'promote',
      reasons: [
        'Its CRPS is lower than the naive forecast’s (p < 0.001).',
        'It is not inferior to har: the upper bound of the relative difference is 0.21 %.',
      ],
      claims: [
        {
          claim: 'better-than-naive',
          required: true,
          standing: 'holds',
          statement: 'Its CRPS is lower than the naive forecast’s: t = −9.3, p < 0.001.',
        },
        {
          claim: 'better-than-classical',
          required: false,
          standing: 'open',
          statement: 'Its CRPS is below har’s, but not by more than chance explains: p = 0.31.',
        },
        {
          claim: 'directional-skill',
          required: false,
          standing: 'fails',
          statement: 'It was right about direction on 51.0 % of days: p = 0.41.',
        },
      ],
    },
    version: { name: 'aapl-forecaster', version: '3', environment: 'Production' },
    forecast: {
      horizon: backtest.horizon,
      referenceClose: last,
      median: last * 1.0004,
      interval80: [last * 0.974, last * 1.0265],
      interval95: [last * 0.955, last * 1.047],
      probabilityUp: 0.507,
      usable: true,
      reasons: [],
      distribution: { location: 0.0004, scale: 0.0183, degreesOfFreedom: 6.2 },
    },
    recentBars: { date: backtest.date.slice(-150), close },
    run: { id: '0f9a3c5e7b1d4a2f8c6e0b9d7a5f3c1e', experiment: 'aapl' },
    settings: { seed: '42', refit: 'yearly', horizon: '1', models: 'naive ewma garch har lstm' },
  }
}
