/** The tables of API keys and of browsers' sessions in `tickerflow.db`. */
import type { ComponentSchema } from '../../sqlite/sqlite-migrations.ts'

const API_KEYS = `
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  -- SHA-256 (hex) of the secret part; the secret itself has 256 random bits and is kept nowhere.
  hash TEXT NOT NULL,
  -- JSON array of scopes.
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER
) STRICT;
`

const SESSIONS = `
CREATE TABLE sessions (
  -- SHA-256 (hex) of the cookie's text.
  hash TEXT PRIMARY KEY,
  -- Of the principal, and its scopes as a JSON array.
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  -- The key that it began with; NULL for a token.
  key_id TEXT,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`

export const KEYS_SCHEMA: ComponentSchema = {
  component: 'keys',
  migrations: [API_KEYS, SESSIONS],
}
