/** What a run leaves behind, as the commands tell it: nested runs, plots, tables, model card. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  createWorkplace,
  documentOf,
  filesBelow,
  successOf,
  type Workplace,
} from './cli-process.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 })

let workplace: Workplace
// biome-ignore-start lint/suspicious/noExplicitAny: documents are read as scripts read them, untyped
let judged: any
let trained: any
let shown: any
// biome-ignore-end lint/suspicious/noExplicitAny: as above

const call = (...args: readonly string[]) => workplace.tickerflow([...args, '--store', 'store'])
const read = async (...args: readonly string[]) => successOf(await call(...args, '--json'))

beforeAll(async () => {
  workplace = await createWorkplace()
  judged = await read('run', '--config', 'small.json')
  trained = await read('train', '--config', 'small.json', '--seed', '8')
  shown = await read('runs', 'show', judged.run.id)
})
afterAll(() => workplace.remove())

const artifact = (name: string) =>
  readFile(workplace.path('store', 'artifacts', '1', judged.run.id, 'artifacts', name))
const number = expect.any(Number)

describe('a run keeps', () => {
  test('its configuration, its origin and the engine that trained it', async () => {
    const configuration = JSON.parse((await artifact('configuration.json')).toString())
    expect(configuration).toMatchObject({ symbol: 'AAPL', lstm: { epochs: 3 }, seed: 7 })
    expect(shown.tags).toMatchObject({
      'tickerflow.node': process.version,
      'tickerflow.engine': expect.stringMatching(/simd/),
      'tickerflow.kernelDigest': expect.stringMatching(/^[0-9a-f]{64}$/),
      'tickerflow.host': expect.any(String),
    })
    expect(shown.params).toMatchObject({ refit_schedule: 'yearly', epochs: '3', seeds: '1' })
  })

  test("scores of every model, the final training's curves and the machine's load", () => {
    expect(shown.metrics).toMatchObject({
      'naive.crps': judged.scores.naive.crps,
      'lstm.nll': judged.scores.lstm.nll,
      'fold.har.crps': number,
      'final.seed0.trainLoss': number,
      'final.seed0.validationLoss': number,
      'final.seed0.learningRate': number,
      'final.seed0.gradientNorm': number,
      'system/cpu_utilization_percentage': number,
      'system/system_memory_usage_megabytes': number,
    })
  })

  test('a nested run for each fold, with its own spans, scores and curves', async () => {
    expect(shown.children).toHaveLength(2)
    const fold = await read('runs', 'show', shown.children[0].id)
    expect(fold).toMatchObject({ parent: judged.run.id, status: 'FINISHED', children: [] })
    expect(fold.params).toEqual({
      fold: '0',
      train_from: '2000-03-01',
      train_to: '2010-12-31',
      test_from: '2011-01-03',
      test_to: '2011-12-30',
    })
    expect(fold.metrics).toMatchObject({
      'lstm.crps': number,
      'naive.coverage80': number,
      'lstm.seed0.validationLoss': number,
    })
  })

  test('plots as SVG and as PNG of twice the size', async () => {
    const names = [...(await filesBelow(workplace.path('store'))).keys()]
      .filter((name) => name.includes(judged.run.id) && name.includes('plots'))
      .map((name) => name.replace(/^.*plots./, ''))
    const kinds = ['coverage', 'forecast', 'latest-forecasts', 'learning', 'pit-histogram', 'skill']
    expect(names).toEqual(kinds.flatMap((kind) => [`${kind}.png`, `${kind}.svg`]))
    for (const kind of kinds) {
      const svg = (await artifact(`plots/${kind}.svg`)).toString()
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="908" height="\d+"/)
      expect(svg).not.toMatch(/var\(|NaN|undefined/)
      const png = await artifact(`plots/${kind}.png`)
      expect(png.subarray(1, 4).toString()).toBe('PNG')
      expect(png.readUInt32BE(16)).toBe(2 * 908)
      expect(png.length).toBeGreaterThan(10_000)
    }
  })

  test("a calibration table where MLflow's clients look for tables", async () => {
    const tables = JSON.parse(shown.tags['mlflow.loggedArtifacts'])
    expect(tables).toEqual([{ path: 'backtest/AAPL/calibration.json', type: 'table' }])
    const { columns, data } = JSON.parse((await artifact(tables[0].path)).toString())
    const at = (name: string) => columns.indexOf(name)
    const row = data.find(
      (one: unknown[]) => one[at('model')] === 'lstm' && one[at('level')] === 0.8,
    )
    expect(row[at('coverage')]).toBeCloseTo(judged.scores.lstm.coverage80, 10)
  })

  test('a model folder that says what it needs and how to call it', async () => {
    const mlmodel = JSON.parse((await artifact('model/MLmodel')).toString())
    const { columns, data } = JSON.parse((await artifact('model/input_example.json')).toString())
    expect(JSON.parse(mlmodel.signature.inputs).map(({ name }: { name: string }) => name)).toEqual(
      columns,
    )
    expect(data[0]).toHaveLength(columns.length)
    expect(mlmodel.flavors.python_function.env).toEqual({
      conda: 'conda.yaml',
      virtualenv: 'python_env.yaml',
    })
    expect((await artifact('model/requirements.txt')).toString()).toMatch(/^onnxruntime>=/m)
  })
})

describe('a version', () => {
  test('has a card with its scores, its verdict and its limits', async () => {
    const { card } = await read('models', 'card', 'aapl-forecaster', '1')
    expect(card).toBe((await artifact('model-card.md')).toString())
    expect(card).toContain('# aapl-forecaster version 1')
    for (const title of ['Intended use', 'Data', 'Scores', 'Calibration', 'Gate', 'Limits']) {
      expect(card).toContain(`\n## ${title}\n`)
    }
    expect(card).toContain(judged.data.digest)
    expect(card).toContain((1e4 * judged.scores.naive.crps).toFixed(2))
    expect(card).toContain(judged.gate.decision)
    expect(card).toMatch(/No directional skill|Direction: skill was found/)
    expect(card).not.toMatch(/undefined|NaN|\[object/)
  })

  test('says in its card when it was not judged', async () => {
    const { stdout } = await call('models', 'card', 'aapl-forecaster', trained.version.version)
    expect(stdout).toContain('trained without being judged')
    expect(stdout).not.toMatch(/[|`]|\*\*/)
  })

  test('names its data, its recipe and its card in tags and description', async () => {
    const { versions } = await read('models', 'show', 'aapl-forecaster')
    const one = versions.find(({ version }: { version: number }) => version === 1)
    expect(one.description).toMatch(/^lstm on AAPL, trained to 2013-03-01\. CRPS .* Gate: /)
    expect(one.tags).toMatchObject({
      'tickerflow.data.AAPL': judged.data.digest,
      'tickerflow.trainedTo': '2013-03-01',
      'tickerflow.modelCard': `runs:/${judged.run.id}/model-card.md`,
    })
  })
})

