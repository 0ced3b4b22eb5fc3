/** Walk-forward evaluation: every model refitted on every fold, judged on the same days. */
import { TickerflowError } from '../errors.ts'
import { type FeatureFrame, frameColumn } from '../features/feature-frame.ts'
import { labelledRows } from '../features/windows.ts'
import type { ForecasterSpec, TrainingEvent } from '../forecast/forecaster.ts'
import { forwardReturn } from '../forecast/labels.ts'
import { isPooled, relativeCost } from '../forecast/model-catalogue.ts'
import { exp } from '../numerics/elementary.ts'
import type { Backtest, FoldSpan, ForecastTrack } from './backtest.ts'
import { executeInOrder } from './fold-order.ts'
import type { FoldExecutor, FoldResult, FoldTask } from './fold-task.ts'

export interface WalkForward {
  readonly frames: readonly FeatureFrame[]
  /** Symbols to judge; the other frames only help pooled models to learn. */
  readonly symbols: readonly string[]
  readonly models: readonly ForecasterSpec[]
  readonly folds: readonly FoldSpan[]
  readonly horizon: number
  readonly seed: number
}

export interface WalkForwardOptions {
  readonly execute: FoldExecutor
  readonly signal?: AbortSignal
  /** Called as each task ends, or a part of one. */
  readonly onProgress?: (progress: WalkForwardProgress) => void
}

export interface WalkForwardProgress {
  /** Tasks: one for each model, fold and, unless it is pooled, symbol. */
  readonly done: number
  readonly total: number
  /** Share of the work done, 0 to 1, by what such tasks usually cost. */
  readonly fraction: number
  /** Tasks, and share of the work, that an earlier evaluation had done already. */
  readonly resumed: number
  readonly resumedFraction: number
  readonly model: string
  readonly fold: FoldSpan
}

export interface FoldTraining {
  readonly model: string
  readonly fold: FoldSpan
  readonly events: readonly TrainingEvent[]
}

export interface WalkForwardResult {
  /** One backtest per judged symbol, in the order asked for. */
  readonly backtests: readonly Backtest[]
  readonly training: readonly FoldTraining[]
  /** Folds that a model could not be fitted on, and why: those days are left out for all models. */
  readonly skipped: readonly string[]
}

/**
 * Runs every model over every fold and lines the forecasts up on the days that all models cover.
 *
 * @throws {TickerflowError} DATA_INSUFFICIENT when no day is covered by all models.
 */
export async function walkForward(
  plan: WalkForward,
  options: WalkForwardOptions,
): Promise<WalkForwardResult> {
  const tasks = planTasks(plan)
  const tally = createTally(tasks, options.onProgress)
  const results = await executeInOrder(tasks, async (task, i) => {
    const onPart = (share: number) => tally.advance(i, share)
    const result = await options.execute(task, options.signal, onPart)
    tally.end(i, result)
    return result
  })
  return {
    backtests: plan.symbols.map((symbol) => assemble(plan, symbol, { tasks, results })),
    training: trainingOf(tasks, results),
    skipped: results.flatMap((result) => (result.skipped === undefined ? [] : [result.skipped])),
  }
}

/** Adds up what is done. */
function createTally(
  tasks: readonly FoldTask[],
  onProgress: (progress: WalkForwardProgress) => void = () => {},
) {
  const costs = tasks.map(costOf)
  const totalCost = costs.reduce((sum, cost) => sum + cost, 0)
  const shares = tasks.map(() => 0)
  const taken = tasks.map(() => false)
  const ended = { all: 0, resumed: 0 }
  const fractionOf = (share: (i: number) => number) =>
    costs.reduce((sum, cost, i) => sum + cost * share(i), 0) / totalCost
  const advance = (i: number, share: number) => {
    shares[i] = share
    const { spec, fold } = tasks[i] as FoldTask
    onProgress({
      done: ended.all,
      total: tasks.length,
      fraction: fractionOf((task) => shares[task] as number),
      resumed: ended.resumed,
      resumedFraction: fractionOf((task) => (taken[task] ? 1 : 0)),
      model: modelLabel(spec),
      fold,
    })
  }
  return {
    advance,
    end(i: number, { resumed = false }: FoldResult) {
      ended.all++
      if (resumed) ended.resumed++
      taken[i] = resumed
      advance(i, 1)
    },
  }
}

/** The longest tasks first, so that no worker is left alone with one at the end. */
export function planTasks(plan: WalkForward): FoldTask[] {
  const { frames, symbols, horizon, seed } = plan
  const tasks = plan.models.flatMap((spec) =>
    plan.folds.flatMap((fold) => {
      const common = { spec, fold, horizon, seed: spec.seed ?? seed }
      if (isPooled(spec)) return [{ ...common, frames, symbols }]
      return symbols.map((symbol) => ({
        ...common,
        frames: frames.filter((frame) => frame.symbol === symbol),
        symbols: [symbol],
      }))
    }),
  )
  return tasks.sort((a, b) => costOf(b) - costOf(a))
}

/** What a task costs, relative to others: days learnt from, times the model's price per day. */
function costOf({ spec, fold, frames }: FoldTask): number {
  return relativeCost(spec) * frames.length * (fold.trainTo - fold.trainFrom + 1)
}

