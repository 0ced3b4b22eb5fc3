/** What `backtest --json` prints; `scores` and `tests` mean what they mean in a run's document. */
import type { Config } from '../config.ts'
import {
  type CalibratedCoverage,
  calibratedCoverage,
  meanCoverage,
} from '../evaluation/calibrated-coverage.ts'
import { forecastsDigest } from '../evaluation/forecasts-digest.ts'
import type { ModelTests } from '../evaluation/judgement.ts'
import { pooledJudgement } from '../evaluation/pooled-judgement.ts'
import type { SelectionEvidence } from '../evaluation/selection/selection-evidence.ts'
import { formatDay } from '../market/trading-date.ts'
import type { Evaluation } from './evaluate.ts'
import type { CheckedBars } from './market-data.ts'
import {
  type DataDocument,
  dataDocument,
  type ScoresDocument,
  scoresDocument,
} from './run-document.ts'

export interface SymbolBacktest {
  readonly days: number
  /** First and last test day, `YYYY-MM-DD`. */
  readonly from: string
  readonly to: string
  readonly scores: ScoresDocument
  readonly tests: Readonly<Record<string, ModelTests>>
  readonly calibration: Readonly<Record<string, CalibratedCoverage>>
  /** How much luck is in the choice of the candidate; null where it was not judged. */
  readonly selection: SelectionEvidence | null
}

export interface BacktestDocument {
  readonly horizon: number
  readonly seed: number
  readonly refit: string
  readonly folds: number
  readonly data: Readonly<Record<string, DataDocument>>
  /** Of the symbol; of a panel, means over its symbols. */
  readonly scores: ScoresDocument
  /** Of the symbol; of a panel, tests on each day's mean loss relative to the naive forecast's. */
  readonly tests: Readonly<Record<string, ModelTests>>
  /** Coverage of each model's intervals before and after conformal calibration; of a panel, means. */
  readonly calibration: Readonly<Record<string, CalibratedCoverage>>
  readonly symbols: Readonly<Record<string, SymbolBacktest>>
  /** Folds that a model could not be fitted on, and why. */
  readonly skipped: readonly string[]
  /** SHA-256 of every forecast of every model, to the last bit, whoever computed it. */
  readonly digest: string
  readonly durationMs: number
}

export interface BacktestSource {
  readonly config: Config
  readonly panel: readonly CheckedBars[]
  readonly evaluation: Evaluation
  /** By symbol. */
  readonly selections: Readonly<Record<string, SelectionEvidence>>
  readonly durationMs: number
}

export function backtestDocument(source: BacktestSource): BacktestDocument {
  const { config, panel, evaluation, selections, durationMs } = source
  const { backtests, judgements, skipped } = evaluation
  const pooled = pooledJudgement(backtests, judgements)
  const symbols = backtests.map((backtest, i) => {
    const { symbol, date } = backtest
    const judgement = judgements[i] ?? pooled
    const one: SymbolBacktest = {
      days: date.length,
      from: formatDay(date[0] ?? 0),
      to: formatDay(date.at(-1) ?? 0),
      scores: scoresDocument(judgement),
      tests: judgement.tests,
      calibration: calibratedCoverage(backtest, judgement.pit),
      selection: selections[symbol] ?? null,
    }
    return [symbol, one] as const
  })
  return {
    horizon: config.horizon,
    seed: config.seed,
    refit: config.evaluation.refit,
    folds: backtests[0]?.folds.length ?? 0,
    data: Object.fromEntries(
      panel.map(({ bars, findings }) => [bars.symbol, dataDocument(bars, findings)]),
    ),
    scores: scoresDocument(pooled),
    tests: pooled.tests,
    calibration: meanCoverage(symbols.map(([, { calibration }]) => calibration)),
    symbols: Object.fromEntries(symbols),
    skipped,
    digest: forecastsDigest(backtests),
    durationMs,
  }
}
