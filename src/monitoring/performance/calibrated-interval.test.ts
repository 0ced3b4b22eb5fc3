import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  adaptiveConformalLevels,
  coverageAt,
} from '../../forecast/calibration/calibrated-levels.ts'
import { createBars } from '../../market/create-bars.ts'
import { createRandom } from '../../numerics/random.ts'
import { studentTCdf } from '../../numerics/student-t.ts'
import { openDatabase } from '../../sqlite/open-database.ts'
import { openForecastLedger } from '../ledger/forecast-ledger.ts'
import { LEDGER_SCHEMA } from '../ledger/ledger-schema.ts'
import { matureForecasts } from '../ledger/outcomes.ts'
import { readTrack } from '../live-performance.ts'
import { calibrate, intervalCalibration } from './calibrated-interval.ts'

/** PIT values of a forecast that is right until `jumpAt` and half as wide as it should be from there. */
function pits(days: number, jumpAt: number, seed: string): Float64Array {
  const random = createRandom(seed)
  return Float64Array.from({ length: days }, (_, day) =>
    studentTCdf((day < jumpAt ? 1 : 2) * random.normal(), Infinity),
  )
}

test("gives the level and the coverage that the backtest's calibration gives on the same days", () => {
  const pit = pits(300, 150, 'same')
  for (const horizon of [1, 5]) {
    const [levels] = adaptiveConformalLevels(pit, { nominal: [0.8], horizon })
    const found = calibrate([...pit], { horizon, objective: 0.8 })
    expect(found?.observedCoverage).toBe(coverageAt(pit, levels ?? []))
    const [next] = adaptiveConformalLevels(Float64Array.of(...pit, 0.5), {
      nominal: [0.8],
      horizon,
    })
    expect(found?.askedLevel).toBe(next?.at(-1))
  }
})

test("after a change of regime the model's own intervals under-cover and the calibrated ones come back", () => {
  const shares = Array.from({ length: 20 }, (_, i) => {
    const pit = pits(1_000, 250, `regime/${i}`)
    const [levels = new Float64Array()] = adaptiveConformalLevels(pit, {
      nominal: [0.8],
      horizon: 1,
    })
    const late = (from: number) => [pit.subarray(from), levels.subarray(from)] as const
    return {
      own: coverageAt(pit.subarray(250), new Float64Array(750).fill(0.8)),
      calibrated: coverageAt(...late(500)),
    }
  })
  const mean = (name: 'own' | 'calibrated') =>
    shares.reduce((sum, share) => sum + share[name], 0) / shares.length
  expect(mean('own')).toBeLessThan(0.55)
  expect(mean('calibrated')).toBeGreaterThan(0.78)
  expect(mean('calibrated')).toBeLessThan(0.82)
})

test('says nothing on fewer than 60 outcomes, and passes over one that has not come', () => {
  const pit = [...pits(80, 80, 'few')]
  expect(calibrate(pit.slice(0, 59), { horizon: 1, objective: 0.8 })).toBeUndefined()
  const holed = pit.map((value, day) => (day === 40 ? undefined : value))
  expect(calibrate(holed, { horizon: 1, objective: 0.8 })?.matured).toBe(79)
})

test('is read off the ledger: over versions, only from days before, the same each time', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'calibrated-'))
  const database = openDatabase(join(directory, 'tickerflow.db'), [LEDGER_SCHEMA])
  try {
    const random = createRandom('walk')
    const close = new Float64Array(121).fill(100)
    for (let day = 1; day <= 120; day++) {
      close[day] = (close[day - 1] as number) * (1 + 0.01 * random.normal())
    }
    const date = Int32Array.from(close, (_, day) => day)
    const volume = new Float64Array(121).fill(1)
    const columns = { date, open: close, high: close, low: close, close, volume }
    const bars = createBars({ symbol: 'X', source: 'csv', basis: 'split-adjusted', columns })
    const ledger = openForecastLedger({ database, chain: 'api' })
    const key = { symbol: 'X', horizon: 1, model: 'x-forecaster', role: 'champion' as const }
    for (let asOf = 0; asOf < 120; asOf++) {
      const distribution = { location: 0, scale: 0.006, degreesOfFreedom: Infinity }
      const rest = { issuedAtMs: asOf, referenceClose: 100, inputs: 'ab'.repeat(32), late: false }
      const version = asOf < 70 ? 1 : 2
      await ledger.append([{ forecast: { ...key, version, asOf, distribution, ...rest } }])
    }
    matureForecasts(database, bars, 1)
    const question = { symbol: 'X', horizon: 1, model: 'x-forecaster', objective: 0.8 }
    const all = intervalCalibration(database, { ...question, asOf: 120 })
    const pit = [1, 2].flatMap((track) => [...readTrack(database, track).pit])
    expect(all).toEqual(calibrate(pit, { horizon: 1, objective: 0.8 }))
    expect(all?.askedLevel).toBeGreaterThan(0.85)
    expect(intervalCalibration(database, { ...question, asOf: 100 })?.matured).toBe(100)
    expect(intervalCalibration(database, { ...question, asOf: 50 })).toBeUndefined()
  } finally {
    database.close()
    rmSync(directory, { recursive: true, force: true })
  }
})