/** How a model is called in scores and tracks. */
export function modelLabel(spec: ForecasterSpec): string {
  return spec.label ?? spec.name
}

function trainingOf(tasks: readonly FoldTask[], results: readonly FoldResult[]): FoldTraining[] {
  return tasks.flatMap((task, i) => {
    const events = results[i]?.training ?? []
    return events.length === 0 ? [] : [{ model: modelLabel(task.spec), fold: task.fold, events }]
  })
}

interface Finished {
  readonly tasks: readonly FoldTask[]
  readonly results: readonly FoldResult[]
}

/** A symbol's forecasts by row of its frame, NaN where there is none. */
interface RowForecasts {
  readonly model: string
  readonly location: Float64Array
  readonly scale: Float64Array
  readonly degreesOfFreedom: Float64Array
}

function assemble(plan: WalkForward, symbol: string, finished: Finished): Backtest {
  const frame = plan.frames.find((candidate) => candidate.symbol === symbol)
  if (frame === undefined) throw new RangeError(`No frame of ${symbol} to judge`)
  const byRow = plan.models.map((spec) => rowForecasts(frame, spec, finished))
  const rows = commonRows(plan, frame, byRow)
  if (rows.length === 0) throw nothingToJudge(symbol, finished.results)
  const fold = Int32Array.from(rows, (row) => foldOf(plan.folds, frame.date[row] as number))
  const naiveErrors = plan.folds.map((span) => naivePriceError(frame, span, plan.horizon))
  return {
    symbol,
    horizon: plan.horizon,
    folds: plan.folds,
    date: Int32Array.from(rows, (row) => frame.date[row] as number),
    fold,
    referenceClose: Float64Array.from(rows, (row) => frame.close[row] as number),
    outcome: Float64Array.from(rows, (row) => forwardReturn(frame, row, plan.horizon)),
    varianceProxy: Float64Array.from(rows, (row) => rangeVariance(frame, row, plan.horizon)),
    naivePriceError: Float64Array.from(fold, (index) => naiveErrors[index] as number),
    tracks: byRow.map((forecasts) => trackAt(forecasts, rows)),
  }
}

function rowForecasts(
  frame: FeatureFrame,
  spec: ForecasterSpec,
  { tasks, results }: Finished,
): RowForecasts {
  const n = frame.date.length
  const empty = () => new Float64Array(n).fill(Number.NaN)
  const out = { location: empty(), scale: empty(), degreesOfFreedom: empty() }
  tasks.forEach((task, i) => {
    if (task.spec !== spec) return
    for (const part of results[i]?.forecasts ?? []) {
      if (part.symbol !== frame.symbol) continue
      out.location.set(part.location, part.from)
      out.scale.set(part.scale, part.from)
      out.degreesOfFreedom.set(part.degreesOfFreedom, part.from)
    }
  })
  return { model: modelLabel(spec), ...out }
}

function commonRows(
  plan: WalkForward,
  frame: FeatureFrame,
  byRow: readonly RowForecasts[],
): Int32Array {
  const rows: number[] = []
  const end = frame.date.length - plan.horizon
  for (let row = 0; row < end; row++) {
    if (byRow.every((forecasts) => Number.isFinite(forecasts.scale[row]))) rows.push(row)
  }
  return Int32Array.from(rows)
}

function trackAt(forecasts: RowForecasts, rows: Int32Array): ForecastTrack {
  const pick = (column: Float64Array) => Float64Array.from(rows, (row) => column[row] as number)
  return {
    model: forecasts.model,
    location: pick(forecasts.location),
    scale: pick(forecasts.scale),
    degreesOfFreedom: pick(forecasts.degreesOfFreedom),
  }
}

function foldOf(folds: readonly FoldSpan[], day: number): number {
  return folds.findIndex((fold) => day >= fold.testFrom && day <= fold.testTo)
}

/** Σ of the range variance over the horizon: what QLIKE compares the forecast variance with. */
function rangeVariance(frame: FeatureFrame, row: number, horizon: number): number {
  const logVariance = frameColumn(frame, 'logRangeVariance1')
  let total = 0
  for (let k = 1; k <= horizon; k++) total += exp(logVariance[row + k] as number)
  return total
}

/** Mean absolute price change over the horizon within the training span: MASE's denominator. */
function naivePriceError(frame: FeatureFrame, span: FoldSpan, horizon: number): number {
  const { from, to } = labelledRows(frame, { from: span.trainFrom, to: span.trainTo }, horizon)
  let total = 0
  for (let row = from; row < to; row++) {
    total += Math.abs((frame.close[row + horizon] as number) - (frame.close[row] as number))
  }
  return total / Math.max(1, to - from)
}

function nothingToJudge(symbol: string, results: readonly FoldResult[]): TickerflowError {
  const reason = results.find((result) => result.skipped !== undefined)?.skipped
  return new TickerflowError(
    'DATA_INSUFFICIENT',
    `No day of ${symbol} is covered by all models in the test span. ` +
      (reason ?? 'Give a longer history, or a later test span.'),
    { details: { symbol } },
  )
}
