/** Clients that were written for other servers: NVIDIA's for Triton, MLflow's scoring protocol. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildFeatureFrame } from '../../../src/features/build-frame.ts'
import { exportOnnx } from '../../../src/forecast/model-catalogue.ts'
import { onnxInputRow } from '../../../src/forecast/onnx/input-columns.ts'
import {
  openServing,
  promote,
  QUICK_LSTM,
  registerFitted,
  type ServingFixture,
} from '../../integration/serving-fixture.ts'
import { PYTHON } from '../python-environment.ts'

const SCRIPT = join(import.meta.dirname, 'clients.py')
const MODEL = 'aapl-forecaster'
const ROWS = 40
/** Of the forecast's scale: ONNX Runtime computes in single precision. */
const TOLERANCE = 1e-5

type Triple = readonly [number, number, number]

interface Outcome {
  readonly forecasts: Readonly<Record<string, readonly Triple[]>>
  readonly understood: Readonly<Record<string, unknown>>
}

let fixture: ServingFixture
let work: string
let expected: readonly Triple[]
let outcome: Outcome

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'tickerflow-clients-'))
  fixture = await openServing()
  const { app, bars, server } = fixture
  const { version, forecaster } = await registerFitted(app, bars, { spec: QUICK_LSTM })
  promote(app, version)
  const uri = await server.listen({ host: '127.0.0.1', port: 0 })
  const frame = buildFeatureFrame(bars)
  const { columns } = exportOnnx(forecaster.serialise())
  const ends = Array.from({ length: ROWS }, (_, i) => bars.date.length - ROWS + i)
  // Of single precision, so that both sides read the very same inputs.
  const rows = ends.map((end) => Array.from(onnxInputRow(frame, end, columns) ?? []))
  expected = ends.map((end) => {
    const forecast = forecaster.forecast(frame, end)
    if (forecast === undefined) throw new Error('The model has no forecast for a complete window')
    const { location, scale, degreesOfFreedom } = forecast.distribution
    return [location, scale, degreesOfFreedom]
  })
  const question = join(work, 'rows.json')
  await writeFile(question, JSON.stringify({ columns: columns.map(({ name }) => name), rows }))
  const answered = join(work, 'outcome.json')
  const flags = [SCRIPT, uri, MODEL, String(version), question, answered]
  const env = { ...process.env, MLFLOW_TRACKING_URI: uri }
  await promisify(execFile)(PYTHON, flags, { env, timeout: 120_000 })
  outcome = JSON.parse(await readFile(answered, 'utf8')) as Outcome
})

afterAll(async () => {
  await fixture?.end()
  await rm(work, { recursive: true, force: true })
})

test.each([
  'triton',
  'triton, by version',
  'dataframe_split',
  'dataframe_records',
  'instances',
  'inputs',
  'csv',
  'mlflow.pyfunc',
])('%s gives the forecasts of the project’s own engine', (way) => {
  const given = outcome.forecasts[way] ?? []
  expect(given).toHaveLength(ROWS)
  for (const [row, wanted] of expected.entries()) {
    const [location, scale, degrees] = wanted
    const [x = Number.NaN, y = Number.NaN, z = Number.NaN] = given[row] ?? []
    expect(Math.abs(x - location)).toBeLessThanOrEqual(TOLERANCE * scale)
    expect(Math.abs(y - scale)).toBeLessThanOrEqual(TOLERANCE * scale)
    expect(Math.abs(z - degrees)).toBeLessThanOrEqual(TOLERANCE * degrees)
  }
})

test('/invocations differs from mlflow.pyfunc on the same version by rounding alone', () => {
  const [scoring = [], pyfunc = []] = ['dataframe_split', 'mlflow.pyfunc'].map(
    (way) => outcome.forecasts[way],
  )
  for (const [row, own] of scoring.entries()) {
    const scale = own[1]
    expect(Math.abs(own[0] - (pyfunc[row]?.[0] ?? Number.NaN))).toBeLessThanOrEqual(
      TOLERANCE * scale,
    )
  }
})

test('a Triton client understands health, metadata, the repository and a refusal', () => {
  const { refusal, ...understood } = outcome.understood
  expect(understood).toMatchObject({
    live: true,
    ready: true,
    modelReady: true,
    otherReady: false,
    server: { name: 'tickerflow', extensions: ['model_repository'] },
    model: { name: MODEL, inputs: [{ name: 'features', datatype: 'FP64' }] },
    index: [{ name: MODEL, state: 'READY' }],
    id: 'one',
  })
  expect(refusal).toEqual([expect.stringMatching(/^4\d\d$/), expect.stringContaining('[N, ')])
})
