/** The ledger's tables in `tickerflow.db`. */
import type { ComponentSchema } from '../../sqlite/sqlite-migrations.ts'

const LEDGER = `
-- One chain for each writer, by name: a name used by two processes is still one chain.
CREATE TABLE ledger_chains (
  chain INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- A track: the forecasts of one model version for one symbol and horizon, in one role.
CREATE TABLE ledger_tracks (
  track INTEGER PRIMARY KEY,
  symbol TEXT NOT NULL,
  horizon INTEGER NOT NULL,
  model TEXT NOT NULL,
  -- 0: not a registered version, such as a baseline.
  version INTEGER NOT NULL,
  role TEXT NOT NULL,
  UNIQUE (symbol, horizon, model, version, role)
) STRICT;

CREATE TABLE ledger_lines (
  chain INTEGER NOT NULL REFERENCES ledger_chains (chain),
  seq INTEGER NOT NULL,
  track INTEGER NOT NULL REFERENCES ledger_tracks (track),
  as_of INTEGER NOT NULL,
  issued_at INTEGER NOT NULL,
  location REAL NOT NULL,
  scale REAL NOT NULL,
  degrees_of_freedom REAL NOT NULL,
  reference_close REAL NOT NULL,
  inputs BLOB NOT NULL,
  late INTEGER NOT NULL CHECK (late IN (0, 1)),
  hash BLOB NOT NULL,
  PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER ledger_lines_are_never_updated BEFORE UPDATE ON ledger_lines
  BEGIN SELECT RAISE(ABORT, 'the forecast ledger is append-only'); END;
CREATE TRIGGER ledger_lines_are_never_deleted BEFORE DELETE ON ledger_lines
  BEGIN SELECT RAISE(ABORT, 'the forecast ledger is append-only'); END;

-- What depends on the machine and the hour, and is therefore outside the chain.
CREATE TABLE ledger_requests (
  chain INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  request TEXT,
  latency_us INTEGER,
  PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;

-- One row for each forecast that counts: the first line of a track and day that was in time.
-- Its outcome and scores are NULL until it has matured.
CREATE TABLE ledger_forecasts (
  track INTEGER NOT NULL REFERENCES ledger_tracks (track),
  as_of INTEGER NOT NULL,
  chain INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  location REAL NOT NULL,
  scale REAL NOT NULL,
  degrees_of_freedom REAL NOT NULL,
  outcome REAL,
  crps REAL,
  nll REAL,
  pit REAL,
  PRIMARY KEY (track, as_of)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_forecasts_pending ON ledger_forecasts (track, as_of) WHERE outcome IS NULL;

-- Every outcome that was ever scored against, so that a restated price leaves a trace.
CREATE TABLE ledger_outcomes (
  symbol TEXT NOT NULL,
  horizon INTEGER NOT NULL,
  as_of INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  outcome REAL NOT NULL,
  -- Digest of the bars that it was read from.
  bars TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  PRIMARY KEY (symbol, horizon, as_of, revision)
) STRICT, WITHOUT ROWID;
`

// Each day's forecasts lie in as many places of this index as there are tracks, and each append wrote
// all those pages; a track's few thousand rows are looked through as quickly.
const WITHOUT_PENDING_INDEX = 'DROP INDEX ledger_forecasts_pending'

export const LEDGER_SCHEMA: ComponentSchema = {
  component: 'ledger',
  migrations: [LEDGER, WITHOUT_PENDING_INDEX],
}
