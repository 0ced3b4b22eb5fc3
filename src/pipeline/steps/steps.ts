/**
 * The steps of a run: each with its inputs and what came of it. What only computes is not computed
 * again for the same inputs; what has an effect is not done again for the same run.
 */
import { digestOf } from '../../canonical-json.ts'
import { isTickerflowError } from '../../errors.ts'
import type { Run } from '../../tracking/tracking-store.ts'
import type { Application } from '../application.ts'
import { keepOutput, readOutput } from './kept-outputs.ts'
import { noteStep, type StepRecord, stepsOf } from './plan-journal.ts'

export interface Steps {
  /** Computes, or takes what was computed from the same inputs: in this run, or in another. */
  compute<T>(step: string, inputs: unknown, work: () => Promise<T>): Promise<Computed<T>>
  /** Has an effect, and is done once for this run and these inputs. The output is a digest's worth. */
  effect<T>(step: string, inputs: unknown, effect: Effect<T>): Promise<T>
  /** So far, in their order. */
  records(): readonly StepRecord[]
}

export interface Computed<T> {
  readonly value: T
  readonly isKept: boolean
}

export interface Effect<T> {
  readonly work: () => Promise<T>
  /**
   * Finds what an earlier attempt of the run has left; `undefined` where there is nothing.
   *
   * @param wasDone The journal says that it came to its end.
   */
  readonly find: (wasDone: boolean) => Promise<T | undefined>
  /** What tells one output from another. */
  readonly identity: (value: T) => unknown
}

/** File of a run with its plan, timings and digests. */
export const STEPS_FILE = 'pipeline/steps.json'

export function openSteps(app: Application, run: Run): Steps {
  const { database, directory, stopwatch } = app
  const known = new Map(stepsOf(database, run.id).map((record) => [record.step, record]))
  const records: StepRecord[] = []
  const note = (record: StepRecord) => {
    const rounded = { ...record, durationMs: Math.round(record.durationMs) }
    noteStep(database, run.id, rounded)
    records.push(rounded)
  }
  const timed = async <T>(step: string, inputs: string, work: () => Promise<T>) => {
    const startMs = stopwatch()
    try {
      return { value: await work(), durationMs: stopwatch() - startMs }
    } catch (error) {
      note({ step, inputs, state: 'failed', output: undefined, durationMs: stopwatch() - startMs })
      throw error
    }
  }
  return {
    records: () => records,
    async compute<T>(step: string, given: unknown, work: () => Promise<T>) {
      const inputs = digestOf({ step, given: plain(given) })
      const startMs = stopwatch()
      const kept = await readOutput(directory, inputs)
      if (kept !== undefined) {
        const { digest: output } = kept
        note({ step, inputs, state: 'kept', output, durationMs: stopwatch() - startMs })
        return { value: kept.value as T, isKept: true }
      }
      const { value, durationMs } = await timed(step, inputs, work)
      const output = await keepOutput(directory, inputs, value)
      note({ step, inputs, state: 'done', output, durationMs })
      return { value, isKept: false }
    },
    async effect<T>(step: string, given: unknown, { work, find, identity }: Effect<T>) {
      const inputs = digestOf({ step, given: plain(given), run: run.id })
      const before = known.get(step)
      const wasDone = before?.inputs === inputs && before.state !== 'failed'
      // Of a run that begins now nothing can be left.
      const found = known.size === 0 ? undefined : await find(wasDone)
      if (found !== undefined) {
        const output = digestOf(plain(identity(found)))
        note({ step, inputs, state: 'kept', output, durationMs: 0 })
        return found
      }
      const { value, durationMs } = await timed(step, inputs, work)
      note({ step, inputs, state: 'done', output: digestOf(plain(identity(value))), durationMs })
      return value
    },
  }
}

/** Plan, timings and what came of each step, beside the run. A tracking server away is no fault of it. */
export async function writeSteps(app: Application, run: Run, steps: Steps): Promise<void> {
  const content = { run: run.id, steps: steps.records() }
  try {
    await app.tracking.writeArtifact(run.id, STEPS_FILE, `${JSON.stringify(content, null, 2)}\n`)
  } catch (error) {
    if (!isTickerflowError(error)) throw error
  }
}

/** Without what JSON has not, such as fields that are undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null))
}