describe('runs list', () => {
  const ids = (runs: readonly { readonly id: string }[]) => runs.map(({ id }) => id)

  test('leaves nested runs out unless they are asked for', async () => {
    expect(ids(await read('runs'))).toEqual([trained.run.id, judged.run.id])
    expect(await read('runs', '--nested')).toHaveLength(4)
  })

  test("filters and orders in MLflow's language", async () => {
    const filtered = await read('runs', '--filter', "params.seed = '8' AND status = 'FINISHED'")
    expect(ids(filtered)).toEqual([trained.run.id])
    const nested = ['--nested', '--filter', 'metrics.`lstm.crps` > 0', '--order-by']
    const ordered = await read('runs', ...nested, 'metrics.`lstm.crps` ASC', 'start_time DESC')
    expect(ordered).toHaveLength(3)
    const reversed = await read('runs', ...nested, 'metrics.`lstm.crps` DESC')
    expect(ids(reversed)).toEqual(ids(ordered).toReversed())
  })

  test('of an experiment that there is not names those that there are', async () => {
    expect(await read('runs', '--experiment', 'aapl-forecaster')).toHaveLength(2)
    const { error } = documentOf(await call('runs', '--experiment', 'nonsense', '--json'))
    expect(error).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/aapl-forecaster/),
    })
  })

  test.each([
    ['a limit of 0', ['--limit', '0'], 2, /'0' is invalid\. Expected a whole number from 1/],
    ['half a filter', ['--filter', 'params.seed ='], 1, /TRACKING_INVALID/],
  ])('%s is refused', async (_, args, exitCode, words) => {
    const outcome = await call('runs', ...args)
    expect(outcome.exitCode).toBe(exitCode)
    expect(outcome.stderr).toMatch(words)
  })
})

