/** Who may do what: keys, tokens, scopes, hosts, limits; and what is kept of it. */

import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readAuditLog, verifyAuditLog } from '../../src/registry/audit-log.ts'
import {
  type ApiKeyContext,
  createApiKey,
  listApiKeys,
  revokeApiKey,
} from '../../src/serving/access/api-keys.ts'
import { createTokenVerifier } from '../../src/serving/access/bearer-tokens.ts'
import type { Scope } from '../../src/serving/access/principal.ts'
import { createForecastServer } from '../../src/serving/server.ts'
import { openLifecycle, type TestLifecycle } from './lifecycle-application.ts'
import { openServing, type ServingFixture } from './serving-fixture.ts'

const ISSUER = 'https://issuer.example'
let issuerKeys: Awaited<ReturnType<typeof generateKeyPair>>
let jwks: ReturnType<typeof createServer>
let jwksFetches = 0
let fixture: ServingFixture
let context: ApiKeyContext

beforeAll(async () => {
  issuerKeys = await generateKeyPair('ES256')
  const keys = [{ ...(await exportJWK(issuerKeys.publicKey)), kid: 'k1', alg: 'ES256' }]
  jwks = createServer((_request, response) => {
    jwksFetches++
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
  })
  await new Promise<void>((resolve) => jwks.listen(0, '127.0.0.1', resolve))
  const jwksUri = `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/jwks`
  const verifyToken = createTokenVerifier({ issuer: ISSUER, audience: 'tickerflow', jwksUri }, () =>
    Date.now(),
  )
  fixture = await openServing({
    access: { host: '0.0.0.0', allowedHosts: ['api.example'], authenticates: true, verifyToken },
    limits: { requestsPerMinute: 30 },
  })
  const { database, clock, newId } = fixture.app
  context = { database, clock, newId, randomBytes: () => randomBytes(32), actor: 'tester' }
}, 60_000)
afterAll(async () => {
  jwks.close()
  await fixture.end()
})

const ask = (url: string, credential?: string, headers: Record<string, string> = {}) =>
  fixture.server.inject({
    url,
    headers: {
      host: 'api.example',
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
      ...headers,
    },
  })

const newKey = (...scopes: Scope[]) => createApiKey(context, { name: 'test', scopes })

test('without a key or with a wrong one nothing is told; health needs none', async () => {
  const { text } = newKey('read')
  const forged = `${text.slice(0, -2)}zz`
  for (const credential of [undefined, 'nonsense', 'tfk_x_y', forged]) {
    const reply = await ask('/api/v1/models', credential)
    expect(reply.statusCode).toBe(401)
    expect(reply.headers['www-authenticate']).toMatch(/^Bearer/)
  }
  expect((await ask('/health/live')).statusCode).toBe(200)
  expect((await ask('/api/v1/models', text)).statusCode).toBe(200)
  expect((await ask('/api/v1/models', undefined, { 'x-api-key': text })).statusCode).toBe(200)
})

test('no route of the document answers without a credential, but those that say how the server is', async () => {
  const { paths = {} } = fixture.server.swagger() as { readonly paths?: object }
  const open: string[] = []
  for (const [path, operations] of Object.entries(paths)) {
    const url = path.replaceAll(/\{\w+\}/g, '1')
    for (const method of Object.keys(operations as object)) {
      const headers = { 'content-type': 'application/json' }
      const asked = { method: method.toUpperCase() as 'GET', url }
      const body = method === 'post' ? { headers, body: '{}' } : {}
      const { statusCode } = await fixture.server.inject({ ...asked, ...body })
      if (statusCode !== 401) open.push(`${method} ${path}`)
    }
  }
  expect(open.toSorted()).toEqual(
    [
      'get /health',
      'get /health/live',
      'get /health/ready',
      'get /ping',
      'get /v2',
      'get /v2/health/live',
      'get /v2/health/ready',
      'get /v2/models/{model}/ready',
      'get /v2/models/{model}/versions/{version}/ready',
      'get /version',
      'get /api/v1/session',
      'post /api/v1/session',
    ].toSorted(),
  )
})

test('scopes: reading, forecasting, changing', async () => {
  const status = async (scope: Scope, url: string) =>
    (await ask(url, newKey(scope).text)).statusCode
  expect(await status('read', '/api/v1/forecasts/AAPL')).toBe(403)
  expect(await status('predict', '/api/v1/forecasts/AAPL')).toBe(404)
  expect(await status('predict', '/api/v1/models')).toBe(200)
  const change = async (scope: Scope) =>
    await fixture.server.inject({
      method: 'POST',
      url: '/api/2.0/mlflow/registered-models/create',
      headers: { host: 'api.example', authorization: `Bearer ${newKey(scope).text}` },
      body: { name: 'made-over-http' },
    })
  expect((await change('predict')).statusCode).toBe(403)
  expect((await change('admin')).statusCode).toBe(200)
  const lines = readAuditLog(fixture.app.database).filter(({ event }) => event === 'admin-request')
  expect(lines).toHaveLength(1)
  expect(lines[0]?.fields.by).toMatch(/^key:/)
})

