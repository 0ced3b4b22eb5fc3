/** Registered versions, read by Python: ONNX, ONNX Runtime, MLflow and safetensors. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { composeApplication } from '../../src/compose.ts'
import { type Config, DEFAULT_CONFIG } from '../../src/config.ts'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import type { FeatureFrame } from '../../src/features/feature-frame.ts'
import type { StudentTDistribution } from '../../src/forecast/forecast.ts'
import { exportOnnx, MODEL_NAMES } from '../../src/forecast/model-catalogue.ts'
import { onnxInputRow } from '../../src/forecast/onnx/input-columns.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import type { Application } from '../../src/pipeline/application.ts'
import { modelOfVersion } from '../../src/pipeline/champion.ts'
import { trainCandidate } from '../../src/pipeline/train-candidate.ts'
import { PYTHON } from './python-environment.ts'

const SCRIPT = join(import.meta.dirname, 'model-files.py')
const ROWS = 400
/** Agreement asked for, in units of the forecast's scale. */
const TOLERANCE = 1e-5

/** Every model as configured, and what the default LSTM does not have: layers and a horizon. */
const CASES: Readonly<Record<string, Partial<Config>>> = {
  ...Object.fromEntries(MODEL_NAMES.map((candidate) => [candidate, { candidate }])),
  'lstm of two layers, 5 sessions ahead': {
    candidate: 'lstm',
    horizon: 5,
    panel: [],
    lstm: { hiddenSizes: [12, 7], windowLength: 9, seeds: 2, epochs: 4, locationWeight: 1 },
  },
  combination: { candidate: 'combination', lstm: { seeds: 2, epochs: 3 } },
  'garch, 5 sessions ahead': { candidate: 'garch', horizon: 5 },
}

interface ModelCase {
  readonly name: string
  readonly folder: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly number[])[]
  /** Location, scale, degrees of freedom of our own engine. */
  readonly expected: readonly StudentTDistribution[]
}

interface Outcome {
  readonly sameBytes: boolean
  readonly operators: readonly string[]
  readonly opset: number
  readonly metadata: Readonly<Record<string, string>>
  readonly shapes: Readonly<Record<string, readonly (string | number)[]>>
  readonly forecasts: Readonly<Record<string, readonly (readonly [number, number, number])[]>>
  readonly weights: {
    readonly sameBytes: boolean
    readonly types: readonly string[]
    readonly shapes: Readonly<Record<string, readonly number[]>>
  } | null
}

let directory: string
const cases = new Map<string, ModelCase>()
let outcomes: Readonly<Record<string, Outcome>>

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tickerflow-interop-'))
  const frame = buildFeatureFrame(await readSampleBars('AAPL'))
  const app = await composeApplication({ ...DEFAULT_CONFIG, store: join(directory, 'store') })
  try {
    for (const [name, config] of Object.entries(CASES)) {
      cases.set(name, await registeredCase(app, frame, { name, config }))
    }
  } finally {
    await app.close()
  }
  outcomes = await examine([...cases.values()])
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** Trains and registers a version, and forecasts the last rows of the frame with it. */
async function registeredCase(
  app: Application,
  frame: FeatureFrame,
  { name, config }: { readonly name: string; readonly config: Partial<Config> },
): Promise<ModelCase> {
  const { run, version } = await trainCandidate(app, {
    config: { ...DEFAULT_CONFIG, models: [...MODEL_NAMES], ...config },
    progress: { step: (_, work) => work(() => {}) },
  })
  const ref = { name: version.name, version: Number(version.version) }
  const { forecaster } = await modelOfVersion(app, ref)
  const { columns } = exportOnnx(forecaster.serialise())
  const rows: number[][] = []
  const expected: StudentTDistribution[] = []
  for (let at = frame.date.length - ROWS; at < frame.date.length; at++) {
    const row = onnxInputRow(frame, at, columns)
    const forecast = forecaster.forecast(frame, at)
    if (row === undefined || forecast === undefined) throw new Error(`No forecast at row ${at}`)
    rows.push([...row])
    expected.push(forecast.distribution)
  }
  return {
    name,
    folder: app.artifactPlace(await app.tracking.getRun(run.id), 'model'),
    columns: columns.map((column) => column.name),
    rows,
    expected,
  }
}

