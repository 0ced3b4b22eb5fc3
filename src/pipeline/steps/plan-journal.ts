/** Attempts at plans and their steps, as journalled. */
import { numberOf, optionalTextOf, type Row, textOf, wordOf } from '../../sqlite/row.ts'
import type { StateDatabase } from '../../state/state-database.ts'

const STEP_STATES = ['done', 'kept', 'failed'] as const
export type StepState = (typeof STEP_STATES)[number]

export interface StepRecord {
  readonly step: string
  /** Digest of everything that its output depends on. */
  readonly inputs: string
  readonly state: StepState
  /** Digest of what came of it. */
  readonly output: string | undefined
  readonly durationMs: number
}

export function beginAttempt(
  database: StateDatabase,
  { plan, run, atMs }: { readonly plan: string; readonly run: string; readonly atMs: number },
): void {
  database
    .prepare(
      `INSERT INTO plan_attempts (plan, run, state, started_at) VALUES (?1, ?2, 'running', ?3)
       ON CONFLICT (run) DO UPDATE SET state = 'running'`,
    )
    .run(plan, run, atMs)
}

export function endAttempt(
  database: StateDatabase,
  run: string,
  state: 'finished' | 'failed',
): void {
  database.prepare('UPDATE plan_attempts SET state = ? WHERE run = ?').run(state, run)
}

/** The run of the latest attempt, if it has not come to its end. */
export function unfinishedRun(database: StateDatabase, plan: string): string | undefined {
  const row = database
    .prepare('SELECT run, state FROM plan_attempts WHERE plan = ? ORDER BY attempt DESC LIMIT 1')
    .get(plan)
  return row === undefined || row.state === 'finished' ? undefined : textOf(row, 'run')
}

export function noteStep(database: StateDatabase, run: string, record: StepRecord): void {
  const { step, inputs, state, output, durationMs } = record
  database
    .prepare(
      `INSERT INTO plan_steps (attempt, step, inputs, state, output, duration_ms)
       SELECT attempt, ?, ?, ?, ?, ? FROM plan_attempts WHERE run = ?
       ON CONFLICT (attempt, step) DO UPDATE SET inputs = excluded.inputs, state = excluded.state,
         output = excluded.output, duration_ms = excluded.duration_ms`,
    )
    .run(step, inputs, state, output ?? null, durationMs, run)
}

/** In the order of their names: the order of a plan is the plan's to know. */
export function stepsOf(database: StateDatabase, run: string): readonly StepRecord[] {
  return database
    .prepare(
      'SELECT s.* FROM plan_steps s JOIN plan_attempts a USING (attempt) WHERE a.run = ? ORDER BY step',
    )
    .all(run)
    .map(recordOf)
}

function recordOf(row: Row): StepRecord {
  return {
    step: textOf(row, 'step'),
    inputs: textOf(row, 'inputs'),
    state: wordOf(row, 'state', STEP_STATES),
    output: optionalTextOf(row, 'output'),
    durationMs: numberOf(row, 'duration_ms'),
  }
}
