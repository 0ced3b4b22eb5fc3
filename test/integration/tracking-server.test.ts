/** The tracking server over HTTP: what it answers to clients that are right, wrong or hostile. */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AccessPolicy } from '../../src/tracking/server/request-guards.ts'
import { createTrackingServer } from '../../src/tracking/server/tracking-server.ts'
import { openSqliteTrackingStore } from '../../src/tracking/store/sqlite.ts'
import type { TrackingStore } from '../../src/tracking/tracking-store.ts'

const API = '/api/2.0/mlflow'
const FILES = '/api/2.0/mlflow-artifacts/artifacts'
const KEY = 'a key of many letters'

let directory: string
let store: TrackingStore
let server: ReturnType<typeof createTrackingServer>

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tracking-server-'))
  store = openSqliteTrackingStore({
    directory,
    clock: () => 1_700_000_000_000,
    newId: () => randomUUID().replaceAll('-', ''),
  })
  server = serverWith({ host: '127.0.0.1' })
})
afterEach(async () => {
  await server.close()
  await store.close()
  await rm(directory, { recursive: true, force: true })
})

function serverWith(access: AccessPolicy) {
  const artifacts = {
    artifactsDirectory: join(directory, 'artifacts'),
    tmpDirectory: join(directory, 'tmp'),
  }
  return createTrackingServer({ store, artifacts, access })
}

async function post(path: string, payload: object) {
  const response = await server.inject({ method: 'POST', url: `${API}${path}`, payload })
  return { status: response.statusCode, body: response.json() }
}

async function get(path: string) {
  const response = await server.inject({ url: `${API}${path}` })
  return { status: response.statusCode, body: response.json() }
}

async function newRun(): Promise<string> {
  return (await post('/runs/create', { experiment_id: '0' })).body.run.info.run_id
}

/** A request as it stands: no client tidies its path up. */
async function raw(method: string, path: string, headers: Record<string, string> = {}) {
  if (!server.server.listening) await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers }, resolve)
    request.on('error', reject)
    request.end()
  })
  return { status: response.statusCode, body: await text(response) }
}

describe('what goes over the wire', () => {
  it('takes int64 as numbers or text, ignores unknown fields, and leaves unset ones out', async () => {
    const { body } = await post('/runs/create', {
      experiment_id: '0',
      start_time: '1234',
      run_name: 'r',
      colour: 'blue',
    })
    expect(body.run).toEqual({
      info: {
        run_uuid: expect.any(String),
        run_id: body.run.info.run_uuid,
        run_name: 'r',
        experiment_id: '0',
        user_id: '',
        status: 'RUNNING',
        start_time: 1234,
        artifact_uri: `mlflow-artifacts:/0/${body.run.info.run_id}/artifacts`,
        lifecycle_stage: 'active',
      },
      data: { tags: [{ key: 'mlflow.runName', value: 'r' }] },
      inputs: {},
    })
  })

  it('takes and gives NaN as text, and infinities as the largest doubles', async () => {
    const run_id = await newRun()
    for (const [step, value] of ['NaN', '-Infinity', 'Infinity', 0.5, '1e-3'].entries()) {
      const metric = { run_id, key: 'm', value, timestamp: 5 + step, step: String(step) }
      expect(await post('/runs/log-metric', metric)).toEqual({ status: 200, body: {} })
    }
    const { body } = await get(`/metrics/get-history?run_id=${run_id}&metric_key=m`)
    expect(body.metrics.map((metric: { value: unknown }) => metric.value)).toEqual([
      'NaN',
      -Number.MAX_VALUE,
      Number.MAX_VALUE,
      0.5,
      0.001,
    ])
  })

  it('reads lists from repeated query parameters', async () => {
    await post('/registered-models/create', { name: 'a' })
    await post('/registered-models/create', { name: 'b' })
    const query = 'order_by=creation_timestamp%20ASC&order_by=name%20DESC&max_results=1'
    const { body } = await get(`/registered-models/search?${query}`)
    expect(body.registered_models.map((model: { name: string }) => model.name)).toEqual(['b'])
    expect(Buffer.from(body.next_page_token, 'base64').toString()).toBe('{"offset":1}')
  })

  it('keeps what old clients record about their models', async () => {
    const run_id = await newRun()
    for (const artifact_path of ['a', 'b']) {
      const model_json = JSON.stringify({ run_id, artifact_path })
      expect((await post('/runs/log-model', { run_id, model_json })).status).toBe(200)
    }
    expect((await post('/runs/log-model', { run_id, model_json: '[]' })).status).toBe(400)
    const history = (await store.getRun(run_id)).tags['mlflow.log-model.history'] ?? ''
    expect(JSON.parse(history)).toMatchObject([{ artifact_path: 'a' }, { artifact_path: 'b' }])
  })

  it('answers on the routes of the user interface, too, and says what it is', async () => {
    const url = '/ajax-api/2.0/mlflow/experiments/get?experiment_id=0'
    expect((await server.inject({ url })).json().experiment.name).toBe('Default')
    expect((await server.inject({ url: '/health' })).body).toBe('OK')
    expect((await server.inject({ url: '/version' })).body).toMatch(/^\d+\.\d+\.\d+$/)
    const info = (await server.inject({ url: '/api/3.0/mlflow/server-info' })).json()
    expect(info.store_type).toBe('SqlStore')
  })
})

