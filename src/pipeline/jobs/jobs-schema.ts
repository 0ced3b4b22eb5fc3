/** Tables of jobs and leases in `tickerflow.db`. */
import type { ComponentSchema } from '../../sqlite/sqlite-migrations.ts'

const JOBS = `
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  -- UTC milliseconds by the machine's clock.
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
  job INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  symbol TEXT NOT NULL,
  -- When it was to be done, UTC milliseconds: with kind and symbol its name, so that two schedulers
  -- cannot ask for it twice.
  due_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'missed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  holder TEXT,
  lease_until INTEGER,
  started_at INTEGER,
  ended_at INTEGER,
  outcome TEXT,
  UNIQUE (kind, symbol, due_at)
) STRICT;
CREATE INDEX jobs_to_do ON jobs (state, due_at) WHERE state IN ('waiting', 'running');

-- How far a schedule has been looked at, UTC milliseconds.
CREATE TABLE schedules (
  kind TEXT NOT NULL,
  symbol TEXT NOT NULL,
  seen_to INTEGER NOT NULL,
  PRIMARY KEY (kind, symbol)
) STRICT, WITHOUT ROWID;
`

export const JOBS_SCHEMA: ComponentSchema = { component: 'jobs', migrations: [JOBS] }
