/** Tables of the local queue in `tickerflow.db`. */
import type { ComponentSchema } from '../../sqlite/sqlite-migrations.ts'

const QUEUE = `
CREATE TABLE queue_jobs (
  key TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  label TEXT NOT NULL,
  payload TEXT NOT NULL,
  priority INTEGER NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('blocked', 'waiting', 'running', 'done', 'dead', 'cancelled')),
  attempts INTEGER NOT NULL DEFAULT 0,
  progress REAL NOT NULL DEFAULT 0,
  -- UTC milliseconds by the machine's clock: when it was added, may begin again, was begun, ended.
  added_at INTEGER NOT NULL,
  ready_at INTEGER NOT NULL DEFAULT 0,
  begun_at INTEGER,
  ended_at INTEGER,
  holder TEXT,
  -- Counted up by the holder: while it grows, the holder lives, whatever the clocks say.
  beat INTEGER NOT NULL DEFAULT 0,
  failure_code TEXT,
  failure_message TEXT,
  result BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_to_do ON queue_jobs (priority, added_at) WHERE state = 'waiting';
CREATE INDEX queue_running ON queue_jobs (holder) WHERE state = 'running';
CREATE INDEX queue_begun ON queue_jobs (begun_at);
CREATE INDEX queue_ended ON queue_jobs (ended_at) WHERE state = 'done';

-- Which results a job gathers, in their order. A job may belong to several.
CREATE TABLE queue_children (
  parent TEXT NOT NULL REFERENCES queue_jobs ON DELETE CASCADE,
  place INTEGER NOT NULL,
  child TEXT NOT NULL,
  PRIMARY KEY (parent, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_parents ON queue_children (child);
`

export const QUEUE_SCHEMA: ComponentSchema = { component: 'queue', migrations: [QUEUE] }
