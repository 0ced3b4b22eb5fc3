/** Retrainings and what became of them, in `tickerflow.db`. */
import {
  numberOf,
  optionalNumberOf,
  optionalTextOf,
  type Row,
  textOf,
  wordOf,
} from '../../sqlite/row.ts'
import type { ComponentSchema } from '../../sqlite/sqlite-migrations.ts'
import type { StateDatabase } from '../../state/state-database.ts'
import { RETRAIN_TRIGGERS, type RetrainReason, type RetrainTrigger } from './retrain-due.ts'

const RETRAININGS = `
CREATE TABLE retrainings (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  model TEXT NOT NULL,
  symbol TEXT NOT NULL,
  trigger TEXT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('training', 'shadow', 'decided', 'failed')),
  started_at INTEGER NOT NULL,
  -- Last session learnt from, days since 1970-01-01; NULL until it is known.
  trained_to INTEGER,
  run TEXT,
  version INTEGER,
  -- Sessions after trained_to that it has to forecast before the gate is asked.
  shadow_sessions INTEGER NOT NULL,
  ended_at INTEGER,
  -- The gate's decision, or why it failed.
  outcome TEXT,
  promotion TEXT
) STRICT;
CREATE INDEX retrainings_of_model ON retrainings (model, seq);
-- One challenger at a time for each model.
CREATE UNIQUE INDEX retrainings_under_way ON retrainings (model) WHERE state IN ('training', 'shadow');
`

export const RETRAINING_SCHEMA: ComponentSchema = {
  component: 'retraining',
  migrations: [RETRAININGS],
}

const STATES = ['training', 'shadow', 'decided', 'failed'] as const
export type RetrainingState = (typeof STATES)[number]

export interface Retraining extends RetrainReason {
  readonly id: string
  readonly model: string
  readonly symbol: string
  readonly state: RetrainingState
  readonly startedAtMs: number
  readonly trainedTo: number | undefined
  readonly run: string | undefined
  readonly version: number | undefined
  readonly shadowSessions: number
  readonly endedAtMs: number | undefined
  readonly outcome: string | undefined
  readonly promotion: string | undefined
}

export type NewRetraining = Pick<
  Retraining,
  'id' | 'model' | 'symbol' | 'trigger' | 'reason' | 'startedAtMs' | 'shadowSessions'
>

/** @returns Whether it began: `false` while another one of the model is under way. */
export function beginRetraining(database: StateDatabase, given: NewRetraining): boolean {
  const { id, model, symbol, trigger, reason, startedAtMs, shadowSessions } = given
  const { changes } = database
    .prepare(
      `INSERT INTO retrainings (id, model, symbol, trigger, reason, state, started_at, shadow_sessions)
       VALUES (?, ?, ?, ?, ?, 'training', ?, ?) ON CONFLICT DO NOTHING`,
    )
    .run(id, model, symbol, trigger, reason, startedAtMs, shadowSessions)
  return changes === 1
}

export interface TrainedChallenger {
  readonly run: string
  readonly version: number
  readonly trainedTo: number
}

/** @returns Whether the retraining was still the one under way. */
export function noteTrained(
  database: StateDatabase,
  id: string,
  { run, version, trainedTo }: TrainedChallenger,
): boolean {
  const { changes } = database
    .prepare(
      `UPDATE retrainings SET state = 'shadow', run = ?, version = ?, trained_to = ?
       WHERE id = ? AND state = 'training'`,
    )
    .run(run, version, trainedTo, id)
  return changes === 1
}

export interface RetrainingEnd {
  readonly state: 'decided' | 'failed'
  readonly atMs: number
  readonly outcome: string
  readonly promotion?: string | undefined
}

/** @returns Whether it had not ended before. */
export function endRetraining(
  database: StateDatabase,
  id: string,
  { state, atMs, outcome, promotion }: RetrainingEnd,
): boolean {
  const { changes } = database
    .prepare(
      `UPDATE retrainings SET state = ?, ended_at = ?, outcome = ?, promotion = ?
       WHERE id = ? AND state IN ('training', 'shadow')`,
    )
    .run(state, atMs, outcome, promotion ?? null, id)
  return changes === 1
}

/** Oldest first; of all models without one. */
export function retrainingsOf(database: StateDatabase, model?: string): readonly Retraining[] {
  return database
    .prepare('SELECT * FROM retrainings WHERE CAST(?1 AS TEXT) IS NULL OR model = ?1 ORDER BY seq')
    .all(model ?? null)
    .map(retrainingOf)
}

/** The challenger in training or in the shadow. */
export function challengerOf(database: StateDatabase, model: string): Retraining | undefined {
  return retrainingsOf(database, model).find(
    ({ state }) => state === 'training' || state === 'shadow',
  )
}

function retrainingOf(row: Row): Retraining {
  const trigger: RetrainTrigger = wordOf(row, 'trigger', RETRAIN_TRIGGERS)
  return {
    id: textOf(row, 'id'),
    model: textOf(row, 'model'),
    symbol: textOf(row, 'symbol'),
    trigger,
    reason: textOf(row, 'reason'),
    state: wordOf(row, 'state', STATES),
    startedAtMs: numberOf(row, 'started_at'),
    trainedTo: optionalNumberOf(row, 'trained_to'),
    run: optionalTextOf(row, 'run'),
    version: optionalNumberOf(row, 'version'),
    shadowSessions: numberOf(row, 'shadow_sessions'),
    endedAtMs: optionalNumberOf(row, 'ended_at'),
    outcome: optionalTextOf(row, 'outcome'),
    promotion: optionalTextOf(row, 'promotion'),
  }
}