test('rotation: both keys work until the old one is revoked, which is at once', async () => {
  const old = newKey('read')
  const { text, key } = createApiKey(context, {
    name: 'new',
    scopes: ['read'],
    replaces: old.key.id,
  })
  expect((await ask('/api/v1/models', old.text)).statusCode).toBe(200)
  revokeApiKey(context, old.key.id)
  expect((await ask('/api/v1/models', old.text)).statusCode).toBe(401)
  expect((await ask('/api/v1/models', text)).statusCode).toBe(200)
  const expired = createApiKey(context, { name: 'old', scopes: ['read'], expiresAtMs: 1 })
  expect((await ask('/api/v1/models', expired.text)).statusCode).toBe(401)
  expect(listApiKeys(context.database).map(({ id }) => id)).toContain(key.id)
  expect(verifyAuditLog(context.database).intact).toBe(true)
})

test('secrets are kept nowhere: not in the database, not in the audit', () => {
  const { text } = newKey('read')
  const secret = text.split('_').slice(2).join('_')
  const stored = JSON.stringify([
    context.database.prepare('SELECT * FROM api_keys').all(),
    readAuditLog(context.database),
  ])
  expect(secret.length).toBeGreaterThan(40)
  expect(stored).not.toContain(secret)
})

test('OIDC tokens: the right one passes; expired, forged, foreign and unsigned ones do not', async () => {
  const token = (claims: { expires?: string; audience?: string; issuer?: string } = {}) =>
    new SignJWT({ scope: 'openid tickerflow:read' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setSubject('alice')
      .setIssuer(claims.issuer ?? ISSUER)
      .setAudience(claims.audience ?? 'tickerflow')
      .setIssuedAt()
      .setExpirationTime(claims.expires ?? '5m')
  const sign = (jwt: SignJWT) => jwt.sign(issuerKeys.privateKey)
  expect((await ask('/api/v1/models', await sign(token()))).statusCode).toBe(200)
  expect((await ask('/api/v1/forecasts/AAPL', await sign(token()))).statusCode).toBe(403)
  const { privateKey: foreignKey } = await generateKeyPair('ES256')
  const none = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"alice","exp":9999999999}')}.`
  for (const bad of [
    await sign(token({ expires: '-5m' })),
    await sign(token({ audience: 'other' })),
    await sign(token({ issuer: 'https://other.example' })),
    await token().sign(foreignKey),
    none,
  ]) {
    expect((await ask('/api/v1/models', bad)).statusCode).toBe(401)
  }
  expect(jwksFetches).toBe(1)
})

test('a foreign Host or Origin is refused on every route', async () => {
  const { text } = newKey('admin')
  for (const url of [
    '/health/live',
    '/docs',
    '/api/v1/models',
    '/v2',
    '/api/2.0/mlflow/runs/get',
  ]) {
    expect((await ask(url, text, { host: 'evil.example' })).statusCode).toBe(403)
    expect((await ask(url, text, { origin: 'https://evil.example' })).statusCode).toBe(403)
  }
  const reply = await ask('/api/v1/models', text)
  expect(reply.headers['access-control-allow-origin']).toBeUndefined()
  expect(reply.headers['x-content-type-options']).toBe('nosniff')
})

test('pages of a named origin may read answers, those of another one may not', async () => {
  const own = await openServing({
    access: { host: '127.0.0.1', corsOrigins: ['https://desk.example'] },
  })
  try {
    const from = (origin: string) =>
      own.server.inject({ url: '/api/v1/models', headers: { origin } })
    const named = await from('https://desk.example')
    expect([named.statusCode, named.headers['access-control-allow-origin']]).toEqual([
      200,
      'https://desk.example',
    ])
    expect((await from('https://evil.example')).statusCode).toBe(403)
  } finally {
    await own.end()
  }
})

test('a key that asks too often waits; another one does not', async () => {
  const [busy, calm] = [newKey('read').text, newKey('read').text]
  const statuses = new Set<number>()
  for (let i = 0; i < 32; i++) statuses.add((await ask('/api/v1/symbols', busy)).statusCode)
  expect([...statuses]).toEqual([200, 429])
  const refused = await ask('/api/v1/symbols', busy)
  expect(refused.json().type).toBe('urn:tickerflow:problem:too-many-requests')
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  expect((await ask('/api/v1/symbols', calm)).statusCode).toBe(200)
})

test('refuses to listen beyond this machine without authentication, unless told so', async () => {
  const lifecycle: TestLifecycle = await openLifecycle({})
  const { app, config } = lifecycle
  try {
    const open = (access: object) =>
      createForecastServer({ app, config, access: { host: '0.0.0.0', ...access } })
    await expect(open({})).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(open({ authenticates: true })).rejects.toThrow(/keys create/)
    await (await open({ isOpenOnPurpose: true })).close()
  } finally {
    await lifecycle.end()
  }
})
