/** Folds don't need each other, except those of a model that starts warm: each goes on from the one before. */
import { startsWarm } from '../forecast/model-catalogue.ts'
import type { FoldResult, FoldTask } from './fold-task.ts'

/** @returns Results in the order of the tasks; they are executed at once, but for warm folds. */
export async function executeInOrder(
  tasks: readonly FoldTask[],
  execute: (task: FoldTask, index: number) => Promise<FoldResult>,
): Promise<FoldResult[]> {
  const started = new Map<FoldTask, Promise<FoldResult>>()
  const resultOf = (task: FoldTask): Promise<FoldResult> => {
    const known = started.get(task)
    if (known !== undefined) return known
    const result = start(task)
    started.set(task, result)
    return result
  }
  const start = async (task: FoldTask): Promise<FoldResult> => {
    const before = foldBefore(task, tasks)
    const index = tasks.indexOf(task)
    if (before === undefined) return await execute(task, index)
    const { saved } = await resultOf(before)
    return await execute(saved === undefined ? task : { ...task, initial: saved }, index)
  }
  return await Promise.all(tasks.map(resultOf))
}

/** The latest earlier fold of the same model and symbols. */
function foldBefore(task: FoldTask, tasks: readonly FoldTask[]): FoldTask | undefined {
  if (!startsWarm(task.spec)) return undefined
  const { spec, symbols, fold } = task
  return tasks
    .filter((other) => other.spec === spec && other.symbols.join() === symbols.join())
    .filter((other) => other.fold.testFrom < fold.testFrom)
    .toSorted((a, b) => a.fold.testFrom - b.fold.testFrom)
    .at(-1)
}
