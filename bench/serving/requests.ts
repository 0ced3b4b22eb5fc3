/** Requests that differ from one to the next: windows of the sample that end on different days. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import { exportOnnx, restoreForecaster } from '../../src/forecast/model-catalogue.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import { formatDay } from '../../src/market/trading-date.ts'
import { decodeManifest, decodeModel } from '../../src/pipeline/model-manifest.ts'

export interface Workload {
  readonly name: string
  readonly path: string
  /** Distinct bodies. */
  readonly bodies: readonly string[]
  /** What the distribution of each has to be. */
  readonly expected: readonly (readonly number[])[]
  /** Location, scale and degrees of freedom in an answer. */
  readonly read: (answer: never) => readonly number[]
}

const COUNT = 1000

export async function workloads(modelDirectory: string): Promise<readonly Workload[]> {
  const bars = await readSampleBars('AAPL')
  const frame = buildFeatureFrame(bars)
  const read = (name: string) => readFileSync(join(modelDirectory, name))
  const { saved } = decodeModel(
    decodeManifest(read('forecaster.json')),
    read('weights.safetensors'),
  )
  const forecaster = restoreForecaster(saved)
  const { columns } = exportOnnx(saved)
  const ends = Array.from({ length: COUNT }, (_, i) => bars.date.length - COUNT + i)
  const expected = ends.map((end) => {
    const { location, scale, degreesOfFreedom } = forecaster.forecast(frame, end)?.distribution ?? {
      location: Number.NaN,
      scale: Number.NaN,
      degreesOfFreedom: Number.NaN,
    }
    return [location, scale, degreesOfFreedom]
  })
  const barBodies = ends.map((end) => {
    const cut = (column: Float64Array) =>
      Array.from(column.subarray(end + 1 - forecaster.lookback, end + 1))
    const date = Array.from(bars.date.subarray(end + 1 - forecaster.lookback, end + 1), formatDay)
    const { open, high, low, close, volume } = bars
    const columnar = { open: cut(open), high: cut(high), low: cut(low), close: cut(close) }
    return JSON.stringify({ symbol: 'AAPL', bars: { date, ...columnar, volume: cut(volume) } })
  })
  const rows = ends.map((end) => columns.map((column) => column.valueAt(frame, end)))
  const tensor = (data: readonly number[]) => ({
    name: 'features',
    shape: [1, data.length],
    datatype: 'FP64',
    data,
  })
  return [
    {
      name: 'bars of 270 sessions',
      path: '/api/v1/forecasts',
      bodies: barBodies,
      expected,
      read: ({ forecasts: [{ distribution }] }: BarsAnswer) => [
        distribution.location,
        distribution.scale,
        distribution.degreesOfFreedom,
      ],
    },
    {
      name: 'columns of the model (Open Inference Protocol)',
      path: '/v2/models/aapl-forecaster/infer',
      bodies: rows.map((row) => JSON.stringify({ inputs: [tensor(row)] })),
      expected,
      read: ({ outputs }: InferAnswer) => outputs.map(({ data }) => data[0] as number),
    },
  ]
}

interface BarsAnswer {
  readonly forecasts: readonly [
    { readonly distribution: { location: number; scale: number; degreesOfFreedom: number } },
  ]
}

interface InferAnswer {
  readonly outputs: readonly { readonly data: readonly number[] }[]
}
