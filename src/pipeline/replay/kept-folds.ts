/** Fits of folds that a replay keeps from one retraining to the next, each seen with its own past only. */
import type { FoldExecutor } from '../../evaluation/fold-task.ts'
import type { FeatureFrame } from '../../features/feature-frame.ts'
import { lowerBound } from '../../features/windows.ts'
import type { StoreDirectory } from '../../store-directory.ts'
import { type FoldCheckpoints, openFoldCheckpoints } from '../fold-checkpoints.ts'

/**
 * A fold's result depends on nothing after its last test day, so the frames are cut there: the fold of
 * 2005 is then the same task in 2009 as in 2012, and is fitted once.
 */
export async function openKeptFolds(
  directory: Pick<StoreDirectory, 'checkpoints' | 'tmp'>,
  execute: FoldExecutor,
): Promise<FoldCheckpoints> {
  const checkpoints = await openFoldCheckpoints(directory, execute)
  const cut = createCutter()
  return {
    execute: (task, signal, onPart) =>
      checkpoints.execute(
        { ...task, frames: task.frames.map((frame) => cut(frame, task.fold.testTo)) },
        signal,
        onPart,
      ),
    settle: () => checkpoints.settle(),
    clear: async () => {},
  }
}

function createCutter() {
  const known = new WeakMap<FeatureFrame, Map<number, FeatureFrame>>()
  return (frame: FeatureFrame, day: number): FeatureFrame => {
    const cuts = known.get(frame) ?? new Map<number, FeatureFrame>()
    known.set(frame, cuts)
    const before = cuts.get(day)
    if (before !== undefined) return before
    const cut = cutFrame(frame, day)
    cuts.set(day, cut)
    return cut
  }
}

/** The rows up to a day, copied. */
export function cutFrame(frame: FeatureFrame, day: number): FeatureFrame {
  const rows = lowerBound(frame.date, day + 1)
  const columns = new Map([...frame.columns].map(([name, values]) => [name, values.slice(0, rows)]))
  return {
    symbol: frame.symbol,
    date: frame.date.slice(0, rows),
    close: frame.close.slice(0, rows),
    columns,
  }
}
