/** The journal of steps in `tickerflow.db`. */
import type { ComponentSchema } from '../../sqlite/sqlite-migrations.ts'

const STEPS = `
-- One attempt at a plan: a lifecycle with everything that its outcome depends on.
CREATE TABLE plan_attempts (
  attempt INTEGER PRIMARY KEY,
  plan TEXT NOT NULL,
  run TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'failed')),
  started_at INTEGER NOT NULL
) STRICT;
CREATE INDEX plan_attempts_of_plan ON plan_attempts (plan, attempt);

CREATE TABLE plan_steps (
  attempt INTEGER NOT NULL REFERENCES plan_attempts (attempt),
  step TEXT NOT NULL,
  inputs TEXT NOT NULL,
  -- 'done', 'kept' from an earlier attempt with the same inputs, or 'failed'.
  state TEXT NOT NULL CHECK (state IN ('done', 'kept', 'failed')),
  -- Digest of what came of it; NULL of a step that failed.
  output TEXT,
  duration_ms INTEGER NOT NULL,
  PRIMARY KEY (attempt, step)
) STRICT, WITHOUT ROWID;
`

export const STEPS_SCHEMA: ComponentSchema = { component: 'steps', migrations: [STEPS] }