async function examine(given: readonly ModelCase[]): Promise<Record<string, Outcome>> {
  const [input, output] = [join(directory, 'cases.json'), join(directory, 'outcomes.json')]
  await writeFile(input, JSON.stringify(given))
  await promisify(execFile)(PYTHON, [SCRIPT, input, output], { cwd: directory })
  return JSON.parse(await readFile(output, 'utf8'))
}

function caseOf(name: string): { readonly given: ModelCase; readonly outcome: Outcome } {
  const [given, outcome] = [cases.get(name), outcomes[name]]
  if (given === undefined || outcome === undefined) throw new Error(`No outcome of '${name}'`)
  return { given, outcome }
}

/** Largest deviations over all rows: location and scale by the scale, degrees of freedom relative. */
function largestDeviations(
  received: readonly (readonly [number, number, number])[],
  expected: readonly StudentTDistribution[],
) {
  const deviations = { location: 0, scale: 0, degreesOfFreedom: 0 }
  for (const [i, [location, scale, degreesOfFreedom]] of received.entries()) {
    const own = expected[i] as StudentTDistribution
    const each = {
      location: (location - own.location) / own.scale,
      scale: scale / own.scale - 1,
      degreesOfFreedom: degreesOfFreedom / own.degreesOfFreedom - 1,
    }
    for (const key of ['location', 'scale', 'degreesOfFreedom'] as const) {
      deviations[key] = Math.max(deviations[key], Math.abs(each[key]))
    }
  }
  return deviations
}

describe.each(Object.keys(CASES))('a registered version of %s', (name) => {
  test('is valid ONNX of standard operators, and Python writes the same bytes back', () => {
    const { given, outcome } = caseOf(name)
    expect(outcome.sameBytes).toBe(true)
    expect(outcome.opset).toBeGreaterThanOrEqual(14)
    expect(outcome.operators.includes('LSTM')).toBe(/^(lstm|combination)/.test(name))
    expect(outcome.shapes).toEqual({
      features: ['N', given.columns.length],
      location: ['N', 1],
      scale: ['N', 1],
      degrees_of_freedom: ['N', 1],
    })
    expect(JSON.parse(outcome.metadata['tickerflow.columns'] ?? '')).toEqual(given.columns)
  })

  test('forecasts the same from raw features, whichever way it is loaded', () => {
    const { given, outcome } = caseOf(name)
    expect(Object.keys(outcome.forecasts)).toHaveLength(5)
    for (const [way, received] of Object.entries(outcome.forecasts)) {
      expect(received).toHaveLength(ROWS)
      const deviations = largestDeviations(received, given.expected)
      for (const [parameter, deviation] of Object.entries(deviations)) {
        expect(deviation, `${parameter} by ${way}`).toBeLessThan(TOLERANCE)
      }
    }
  })
})

test('weights open as safetensors, named and shaped as in PyTorch, the same bytes as its own', () => {
  const { weights } = caseOf('lstm of two layers, 5 sessions ahead').outcome
  expect(weights?.sameBytes).toBe(true)
  expect(weights?.types).toEqual(['float32'])
  const member = (i: number) => ({
    [`network${i}.lstm.weight_ih_l0`]: [48, 10],
    [`network${i}.lstm.weight_hh_l0`]: [48, 12],
    [`network${i}.lstm.bias_ih_l0`]: [48],
    [`network${i}.lstm.bias_hh_l0`]: [48],
    [`network${i}.lstm.weight_ih_l1`]: [28, 12],
    [`network${i}.lstm.weight_hh_l1`]: [28, 7],
    [`network${i}.lstm.bias_ih_l1`]: [28],
    [`network${i}.lstm.bias_hh_l1`]: [28],
    [`network${i}.head.weight`]: [3, 7],
    [`network${i}.head.bias`]: [3],
  })
  expect(weights?.shapes).toEqual({ ...member(0), ...member(1) })
  expect(caseOf('lstm').outcome.weights?.sameBytes).toBe(true)
})

test('a model without a network has no file of weights', () => {
  expect(caseOf('har').outcome.weights).toBeNull()
})