describe('failures', () => {
  it.each([
    ['/runs/create', { experiment_id: '99' }, 404, 'RESOURCE_DOES_NOT_EXIST'],
    [
      '/runs/log-metric',
      { run_id: 'no', key: 'm', value: 1, timestamp: 1 },
      404,
      'RESOURCE_DOES_NOT_EXIST',
    ],
    ['/runs/log-metric', { key: 'm', value: 1, timestamp: 1 }, 400, 'INVALID_PARAMETER_VALUE'],
    [
      '/runs/log-metric',
      { run_id: 'x', key: 'm', value: 'a', timestamp: 1 },
      400,
      'INVALID_PARAMETER_VALUE',
    ],
    [
      '/runs/log-metric',
      { run_id: 'x', key: 'm', value: 1, timestamp: 1e18 },
      400,
      'INVALID_PARAMETER_VALUE',
    ],
    ['/runs/search', { experiment_ids: ['0'], filter: 'a OR b' }, 400, 'INVALID_PARAMETER_VALUE'],
    [
      '/runs/search',
      { experiment_ids: ['0'], max_results: 50_001 },
      400,
      'INVALID_PARAMETER_VALUE',
    ],
    ['/experiments/search', {}, 400, 'INVALID_PARAMETER_VALUE'],
    ['/experiments/create', { name: 'Default' }, 400, 'RESOURCE_ALREADY_EXISTS'],
    [
      '/experiments/create',
      { name: 'x', artifact_location: 'file:///a/%252e%252e/b' },
      400,
      'INVALID_PARAMETER_VALUE',
    ],
    [
      '/runs/log-batch',
      { run_id: 'x', params: Array(101).fill({ key: 'k' }) },
      400,
      'INVALID_PARAMETER_VALUE',
    ],
    ['/no/such/route', {}, 404, 'ENDPOINT_NOT_FOUND'],
  ])('of %s %j answer %i %s', async (path, payload, status, code) => {
    expect(await post(path, payload)).toEqual({
      status,
      body: { error_code: code, message: expect.any(String) },
    })
  })

  it('says which alias is missing as MLflow does', async () => {
    await post('/registered-models/create', { name: 'm' })
    expect(await get('/registered-models/alias?name=m&alias=x')).toEqual({
      status: 400,
      body: {
        error_code: 'INVALID_PARAMETER_VALUE',
        message: 'Registered model alias x not found.',
      },
    })
  })

  it.each(['{', '[]', '"x"', '12', '{"run_id": 1}'])('refuses the body %s', async (payload) => {
    const headers = { 'content-type': 'application/json' }
    const url = `${API}/runs/delete`
    const response = await server.inject({ method: 'POST', url, headers, payload })
    expect([response.statusCode, response.json().error_code]).toEqual([
      400,
      'INVALID_PARAMETER_VALUE',
    ])
  })

  it('refuses other types of body, and bodies that are too large', async () => {
    const url = `${API}/runs/log-batch`
    const typed = (type: string, payload: string) =>
      server.inject({ method: 'POST', url, headers: { 'content-type': type }, payload })
    expect((await typed('text/plain', '{}')).statusCode).toBe(415)
    expect((await typed('application/json', `"${'x'.repeat(1_000_000)}"`)).statusCode).toBe(413)
  })

  it('does not say what went wrong inside', async () => {
    const faults: unknown[] = []
    const broken = createTrackingServer({
      store: { ...store, getRun: () => Promise.reject(new Error('secret path')) },
      artifacts: { artifactsDirectory: directory, tmpDirectory: directory },
      access: { host: '127.0.0.1' },
      onFault: (error) => faults.push(error),
    })
    const response = await broken.inject({ url: `${API}/runs/get?run_id=x` })
    expect(response.statusCode).toBe(500)
    expect(response.body).not.toContain('secret')
    expect(faults).toHaveLength(1)
    await broken.close()
  })
})