describe('runs compare', () => {
  test('shows what differs and the scores side by side', async () => {
    const comparison = await read('runs', 'compare', judged.run.id, trained.run.id.slice(0, 10))
    expect(comparison.params).toEqual({ seed: ['7', '8'] })
    expect(comparison.scores['lstm.crps']).toEqual([judged.scores.lstm.crps, null])
    expect(comparison.metrics['final.seed0.trainLoss']).toEqual([number, number])
    const { stdout } = await call('runs', 'compare', judged.run.id, trained.run.id)
    expect(stdout).toMatch(/^seed +7 +8$/m)
  })

  test('of one run is wrong usage', async () => {
    const { exitCode, stderr } = await call('runs', 'compare', judged.run.id)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('needs two runs or more')
  })
})

describe('runs export', () => {
  test('writes a run with its folds, every metric point and every file', async () => {
    const told = await read('runs', 'export', judged.run.id, '--output', 'out')
    const files = [...(await filesBelow(workplace.path('out'))).keys()]
    expect(files).toEqual(expect.arrayContaining(['metrics.csv', 'runs.csv', 'runs.json']))
    expect(told).toMatchObject({ runs: 3, files: files.length - 3 })
    const runs = JSON.parse(await readFile(workplace.path('out', 'runs.json'), 'utf8'))
    expect(runs[0].metrics).toEqual(shown.metrics)
    const points = (await readFile(workplace.path('out', 'metrics.csv'), 'utf8')).trim().split('\n')
    expect(points).toHaveLength(told.points + 1)
    // Three epochs of one network, so three points of its loss.
    const losses = points.filter((line) =>
      line.startsWith(`${judged.run.id},final.seed0.trainLoss,`),
    )
    expect(losses).toHaveLength(3)
  })

  test('of an experiment leaves the files out where asked, and never mixes with another', async () => {
    const args = ['runs', 'export', '--experiment', 'aapl-forecaster', '--output', 'experiment']
    expect(await read(...args, '--no-artifacts')).toMatchObject({ runs: 4, files: 0 })
    expect(await readdir(workplace.path('experiment'))).toHaveLength(3)
    const again = documentOf(await call(...args, '--json'))
    expect(again.error).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/not empty/),
    })
  })
})

describe('ui', () => {
  const without = { environment: { PATH: '' } }

  test('says how to get MLflow where neither mlflow nor uvx is installed', async () => {
    const outcome = await workplace.tickerflow(['ui', '--store', 'store', '--json'], without)
    expect(outcome.exitCode).toBe(1)
    expect(documentOf(outcome).error).toMatchObject({
      code: 'MLFLOW_UNAVAILABLE',
      message: expect.stringMatching(/pip install mlflow.*uvx/s),
    })
  })

  test.skipIf(process.platform === 'win32')(
    'tells what a program that fails has said',
    async () => {
      const file = workplace.path('broken', 'mlflow')
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, '#!/bin/sh\necho no module named flask >&2\nexit 3\n', { mode: 0o755 })
      const outcome = await workplace.tickerflow(['ui', '--store', 'store', '--mlflow', file])
      expect(outcome.exitCode).toBe(1)
      expect(outcome.stderr).toMatch(/ended \(exit code 3\).*no module named flask/s)
      expect(await readdir(workplace.path('store', 'tmp'))).toEqual([])
    },
  )

  test('has nothing to show in a new store', async () => {
    const outcome = await workplace.tickerflow(['ui', '--store', 'new', '--json'], without)
    expect(documentOf(outcome).error).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/tickerflow run/),
    })
  })
})
