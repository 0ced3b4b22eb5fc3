/** Tables of alerts and of what channels are to be told, in `tickerflow.db`. */
import type { ComponentSchema } from '../../sqlite/sqlite-migrations.ts'

const ALERTS = `
CREATE TABLE alerts (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  -- Whose look found it; the next look of the same scope says whether it is over.
  scope TEXT NOT NULL,
  rule TEXT NOT NULL,
  subject TEXT NOT NULL,
  severity TEXT NOT NULL,
  summary TEXT NOT NULL,
  -- UTC milliseconds, never before those of an earlier look.
  raised_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  resolved_at INTEGER,
  acknowledged_at INTEGER,
  acknowledged_by TEXT
) STRICT;
CREATE UNIQUE INDEX alerts_open ON alerts (rule, subject) WHERE resolved_at IS NULL;
CREATE INDEX alerts_of_subject ON alerts (rule, subject, seq);

-- Told once each: kept until its channel has taken it.
CREATE TABLE alert_notices (
  notice INTEGER PRIMARY KEY,
  alert TEXT NOT NULL REFERENCES alerts (id),
  channel TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('raised', 'reminder', 'resolved')),
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  -- By the machine's clock: whoever delivers it has until then.
  lease_until INTEGER,
  delivered_at INTEGER,
  -- Why the last attempt failed.
  error TEXT
) STRICT;
CREATE INDEX alert_notices_waiting ON alert_notices (channel, due_at) WHERE delivered_at IS NULL;
CREATE INDEX alert_notices_of_alert ON alert_notices (alert);
`

export const ALERTS_SCHEMA: ComponentSchema = { component: 'alerts', migrations: [ALERTS] }
