/** Scores of every model on one fold's test days alone. */
import type { Backtest, FoldSpan, Scores } from '../../evaluation/backtest.ts'
import { scoreTrack } from '../../evaluation/scores.ts'
import { yearOf } from '../../market/trading-date.ts'

export interface FoldScores {
  readonly index: number
  readonly span: FoldSpan
  /** By model. */
  readonly scores: Readonly<Record<string, Scores>>
}

/** Folds without a judged day are left out. */
export function foldScores(backtest: Backtest): FoldScores[] {
  return backtest.folds.flatMap((span, index) => {
    const [from, to] = [backtest.fold.indexOf(index), backtest.fold.lastIndexOf(index) + 1]
    if (from < 0) return []
    const part = rowsOf(backtest, from, to)
    const scores = part.tracks.map((track) => [track.model, scoreTrack(part, track)] as const)
    return [{ index, span, scores: Object.fromEntries(scores) }]
  })
}

/** Rows are by day, and folds follow each other in time, so a fold is one stretch of rows. */
function rowsOf(backtest: Backtest, from: number, to: number): Backtest {
  return {
    ...backtest,
    date: backtest.date.subarray(from, to),
    fold: backtest.fold.subarray(from, to),
    referenceClose: backtest.referenceClose.subarray(from, to),
    outcome: backtest.outcome.subarray(from, to),
    varianceProxy: backtest.varianceProxy.subarray(from, to),
    naivePriceError: backtest.naivePriceError.subarray(from, to),
    tracks: backtest.tracks.map((track) => ({
      model: track.model,
      location: track.location.subarray(from, to),
      scale: track.scale.subarray(from, to),
      degreesOfFreedom: track.degreesOfFreedom.subarray(from, to),
    })),
  }
}

/** The step of a fold in a series over folds: its test year if no other fold has it, else its index. */
export function foldSteps(folds: readonly FoldSpan[]): readonly number[] {
  const years = folds.map(({ testFrom }) => yearOf(testFrom))
  return new Set(years).size === years.length ? years : years.map((_, index) => index)
}
