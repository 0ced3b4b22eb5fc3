/** What `tune --json` prints: every trial, and what the search suggests. */
import type { TestResult } from '../../evaluation/backtest.ts'
import { dieboldMariano } from '../../evaluation/skill/diebold-mariano.ts'
import type { ForecasterOptions } from '../../forecast/forecaster.ts'
import { formatDay } from '../../market/trading-date.ts'
import type { Run } from '../../tracking/tracking-store.ts'
import type { Judged } from './successive-halving.ts'
import type { Search } from './tune-model.ts'
import type { TuningCheckpoint } from './tuning-checkpoint.ts'
import { daysOf } from './tuning-record.ts'

export interface TrialDocument {
  /** 0 is the configuration as it is. */
  readonly trial: number
  /** What it changes. */
  readonly options: ForecasterOptions
  /** Rounds that it took part in. */
  readonly rounds: number
  /** Mean CRPS relative to the naive forecast's over the folds that it was judged on. */
  readonly loss: number
}

export interface TuningDocument {
  readonly symbol: string
  readonly horizon: number
  readonly seed: number
  /** Symbols that the trials were judged on. */
  readonly judged: readonly string[]
  /** First and last day of each fold, `YYYY-MM-DD`, the latest first; all before the evaluation span. */
  readonly folds: readonly { readonly from: string; readonly to: string }[]
  readonly trials: readonly TrialDocument[]
  /** The trial of the lowest loss on all folds; 0 where nothing beat the configuration. */
  readonly best: number
  /**
   * Diebold–Mariano test of the best trial against the configuration, over all symbols' days; negative
   * where it is better. The best of many looks better than it is.
   */
  readonly dmVsConfigured: TestResult
  /** The part of a configuration that makes the best trial the configured one. */
  readonly suggestion: { readonly lstm: ForecasterOptions }
  readonly run: { readonly id: string }
  readonly durationMs: number
}

export interface SearchResult {
  readonly judged: readonly Judged[]
  readonly outcomes: TuningCheckpoint
  readonly run: Run
  readonly durationMs: number
}

export function tuningDocument(
  search: Search,
  { judged, outcomes, run, durationMs }: SearchResult,
): TuningDocument {
  const { symbol, folds, drawn, request } = search
  const { horizon, seed } = request.config
  const best = bestOf(judged)
  return {
    symbol,
    horizon,
    seed,
    judged: search.judged,
    folds: folds.map(({ testFrom, testTo }) => ({
      from: formatDay(testFrom),
      to: formatDay(testTo),
    })),
    trials: judged.map(({ trial, losses }) => ({
      trial,
      options: drawn[trial] ?? {},
      rounds: losses.length,
      loss: losses.at(-1) ?? Number.NaN,
    })),
    best,
    dmVsConfigured: againstConfigured(search, outcomes, best),
    suggestion: { lstm: { ...request.config.lstm, ...drawn[best] } },
    run: { id: run.id },
    durationMs,
  }
}

/** Among those that took part in every round; the configured one where nothing is better. */
function bestOf(judged: readonly Judged[]): number {
  const rounds = Math.max(...judged.map(({ losses }) => losses.length))
  let best = 0
  let lowest = judged[0]?.losses.at(-1) ?? Number.POSITIVE_INFINITY
  for (const { trial, losses } of judged) {
    const loss = losses.at(-1) ?? Number.POSITIVE_INFINITY
    if (losses.length < rounds || !(loss < lowest)) continue
    best = trial
    lowest = loss
  }
  return best
}

/** On each day's mean over symbols of the loss relative to the configured one's mean. */
function againstConfigured(search: Search, outcomes: TuningCheckpoint, best: number): TestResult {
  if (best === 0) return { t: null, p: null }
  const days = new Map<number, { own: number; other: number }>()
  for (const symbol of search.judged) {
    const own = daysOf(search, outcomes, { trial: best, symbol })
    const other = daysOf(search, outcomes, { trial: 0, symbol })
    const mean = other.losses.reduce((sum, loss) => sum + loss, 0) / other.losses.length
    other.date.forEach((day, i) => {
      const sums = days.get(day) ?? { own: 0, other: 0 }
      sums.own += (own.losses[i] ?? Number.NaN) / mean
      sums.other += (other.losses[i] as number) / mean
      days.set(day, sums)
    })
  }
  const ordered = [...days].toSorted(([a], [b]) => a - b).map(([, sums]) => sums)
  const column = (name: 'own' | 'other') => Float64Array.from(ordered, (sums) => sums[name])
  return dieboldMariano(column('own'), column('other'), { horizon: search.request.config.horizon })
}
