/** `tickerflow keys`: who may use the forecast server. */
import { randomBytes } from 'node:crypto'
import type { Application } from '../pipeline/application.ts'
import {
  type ApiKey,
  type ApiKeyContext,
  createApiKey,
  listApiKeys,
  revokeApiKey,
} from '../serving/access/api-keys.ts'
import type { Scope } from '../serving/access/principal.ts'
import { colours } from './colours.ts'
import { type GlobalOptions, withContext } from './context.ts'
import { isoInstant, table } from './words.ts'

const DAY_MS = 86_400_000

export interface CreateKeyOptions extends GlobalOptions {
  readonly name: string
  readonly scope: readonly Scope[]
  readonly days?: number
  readonly replaces?: string
}

export async function createKey(options: CreateKeyOptions): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const { name, scope, days, replaces } = options
    const expiresAtMs = days === undefined ? undefined : app.clock() + days * DAY_MS
    const scopes = [...new Set(scope)]
    const { key, text } = createApiKey(contextOf(app), { name, scopes, expiresAtMs, replaces })
    answer({ ...documentOf(key), key: text }, () =>
      [
        text,
        colours.dim('Keep it now: only its hash is stored. Clients send it as'),
        colours.dim('Authorization: Bearer KEY'),
      ].join('\n'),
    )
  })
}

export async function listKeys(options: GlobalOptions): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const keys = listApiKeys(app.database).map(documentOf)
    answer(keys, () =>
      keys.length === 0
        ? 'No keys yet: tickerflow keys create --name NAME makes one.'
        : table(
            ['key', 'name', 'scopes', 'created', 'expires', 'revoked'],
            keys.map(({ id, name, scopes, createdAt, expiresAt, revokedAt }) => [
              id,
              name,
              scopes.join(' '),
              ...[createdAt, expiresAt, revokedAt].map((instant) => instant?.slice(0, 10) ?? '–'),
            ]),
          ),
    )
  })
}

export async function revokeKey(id: string, options: GlobalOptions): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const key = documentOf(revokeApiKey(contextOf(app), id))
    answer(key, () => `The key ${key.id} (${key.name}) no longer works.`)
  })
}

function contextOf({ database, clock, newId, user }: Application): ApiKeyContext {
  return { database, clock, newId, randomBytes: () => randomBytes(32), actor: user }
}

function documentOf({ id, name, scopes, createdAtMs, expiresAtMs, revokedAtMs }: ApiKey) {
  return {
    id,
    name,
    scopes,
    createdAt: isoInstant(createdAtMs),
    expiresAt: isoInstant(expiresAtMs),
    revokedAt: isoInstant(revokedAtMs),
  }
}
