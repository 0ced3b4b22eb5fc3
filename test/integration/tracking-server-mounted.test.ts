/** The tracking routes as part of another server. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { credentialOf } from '../../src/tracking/server/request-guards.ts'
import {
  registerTrackingRoutes,
  TRACKING_ROUTER_OPTIONS,
} from '../../src/tracking/server/tracking-routes.ts'
import { openSqliteTrackingStore } from '../../src/tracking/store/sqlite.ts'
import type { TrackingStore } from '../../src/tracking/tracking-store.ts'

const KEY = 'the key of this server'
const HOST_ERROR = { title: 'of the host' }

let directory: string
let store: TrackingStore
let app: FastifyInstance

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tracking-mounted-'))
  store = openSqliteTrackingStore({
    directory,
    clock: () => 1_700_000_000_000,
    newId: () => randomUUID().replaceAll('-', ''),
  })
  app = Fastify({ bodyLimit: 1000, routerOptions: TRACKING_ROUTER_OPTIONS })
  app.setErrorHandler((_error, _request, reply) => reply.code(400).send(HOST_ERROR))
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(HOST_ERROR))
  app.get('/health', async () => ({ live: true }))
  app.post('/api/v1/echo', async (request) => request.body)
  registerTrackingRoutes(app, {
    store,
    artifacts: {
      artifactsDirectory: join(directory, 'artifacts'),
      tmpDirectory: join(directory, 'tmp'),
    },
    authenticate: async (request, reply) => {
      if (credentialOf(request.headers.authorization) === KEY) return
      return reply.code(401).send({ error_code: 'UNAUTHENTICATED', message: 'No.' })
    },
  })
})
afterEach(async () => {
  await app.close()
  await store.close()
  await rm(directory, { recursive: true, force: true })
})

const authorization = `Bearer ${KEY}`

it('asks for the key on every route of its own, unknown ones included, and on no other', async () => {
  for (const url of [
    '/api/2.0/mlflow/experiments/get?experiment_id=0',
    '/ajax-api/2.0/mlflow/experiments/get?experiment_id=0',
    '/api/3.0/mlflow/server-info',
    '/api/2.0/mlflow-artifacts/artifacts',
    '/api/2.0/mlflow/nothing',
  ]) {
    expect([url, (await app.inject({ url })).statusCode]).toEqual([url, 401])
    expect((await app.inject({ url, headers: { authorization } })).statusCode).not.toBe(401)
  }
  expect((await app.inject({ url: '/health' })).json()).toEqual({ live: true })
})

it('takes the key as a password, too', async () => {
  const basic = `Basic ${Buffer.from(`ada:${KEY}`).toString('base64')}`
  const url = '/api/2.0/mlflow/experiments/get?experiment_id=0'
  const response = await app.inject({ url, headers: { authorization: basic } })
  expect(response.json().experiment.name).toBe('Default')
})

it('keeps its own limits, parsers and failures, and leaves those of the host alone', async () => {
  const post = (url: string, payload: object) =>
    app.inject({ method: 'POST', url, payload, headers: { authorization } })
  const long = 'x'.repeat(5000)
  const created = await post('/api/2.0/mlflow/runs/create', {
    experiment_id: '0',
    tags: [{ key: 'note', value: long }],
  })
  expect(created.statusCode).toBe(200)
  const missing = await post('/api/2.0/mlflow/runs/create', { experiment_id: '7' })
  expect(missing.json().error_code).toBe('RESOURCE_DOES_NOT_EXIST')
  const nowhere = await post('/api/2.0/mlflow/nothing', {})
  expect(nowhere.json().error_code).toBe('ENDPOINT_NOT_FOUND')
  expect((await post('/api/v1/echo', { a: 1 })).json()).toEqual({ a: 1 })
  expect((await post('/api/v1/echo', { long })).json()).toEqual(HOST_ERROR)
  expect((await post('/api/v1/nothing', {})).json()).toEqual(HOST_ERROR)
})
