/** The registry's tables in `tickerflow.db`: promotions, looks of the gate, aliases, audit log. */
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

/** Kinds of promotions, their reasons and deadlines; SQLite cannot change a CHECK in place. */
const KINDS_AND_DEADLINES = `
CREATE TABLE promotions_with_kinds (
  id TEXT PRIMARY KEY,
  model TEXT NOT NULL,
  version INTEGER NOT NULL,
  environment TEXT NOT NULL CHECK (environment IN ('staging', 'production')),
  kind TEXT NOT NULL CHECK (kind IN ('gate', 'override', 'rollback', 'external')),
  recipe TEXT NOT NULL,
  requester TEXT NOT NULL,
  approvals TEXT NOT NULL CHECK (approvals IN ('local', 'team')),
  state TEXT NOT NULL CHECK (state IN
    ('requested', 'gated', 'approved', 'alias-moved', 'committed',
     'refused', 'rejected', 'expired', 'superseded', 'abandoned')),
  verdict TEXT,
  approver TEXT,
  -- Why, of what does not go through the gate.
  reason TEXT,
  -- What was live at the request; the promotion stands or falls with it. NULL: nothing was.
  expected_version INTEGER,
  requested_at INTEGER NOT NULL,
  -- When it can be approved no more. NULL: it waits for nobody.
  expires_at INTEGER,
  -- Order of commits, for instants that are equal. NULL until committed.
  commit_number INTEGER UNIQUE,
  committed_at INTEGER
) STRICT;
INSERT INTO promotions_with_kinds
  SELECT id, model, version, environment, 'gate', recipe, requester, approvals, state, verdict,
    approver, NULL, expected_version, requested_at, NULL, commit_number, committed_at
  FROM promotions ORDER BY rowid;
DROP TABLE promotions;
ALTER TABLE promotions_with_kinds RENAME TO promotions;
CREATE INDEX promotions_by_model ON promotions (model, environment, commit_number);
-- At most one promotion of a model and environment is between its approval and its commit.
CREATE UNIQUE INDEX promotions_in_flight ON promotions (model, environment)
  WHERE state IN ('approved', 'alias-moved');
`

/** Aliases and stages that stand elsewhere than the journal says, as last seen. */
const ALIAS_MOVES = `
CREATE TABLE alias_moves (
  model TEXT NOT NULL,
  environment TEXT NOT NULL,
  via TEXT NOT NULL CHECK (via IN ('alias', 'stage')),
  -- Where it stands. NULL: it is gone.
  found INTEGER,
  -- What is live by the journal. NULL: nothing is.
  live INTEGER,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (model, environment, via)
) STRICT;
`

/** The policy that decisions were last made under, so that a change of it shows in the audit log. */
const POLICY_IN_FORCE = `
CREATE TABLE policy_in_force (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  digest TEXT NOT NULL
) STRICT;
`

/** The gate's last verdict on each further horizon of a version. */
const HORIZON_VERDICTS = `
CREATE TABLE horizon_verdicts (
  model TEXT NOT NULL,
  version INTEGER NOT NULL,
  horizon INTEGER NOT NULL,
  decision TEXT NOT NULL CHECK (decision IN ('promote', 'hold', 'insufficient-evidence')),
  verdict TEXT NOT NULL,
  PRIMARY KEY (model, version, horizon)
) STRICT;
`

export const REGISTRY_SCHEMA: ComponentSchema = {
  component: 'registry',
  migrations: [
    PROMOTIONS + LOOKS + AUDIT_LOG,
    KINDS_AND_DEADLINES + ALIAS_MOVES + POLICY_IN_FORCE,
    HORIZON_VERDICTS,
  ],
}
