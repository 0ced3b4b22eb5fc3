/** Every model crosses to files and to ONNX: one suite over all. */
import { describe, expect, test } from 'vitest'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import {
  attachWeights,
  createForecaster,
  detachWeights,
  exportOnnx,
  featuresOf,
  MODEL_NAMES,
  restoreForecaster,
} from '../../src/forecast/model-catalogue.ts'
import { onnxInputRow } from '../../src/forecast/onnx/input-columns.ts'
import { createRandom } from '../../src/numerics/random.ts'
import { mlmodelText } from '../../src/pipeline/mlmodel-file.ts'
import { simulateBars } from '../simulated-bars.ts'

const LSTM = { windowLength: 4, hiddenSizes: [3, 2], epochs: 1, seeds: 2, validationSessions: 80 }
const SESSIONS = 900
const frame = buildFeatureFrame(simulateBars({ sessions: SESSIONS, seed: 'exchange' }))

function fit(name: string, horizon = 1) {
  const spec = ['lstm', 'combination'].includes(name) ? { name, options: LSTM } : { name }
  return createForecaster(spec).fit({
    frames: [frame],
    symbol: frame.symbol,
    span: { from: frame.date[0] as number, to: frame.date[SESSIONS - 1] as number },
    horizon,
    random: createRandom(1),
  })
}

describe.each([...MODEL_NAMES])('the %s forecaster', (name) => {
  const fitted = fit(name)
  const saved = fitted.serialise()

  test('forecasts the same bits after its weights went through a file', () => {
    const detached = detachWeights(saved)
    const manifest = JSON.parse(JSON.stringify(detached.saved))
    const back = attachWeights({ ...detached, saved: manifest })
    expect(back).toEqual(saved)
    expect(restoreForecaster(back).forecast(frame, 880)).toEqual(fitted.forecast(frame, 880))
  })

  test('has the same ONNX file every time it is exported', () => {
    const { file } = exportOnnx(saved)
    expect(exportOnnx(JSON.parse(JSON.stringify(saved))).file).toEqual(file)
    expect(new TextDecoder().decode(file)).toContain(`${name}-forecaster`)
  })

  test('has an input row wherever it has a forecast, and nowhere else', () => {
    const { columns } = exportOnnx(saved)
    for (let at = 0; at < SESSIONS; at++) {
      const row = onnxInputRow(frame, at, columns)
      expect(row === undefined).toBe(fitted.forecast(frame, at) === undefined)
      expect(row?.length ?? columns.length).toBe(columns.length)
    }
  })

  test('has an input row that no later session changes', () => {
    const { columns } = exportOnnx(saved)
    const columnsUpTo = [...frame.columns].map(
      ([key, column]) => [key, column.slice(0, 851)] as const,
    )
    const cut = { ...frame, columns: new Map(columnsUpTo) }
    expect(onnxInputRow(cut, 850, columns)).toEqual(onnxInputRow(frame, 850, columns))
  })

  test('names its columns <feature>_lag<k>, each once, and the features that it reads', () => {
    const names = exportOnnx(saved).columns.map((column) => column.name)
    expect(new Set(names).size).toBe(names.length)
    for (const column of names) expect(column).toMatch(/^[A-Za-z0-9]+_lag\d+$/)
    for (const feature of featuresOf(saved)) expect(frame.columns.has(feature)).toBe(true)
  })

  test('goes into one file with another horizon of its recipe, over the same columns', () => {
    const later = fit(name, 5).serialise()
    const [own, other] = [exportOnnx(saved), exportOnnx(later)]
    const both = exportOnnx(saved, [later])
    expect(both.outputs).toEqual([
      ...['location', 'scale', 'degrees_of_freedom'],
      ...['location_h5', 'scale_h5', 'degrees_of_freedom_h5'],
    ])
    expect(exportOnnx(saved, []).file).toEqual(own.file)
    // A column that both read means the same to both.
    for (const at of [600, 880]) {
      const row = new Map(both.columns.map((one) => [one.name, one.valueAt(frame, at)]))
      for (const one of [...own.columns, ...other.columns]) {
        expect(row.get(one.name)).toBe(one.valueAt(frame, at))
      }
    }
  })

  test('tells MLflow the same columns', () => {
    const onnx = exportOnnx(saved)
    const { flavors, signature } = JSON.parse(mlmodelText({ onnx, onnxFile: 'model.onnx' }))
    const inputs: { name: string }[] = JSON.parse(signature.inputs)
    expect(inputs.map((input) => input.name)).toEqual(onnx.columns.map((column) => column.name))
    expect(flavors.onnx.data).toBe('model.onnx')
  })
})

test('the LSTM reads its window from the oldest row to the newest, then the trailing volatility', () => {
  const { columns } = exportOnnx(fit('lstm').serialise())
  const names = columns.map(({ name }) => name)
  expect(names).toHaveLength(4 * 10 + 1)
  expect(names[0]).toBe('scaledReturn_lag3')
  expect(names[9]).toBe('volatilityTrend_lag3')
  expect(names.slice(-2)).toEqual(['volatilityTrend_lag0', 'ewmaVolatility_lag0'])
  const row = onnxInputRow(frame, 880, columns)
  expect(row?.[0]).toBe(Math.fround(frame.columns.get('scaledReturn')?.[877] ?? 0))
  expect(row?.at(-1)).toBe(Math.fround(frame.columns.get('ewmaVolatility')?.[880] ?? 0))
})
