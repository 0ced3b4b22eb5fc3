/** The years 2010 to 2012 lived through day by day: the ledger says what the backtest said. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runFoldTask } from '../../src/evaluation/fold-task.ts'
import { planFolds } from '../../src/evaluation/folds.ts'
import { crpsLosses, nllLosses, pitValues } from '../../src/evaluation/scores.ts'
import { walkForward } from '../../src/evaluation/walk-forward.ts'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import type { FittedForecaster, ForecasterSpec } from '../../src/forecast/forecaster.ts'
import { createForecaster } from '../../src/forecast/model-catalogue.ts'
import type { Bars } from '../../src/market/bars.ts'
import { createCalendar } from '../../src/market/calendar.ts'
import { createBars } from '../../src/market/create-bars.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import { parseIsoDate } from '../../src/market/trading-date.ts'
import { openForecastLedger } from '../../src/monitoring/ledger/forecast-ledger.ts'
import { isLate } from '../../src/monitoring/ledger/lateness.ts'
import { LEDGER_SCHEMA } from '../../src/monitoring/ledger/ledger-schema.ts'
import { matureForecasts } from '../../src/monitoring/ledger/outcomes.ts'
import { verifyLedger } from '../../src/monitoring/ledger/verify-ledger.ts'
import { listTracks, readTrack } from '../../src/monitoring/live-performance.ts'
import { createRandom } from '../../src/numerics/random.ts'
import { openDatabase } from '../../src/sqlite/open-database.ts'
import type { SqliteConnection } from '../../src/sqlite/sqlite-connection.ts'

const SEED = 7
const calendar = createCalendar('nyse')
const dayOf = (date: string) => parseIsoDate(date) ?? Number.NaN

let directory: string
let database: SqliteConnection

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'replay-'))
  database = openDatabase(join(directory, 'tickerflow.db'), [LEDGER_SCHEMA])
})

afterEach(() => {
  database.close()
  rmSync(directory, { recursive: true, force: true })
})

/** What was known at the close of row `count - 1`. */
function knownBars(all: Bars, count: number): Bars {
  const columns = {
    date: all.date.slice(0, count),
    open: all.open.slice(0, count),
    high: all.high.slice(0, count),
    low: all.low.slice(0, count),
    close: all.close.slice(0, count),
    volume: all.volume.slice(0, count),
  }
  return createBars({ ...all, columns, dividends: [], splits: [] })
}

async function replayed(specs: readonly ForecasterSpec[], from: string, to: string) {
  const bars = await readSampleBars('AAPL')
  const frame = buildFeatureFrame(bars)
  const span = { from: dayOf(from), to: dayOf(to) }
  const folds = planFolds({ date: frame.date, ...span, refit: 'yearly', embargoSessions: 0 })
  const { backtests } = await walkForward(
    { frames: [frame], symbols: ['AAPL'], models: specs, folds, horizon: 1, seed: SEED },
    { execute: async (task) => runFoldTask(task) },
  )
  const ledger = openForecastLedger({ database, chain: 'replay' })
  let fitted: readonly FittedForecaster[] = []
  for (const [row, day] of bars.date.entries()) {
    const fold = folds.find(({ testFrom, testTo }) => day >= testFrom && day <= testTo)
    if (fold === undefined) continue
    const known = knownBars(bars, row + 1)
    const now = calendar.closeTime(day)
    const seen = buildFeatureFrame(known)
    if (day === fold.testFrom) fitted = specs.map((spec) => fit(spec, fold))
    matureForecasts(database, known, now)
    for (const model of fitted) {
      const forecast = model.forecast(seen, row)
      if (forecast === undefined) throw new Error(`${model.model} is silent on row ${row}`)
      const { symbol, asOf, horizon, distribution, referenceClose } = forecast
      const said = { symbol, asOf, horizon, distribution, referenceClose, inputs: known.digest }
      const late = isLate(calendar, asOf, now)
      const who = { model: model.model, version: 0, role: 'baseline' as const }
      await ledger.append([{ forecast: { ...said, ...who, issuedAtMs: now, late } }])
    }

    function fit(spec: ForecasterSpec, { trainFrom, trainTo, testFrom }: typeof fold & object) {
      const random = createRandom(SEED).fork(`${spec.name}/${testFrom}`)
      const frames = [seen]
      const train = { from: trainFrom, to: trainTo }
      return createForecaster(spec).fit({ frames, symbol: 'AAPL', span: train, horizon: 1, random })
    }
  }
  matureForecasts(database, bars, 0)
  return backtests
}

async function expectSameScores(specs: readonly ForecasterSpec[], from: string, to: string) {
  const [backtest] = await replayed(specs, from, to)
  if (backtest === undefined) throw new Error('no backtest')
  const tracks = listTracks(database)
  expect(tracks).toHaveLength(specs.length)
  for (const { model, track } of tracks) {
    const [tested] = backtest.tracks.filter((one) => one.model === model)
    if (tested === undefined) throw new Error(`no backtest of ${model}`)
    const record = readTrack(database, track)
    expect(record.asOf).toEqual(backtest.date)
    expect(record.outcome).toEqual(backtest.outcome)
    expect(record.crps).toEqual(crpsLosses(backtest, tested))
    expect(record.nll).toEqual(nllLosses(backtest, tested))
    expect(record.pit).toEqual(pitValues(backtest, tested))
  }
  return backtest.date.length
}

test('three years of classical models, and an edited line shows', async () => {
  const models: ForecasterSpec[] = [{ name: 'naive' }, { name: 'ewma' }, { name: 'har' }]
  const days = await expectSameScores(models, '2010-01-01', '2012-12-31')
  expect(days).toBeGreaterThan(740)
  expect(verifyLedger(database)).toMatchObject({ intact: true })
  const other = new DatabaseSync(database.file)
  other.exec('DROP TRIGGER ledger_lines_are_never_updated')
  other.exec('UPDATE ledger_lines SET scale = scale * 1.0000001 WHERE seq = 1234')
  other.close()
  expect(verifyLedger(database)).toMatchObject({ intact: false, chain: 'replay', seq: 1234 })
}, 120_000)

test('a year of an LSTM', async () => {
  const lstm: ForecasterSpec = { name: 'lstm', options: { epochs: 1, seeds: 2 } }
  expect(await expectSameScores([lstm], '2012-01-01', '2012-12-31')).toBeGreaterThan(240)
}, 240_000)
