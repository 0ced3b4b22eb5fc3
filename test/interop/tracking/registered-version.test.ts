/** A run and its Production version, served to plain Python: `mlflow.pyfunc.load_model` and the rest. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exp, log } from '../../../src/numerics/elementary.ts'
import { createWorkplace, successOf, type Workplace } from '../../integration/cli-process.ts'
import { PYTHON } from '../python-environment.ts'

const SCRIPT = join(import.meta.dirname, 'registered-version.py')
const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts')

let workplace: Workplace
let server: ChildProcess
// biome-ignore-start lint/suspicious/noExplicitAny: documents are read as scripts read them, untyped
let run: any
let outcome: any
// biome-ignore-end lint/suspicious/noExplicitAny: as above

beforeAll(async () => {
  workplace = await createWorkplace()
  await workplace.write('har.json', {
    panel: [],
    models: ['naive', 'ewma', 'har'],
    candidate: 'har',
    evaluation: { from: '2009-01-01', to: '2012-12-31' },
  })
  const args = ['run', '--store', 'store', '--config', 'har.json', '--json']
  run = successOf(await workplace.tickerflow(args))
  expect(run.version.environment).toBe('production')
  const uri = await served()
  const file = workplace.path('outcome.json')
  await promisify(execFile)(PYTHON, [SCRIPT, run.run.id, file], {
    cwd: workplace.directory,
    env: { ...process.env, MLFLOW_TRACKING_URI: uri, MLFLOW_DISABLE_TELEMETRY: 'true' },
  })
  outcome = JSON.parse(await readFile(file, 'utf8'))
}, 400_000)

afterAll(async () => {
  if (server?.exitCode === null) {
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
  await workplace.remove()
})

/** @returns The address that the server tells. */
async function served(): Promise<string> {
  const args = [MAIN, 'tracking', 'serve', '--store', workplace.path('store'), '--port', '0']
  server = spawn(process.execPath, [...args, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(server.stdout as NodeJS.ReadableStream, 'data')
  return JSON.parse(String(line)).uri
}

test('whatever it is asked for by, the version forecasts what the program forecasts', () => {
  const { referenceClose, median, interval80 } = run.forecast
  const forecasts = Object.values<Record<string, number>>(outcome.forecasts)
  expect(forecasts).toHaveLength(4)
  for (const forecast of forecasts) {
    expect(forecast).toEqual(forecasts[0])
    const { location = NaN, scale = NaN, degrees_of_freedom: df = NaN } = forecast
    expect(referenceClose * exp(location)).toBeCloseTo(median, 3)
    // Four fifths of a Student-t lie within 1.28 to 1.9 scales, by its degrees of freedom.
    const reach = (log(interval80[1] / referenceClose) - location) / scale
    expect(reach).toBeGreaterThan(1.28)
    expect(reach).toBeLessThan(1.9)
    expect(df).toBeGreaterThan(2)
  }
})

test('its alias, its stage, its run, its description and its card are found', () => {
  expect(outcome.version).toMatchObject({
    stage: 'Production',
    aliases: expect.arrayContaining(['production']),
    runId: run.run.id,
    description: expect.stringMatching(/^har on AAPL, .* Gate: promote\.$/),
  })
  expect(outcome.card).toBe('# aapl-forecaster version 1')
})

test('the folds are nested runs', () => {
  expect(outcome.folds).toEqual(['2009-01-02', '2010-01-04', '2011-01-03', '2012-01-03'])
  expect(outcome.foldScores.every((score: number) => score > 0.005 && score < 0.02)).toBe(true)
})

test('the calibration table, the data sets, the plots and the load open as what they are', () => {
  expect(outcome.table).toEqual({
    columns: expect.arrayContaining(['model', 'level', 'coverage']),
    rows: 3 * 11,
    coverage80: expect.closeTo(run.scores.har.coverage80, 10),
  })
  expect(outcome.inputs).toEqual([
    {
      name: 'AAPL daily bars',
      columns: ['date', 'open', 'high', 'low', 'close', 'volume'],
      profile: expect.objectContaining({ rows: 3270, first: '2000-03-01', last: '2013-03-01' }),
    },
  ])
  expect(outcome.load.length).toBeGreaterThanOrEqual(2)
  expect(outcome.plot[0]).toBe(1816)
})
