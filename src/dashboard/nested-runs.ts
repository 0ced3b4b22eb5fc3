/** Runs below the runs that they are parts of: folds, final fits, monitoring. */
import type { Operations } from '../serving/client/operations.ts'

export type Run = Operations['listRuns']['answer']['runs'][number]

export interface RunWithParts {
  readonly run: Run
  readonly parts: readonly Run[]
}

/** Where the parent is not among the runs, as on an older page, the part stands by itself. */
export function nestRuns(runs: readonly Run[]): readonly RunWithParts[] {
  const ids = new Set(runs.map(({ id }) => id))
  const parentOf = (run: Run) => {
    const parent = run.tags['mlflow.parentRunId']
    return parent !== undefined && ids.has(parent) ? parent : undefined
  }
  return runs
    .filter((run) => parentOf(run) === undefined)
    .map((run) => ({ run, parts: runs.filter((part) => parentOf(part) === run.id) }))
}