describe('who may ask', () => {
  const urls = ['/health', `${API}/experiments/get?experiment_id=0`, `${FILES}/x`, '/nothing']

  it.each(urls)('refuses foreign hosts and origins on %s', async (url) => {
    for (const headers of [
      { host: 'evil.example' },
      { host: 'localhost.evil.example:5000' },
      { host: '203.0.113.5' },
      { host: 'localhost', origin: 'https://evil.example' },
      { host: 'localhost', origin: 'null' },
    ]) {
      const response = await server.inject({ url, headers })
      expect([response.statusCode, response.json().error_code]).toEqual([403, 'PERMISSION_DENIED'])
    }
  })

  it('takes its own names', async () => {
    for (const host of ['localhost:5000', '127.0.0.1', '[::1]:5000']) {
      const headers = { host, origin: `http://${host}` }
      expect((await server.inject({ url: '/health', headers })).statusCode).toBe(200)
    }
  })

  it('listens beyond this machine only with a key', () => {
    for (const access of [
      { host: '0.0.0.0' },
      { host: '::' },
      { host: '0.0.0.0', apiKey: 'short' },
    ]) {
      expect(() => serverWith(access)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    }
  })

  it('asks for the key, as a token or as a password, everywhere but for its health', async () => {
    const locked = serverWith({ host: '0.0.0.0', apiKey: KEY, allowedHosts: ['tracking.lan'] })
    const status = async (authorization: string | undefined, url = urls[1] ?? '') => {
      const headers = { host: 'tracking.lan', ...(authorization ? { authorization } : {}) }
      return (await locked.inject({ url, headers })).statusCode
    }
    const basic = (password: string) => `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`
    expect(await status(`Bearer ${KEY}`)).toBe(200)
    expect(await status(basic(KEY))).toBe(200)
    expect([
      await status(undefined),
      await status(basic('wrong')),
      await status('Bearer x'),
    ]).toEqual([401, 401, 401])
    expect(await status(undefined, '/health')).toBe(200)
    await locked.close()
    const plain = serverWith({ host: '0.0.0.0', apiKey: 'x'.repeat(32) })
    const headers = { host: '192.0.2.1', authorization: `Bearer ${'x'.repeat(32)}` }
    expect((await plain.inject({ url: urls[1] ?? '', headers })).statusCode).toBe(200)
    await plain.close()
  })
})

describe('artifacts', () => {
  it('keeps, lists, gives back and deletes files of any bytes', async () => {
    const bytes = Buffer.from(Uint8Array.from({ length: 100_000 }, (_, index) => index % 251))
    const url = `${FILES}/0/run/artifacts/mod%C3%A4l%20x/weights.bin`
    expect((await server.inject({ method: 'PUT', url, payload: bytes })).json()).toEqual({})
    const list = await server.inject({ url: `${FILES}?path=0/run/artifacts/mod%C3%A4l%20x` })
    expect(list.json()).toEqual({
      files: [{ path: 'weights.bin', is_dir: false, file_size: bytes.length }],
    })
    const read = await server.inject({ url })
    expect(read.rawPayload.equals(bytes)).toBe(true)
    expect(read.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-disposition': expect.stringContaining('attachment'),
    })
    expect((await server.inject({ method: 'DELETE', url })).statusCode).toBe(200)
    expect((await server.inject({ url })).statusCode).toBe(404)
  })

  it('keeps an empty file', async () => {
    await server.inject({ method: 'PUT', url: `${FILES}/0/empty.txt` })
    const read = await server.inject({ url: `${FILES}/0/empty.txt` })
    expect([read.statusCode, read.body]).toEqual([200, ''])
  })

  it.each([
    '../mlflow.db',
    '%2e%2e/mlflow.db',
    '..%2fmlflow.db',
    '0/..%5c..%5cmlflow.db',
    '/etc/passwd',
    '%2fetc%2fpasswd',
    'C:%5cx',
    '0/%00',
    '',
  ])('refuses the path %j, whatever is asked of it', async (path) => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const { status, body } = await raw(method, `${FILES}/${path}`)
      expect([400, 404]).toContain(status)
      expect(JSON.parse(body).error_code).toMatch(/INVALID_PARAMETER_VALUE|ENDPOINT_NOT_FOUND/)
    }
    expect((await raw('GET', `${FILES}?path=${path || '..'}`)).status).toBe(400)
    expect(existsSync(join(directory, 'mlflow.db'))).toBe(true)
  })

  it('keeps nothing of an upload that was cut off', async () => {
    await server.listen({ host: '127.0.0.1', port: 0 })
    const { port } = server.server.address() as AddressInfo
    await new Promise<void>((resolve) => {
      const headers = { 'content-length': 1_000_000 }
      const path = `${FILES}/0/half.bin`
      const request = httpRequest({ host: '127.0.0.1', port, method: 'PUT', path, headers })
      request.on('error', () => resolve())
      request.write(Buffer.alloc(100_000), () => setTimeout(() => request.destroy(), 50))
      request.on('close', () => resolve())
    })
    await expect
      .poll(async () => (await readdir(join(directory, 'tmp'))).length, { timeout: 2000 })
      .toBe(0)
    expect(existsSync(join(directory, 'artifacts', '0', 'half.bin'))).toBe(false)
  })

  it('says that files go in one piece', async () => {
    const url = '/api/2.0/mlflow-artifacts/mpu/create/0/x'
    expect((await server.inject({ method: 'POST', url, payload: {} })).statusCode).toBe(501)
  })
})

describe('sources of model versions', () => {
  it('may lie below the artifacts of their own run, and nowhere else', async () => {
    await post('/registered-models/create', { name: 'm' })
    const [run_id, other] = [await newRun(), await newRun()]
    const create = async (fields: object) =>
      (await post('/model-versions/create', { name: 'm', ...fields })).status
    expect(await create({ run_id, source: `runs:/${run_id}/model` })).toBe(200)
    expect(await create({ run_id, source: `mlflow-artifacts:/0/${run_id}/artifacts/m` })).toBe(200)
    expect(await create({ source: 'models:/m/1' })).toBe(200)
    for (const source of [
      '/etc',
      'file:///etc',
      'C:\\x',
      's3://bucket/x',
      'http://evil.example/x',
      'mlflow-artifacts://evil.example/0',
      `mlflow-artifacts:/0/${other}/artifacts/m`,
      `mlflow-artifacts:/0/${run_id}/artifacts/../../${other}`,
      `runs:/${other}/model`,
      `runs:/${run_id}/../x`,
      'models:/m-00000000000000000000000000000000',
    ]) {
      expect([source, await create({ run_id, source })]).toEqual([source, 400])
    }
  })
})
