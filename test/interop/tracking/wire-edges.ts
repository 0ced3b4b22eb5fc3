/** Requests that no well-meaning client sends, and what goes over the wire at the edges of its types. */
import { randomBytes } from 'node:crypto'
import { type SentRequest, send } from './recorded-request.ts'

const API = '/api/2.0/mlflow'
const FILES = '/api/2.0/mlflow-artifacts/artifacts'
const JSON_TYPE = 'application/json'

function post(path: string, body: unknown): SentRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { method: 'POST', path: `${API}${path}`, contentType: JSON_TYPE, body: Buffer.from(text) }
}

function get(path: string, method = 'GET'): SentRequest {
  return { method, path, body: Buffer.alloc(0) }
}

/** Sends them, in order, to the server at `uri`: through a recorder they become replayable. */
export async function sendWireEdges(uri: string): Promise<void> {
  const created = await send(
    uri,
    post('/runs/create', { experiment_id: '0', run_name: 'edges', start_time: 7 }),
  )
  const runId: string = JSON.parse(created.body.toString()).run.info.run_id
  for (const request of edges(runId)) await send(uri, request)
}

function edges(run_id: string): readonly SentRequest[] {
  const metric = (fields: object) =>
    post('/runs/log-metric', { run_id, key: 'm', value: 1, timestamp: 1, step: 0, ...fields })
  const history = (key: string) =>
    get(`${API}/metrics/get-history?run_id=${run_id}&metric_key=${encodeURIComponent(key)}`)
  const search = (fields: object) => post('/runs/search', { experiment_ids: ['0'], ...fields })
  return [
    metric({ value: 'NaN', step: 1 }),
    metric({ value: 'Infinity', step: 2 }),
    metric({ value: '-Infinity', step: 3 }),
    metric({ value: -0, step: 4 }),
    metric({ value: 5e-324, step: 5 }),
    metric({ value: 1.7976931348623157e308, step: 6 }),
    metric({ value: '1e-3', step: '7' }),
    metric({ step: -5 }),
    metric({ step: Number.MIN_SAFE_INTEGER }),
    metric({ step: Number.MAX_SAFE_INTEGER }),
    metric({ step: 1.5 }),
    metric({ step: 'x' }),
    metric({ value: 'one' }),
    metric({ value: null }),
    metric({ value: true }),
    metric({ timestamp: -1 }),
    metric({ timestamp: null }),
    metric({ key: '' }),
    metric({ key: null }),
    metric({ key: 'a//b' }),
    metric({ key: '../a' }),
    metric({ key: '/a' }),
    metric({ key: 'ключ é 数' }),
    metric({ key: 'k'.repeat(250) }),
    metric({ key: 'k'.repeat(251) }),
    metric({ run_id: 'nobody' }),
    metric({ run_id: '' }),
    metric({ colour: 'blue' }),
    history('m'),
    history('ключ é 数'),
    history(''),
    post('/runs/set-tag', { run_id, key: 'long', value: 'ä'.repeat(10_000) }),
    post('/runs/set-tag', { run_id, key: 'unicode', value: '数 🙂 \u0001 \u2028 \' " ; --' }),
    post('/runs/set-tag', { run_id, key: 'empty', value: '' }),
    post('/runs/set-tag', { run_id, key: 'none' }),
    post('/runs/log-parameter', { run_id, key: 'long', value: 'x'.repeat(10_000) }),
    post('/runs/log-parameter', { run_id, key: 'empty', value: '' }),
    post('/runs/log-parameter', { run_id, key: 'empty', value: 'other' }),
    post('/runs/log-batch', {
      run_id,
      metrics: Array(1001).fill({ key: 'b', value: 1, timestamp: 1 }),
    }),
    post('/runs/log-batch', {
      run_id,
      params: Array.from({ length: 101 }, (_, n) => ({ key: `p${n}`, value: 'x' })),
    }),
    post('/runs/log-batch', { run_id, metrics: 'none' }),
    post('/runs/log-batch', { run_id }),
    post('/runs/log-batch', {
      run_id,
      params: [
        { key: 'twice', value: '1' },
        { key: 'twice', value: '2' },
      ],
    }),
    get(`${API}/runs/get?run_id=${run_id}`),
    get(`${API}/runs/get?run_uuid=${run_id}`),
    get(`${API}/runs/get`),
    search({ filter: "run_name = 'edges'" }),
    search({ filter: 'metrics.m > 1e400' }),
    search({ filter: "tags.`unicode` LIKE '%🙂%'" }),
    search({ filter: "tags.long = ''''" }),
    search({ filter: "run_name = 'edges'; DROP TABLE runs" }),
    search({ filter: 'a OR b' }),
    search({ filter: "params.'x' = 'y'" }),
    search({ max_results: 0 }),
    search({ max_results: -1 }),
    search({ max_results: 50_001 }),
    search({ max_results: 'many' }),
    search({ page_token: 'nonsense' }),
    search({ order_by: ['metrics.m UP'] }),
    search({ order_by: ['start_time', 'start_time'] }),
    search({ run_view_type: 'SOME' }),
    post('/experiments/create', { name: 'Default' }),
    post('/experiments/create', { name: '' }),
    post('/experiments/create', {}),
    post('/experiments/create', { name: 'n'.repeat(501) }),
    post('/experiments/create', { name: 12 }),
    post('/experiments/search', {}),
    get(`${API}/experiments/get?experiment_id=x`),
    get(`${API}/experiments/get?experiment_id=99`),
    get(`${API}/experiments/get`),
    post('/runs/create', { experiment_id: '99' }),
    post('/runs/update', { run_id, status: 'DANCING' }),
    post('/runs/update', { run_id, status: 'FINISHED', end_time: 12 }),
    post('/runs/delete', '{'),
    post('/runs/delete', '[]'),
    post('/runs/delete', '"text"'),
    post('/runs/delete', '12'),
    post('/runs/delete', ''),
    post('/runs/delete', { run_id: 12 }),
    { ...post('/runs/delete', '{}'), contentType: 'text/plain' },
    post('/registered-models/create', { name: 'a/b' }),
    post('/registered-models/create', { name: 'm'.repeat(257) }),
    post('/registered-models/create', {}),
    post('/registered-models/create', { name: 'edge 数', description: 'ä' }),
    get(`${API}/registered-models/get?name=edge%20%E6%95%B0`),
    get(`${API}/registered-models/get?name=none`),
    get(`${API}/registered-models/alias?name=edge%20%E6%95%B0&alias=none`),
    get(`${API}/model-versions/get?name=edge%20%E6%95%B0&version=1`),
    get(`${API}/model-versions/get?name=edge%20%E6%95%B0&version=x`),
    post('/model-versions/create', { name: 'edge 数', source: '/etc' }),
    post('/model-versions/create', { name: 'edge 数', source: 'file:///etc', run_id }),
    post('/model-versions/create', {
      name: 'edge 数',
      source: `mlflow-artifacts:/0/${run_id}/artifacts/../../x`,
      run_id,
    }),
    get(`${API}/model-versions/search?filter=colour%20%3D%20'x'`),
    get(`${API}/artifacts/list?run_id=${run_id}`),
    get(`${API}/artifacts/list?run_id=${run_id}&path=..%2F..`),
    get(`${API}/artifacts/list?run_id=${run_id}&path=%2Fetc`),
    { ...get(`${FILES}/0/edges.bin`, 'PUT'), body: randomBytes(1000) },
    get(`${FILES}/0/edges.bin`),
    get(`${FILES}/0/nothing`),
    get(`${FILES}?path=..`),
    ...[
      '..%2f..%2fmlflow.db',
      '%2e%2e/%2e%2e/mlflow.db',
      '%2fetc%2fpasswd',
      '0/..%5c..%5cx',
    ].flatMap((path) => ['GET', 'PUT', 'DELETE'].map((method) => get(`${FILES}/${path}`, method))),
    get(`${API}/no/such/route`),
    post('/no/such/route', {}),
    get(`${API}/runs/create`),
    get('/health'),
    get('/version'),
    get('/api/3.0/mlflow/server-info'),
  ]
}
