/** The table of API keys in `tickerflow.db`. */
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

export const KEYS_SCHEMA: ComponentSchema = { component: 'keys', migrations: [API_KEYS] }
