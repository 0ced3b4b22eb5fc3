/** The trial ledger's table in `tickerflow.db`. */
import type { ComponentSchema } from '../sqlite/sqlite-migrations.ts'

const TRIALS = `
CREATE TABLE trials (
  id INTEGER PRIMARY KEY,
  -- What was tried, on which days, and what came of it: the same again is no new trial.
  identity TEXT NOT NULL UNIQUE,
  symbol TEXT NOT NULL,
  data TEXT NOT NULL,
  recipe TEXT NOT NULL,
  model TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('candidate', 'benchmark')),
  horizon INTEGER NOT NULL,
  first_day INTEGER NOT NULL,
  last_day INTEGER NOT NULL,
  -- Little-endian: int32 days, float32 losses, float32 returns, one per test day.
  days BLOB NOT NULL,
  losses BLOB NOT NULL,
  returns BLOB NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX trials_by_data ON trials (data);
CREATE INDEX trials_by_symbol ON trials (symbol, horizon, role, last_day);
CREATE TRIGGER trials_are_never_updated BEFORE UPDATE ON trials
  BEGIN SELECT RAISE(ABORT, 'the trial ledger is append-only'); END;
CREATE TRIGGER trials_are_never_deleted BEFORE DELETE ON trials
  BEGIN SELECT RAISE(ABORT, 'the trial ledger is append-only'); END;
`

export const TRIAL_LEDGER_SCHEMA: ComponentSchema = {
  component: 'trials',
  migrations: [TRIALS],
}
