/**
 * A fit as a message: which snapshots of prices to read, which recipe to fit on them, which days to
 * forecast. Never the prices: who does the work reads them from the store.
 */
import { createHash } from 'node:crypto'
import { digestOf } from '../../canonical-json.ts'
import type { FoldSpan } from '../../evaluation/backtest.ts'
import type { FoldTask } from '../../evaluation/fold-task.ts'
import { modelLabel } from '../../evaluation/walk-forward.ts'
import type { ForecasterSpec } from '../../forecast/forecaster.ts'
import { createForecaster } from '../../forecast/model-catalogue.ts'
import type { Bars } from '../../market/bars.ts'
import { formatDay } from '../../market/trading-date.ts'
import type { JobFlow } from '../../queue/job-queue.ts'

/** The first rows of a snapshot of the bar store. */
export interface BarRows {
  readonly symbol: string
  readonly digest: string
  readonly rows: number
}

export interface FitMessage {
  readonly bars: readonly BarRows[]
  readonly spec: ForecasterSpec
  readonly symbols: readonly string[]
  readonly fold: FoldSpan
  readonly horizon: number
  readonly seed: number
}

/** @param kept The bars that the store has, of which the first rows are meant. */
export function rowsOf(bars: Bars, kept: Pick<Bars, 'digest'> = bars): BarRows {
  return { symbol: bars.symbol, digest: kept.digest, rows: bars.date.length }
}

/** @param bars What the frames of the task were built from. */
export function fitMessage(task: FoldTask, bars: readonly BarRows[]): FitMessage {
  const { spec, symbols, fold, horizon, seed, frames } = task
  const read = frames.map(({ symbol }) => {
    const rows = bars.find((one) => one.symbol === symbol)
    if (rows === undefined) throw new RangeError(`No snapshot of ${symbol} for its fit`)
    return rows
  })
  return { bars: read, spec, symbols, fold, horizon, seed }
}

/**
 * The digest of everything that the result depends on.
 *
 * @param program What computes: the program and the engine's binary.
 */
export function fitKey({ spec, ...message }: FitMessage, program: string): string {
  const { name, options } = createForecaster(spec)
  return digestOf({ program, name, options, ...message })
}

/**
 * The fits as flows: one for each symbol, or for the symbols that a pooled model serves together; in it
 * the folds; in each fold its fits. The tasks that come first are done first.
 */
export function fitFlows(
  tasks: readonly FoldTask[],
  { bars, program }: { readonly bars: readonly BarRows[]; readonly program: string },
): JobFlow[] {
  const fits = tasks.map((task, priority) => {
    const payload = fitMessage(task, bars)
    const key = fitKey(payload, program)
    const label = `${modelLabel(task.spec)} of ${subject(task)}, ${spoken(task.fold)}`
    return { task, flow: { key, kind: 'fit', label, payload, priority } }
  })
  return [...Map.groupBy(fits, ({ task }) => subject(task))].map(([symbol, own]) => {
    const folds = [...Map.groupBy(own, ({ task }) => task.fold.testFrom)].map(([, inFold]) => {
      const fold = inFold[0]?.task.fold as FoldSpan
      return gather(
        `${symbol}, ${spoken(fold)}`,
        inFold.map(({ flow }) => flow),
      )
    })
    return gather(symbol, folds)
  })
}

function gather(label: string, children: readonly JobFlow[]): JobFlow {
  const key = digestOf({ gather: children.map((child) => child.key) })
  return { key, kind: 'gather', label, payload: null, priority: 0, children }
}

function subject({ symbols }: FoldTask): string {
  return symbols.length === 1 ? (symbols[0] as string) : `${symbols.length} symbols`
}

function spoken({ testFrom, testTo }: FoldSpan): string {
  return `fold ${formatDay(testFrom)} to ${formatDay(testTo)}`
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
