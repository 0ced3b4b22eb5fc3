/** The registry's tables in `tickerflow.db`: promotions, looks of the gate, and the audit log. */
import type { ComponentSchema } from '../sqlite/sqlite-migrations.ts'

const PROMOTIONS = `
CREATE TABLE promotions (
  id TEXT PRIMARY KEY,
  model TEXT NOT NULL,
  version INTEGER NOT NULL,
  environment TEXT NOT NULL CHECK (environment IN ('staging', 'production')),
  recipe TEXT NOT NULL,
  requester TEXT NOT NULL,
  approvals TEXT NOT NULL CHECK (approvals IN ('local', 'team')),
  state TEXT NOT NULL CHECK (state IN
    ('requested', 'gated', 'approved', 'alias-moved', 'committed',
     'refused', 'rejected', 'superseded', 'abandoned')),
  verdict TEXT,
  approver TEXT,
  -- What was live at the request; the promotion stands or falls with it. NULL: nothing was.
  expected_version INTEGER,
  requested_at INTEGER NOT NULL,
  -- Order of commits, for instants that are equal. NULL until committed.
  commit_number INTEGER UNIQUE,
  committed_at INTEGER
) STRICT;
CREATE INDEX promotions_by_model ON promotions (model, environment, commit_number);
-- At most one promotion of a model and environment is between its approval and its commit.
CREATE UNIQUE INDEX promotions_in_flight ON promotions (model, environment)
  WHERE state IN ('approved', 'alias-moved');
`

const LOOKS = `
CREATE TABLE looks (
  model TEXT NOT NULL,
  recipe TEXT NOT NULL,
  look INTEGER NOT NULL,
  evidence TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (model, recipe, look),
  UNIQUE (model, recipe, evidence)
) STRICT;
`

const AUDIT_LOG = `
CREATE TABLE audit_log (
  line INTEGER PRIMARY KEY,
  content TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_log_is_never_updated BEFORE UPDATE ON audit_log
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_log_is_never_deleted BEFORE DELETE ON audit_log
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
`

export const REGISTRY_SCHEMA: ComponentSchema = {
  component: 'registry',
  migrations: [PROMOTIONS + LOOKS + AUDIT_LOG],
}
