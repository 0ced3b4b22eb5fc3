import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runFoldTask } from '../../../src/evaluation/fold-task.ts'
import { planFolds } from '../../../src/evaluation/folds.ts'
import { crpsLosses, nllLosses, pitValues } from '../../../src/evaluation/scores.ts'
import { walkForward } from '../../../src/evaluation/walk-forward.ts'
import { buildFeatureFrame } from '../../../src/features/build-frame.ts'
import { createForecaster } from '../../../src/forecast/model-catalogue.ts'
import type { Bars } from '../../../src/market/bars.ts'
import { createBars } from '../../../src/market/create-bars.ts'
import { readSampleBars } from '../../../src/market/providers/sample.ts'
import type { IssuedForecast } from '../../../src/monitoring/ledger/ledger-line.ts'
import { matureForecasts } from '../../../src/monitoring/ledger/outcomes.ts'
import { listTracks, livePerformance, readTrack } from '../../../src/monitoring/live-performance.ts'
import { createRandom } from '../../../src/numerics/random.ts'
import type { StateDatabase } from '../../../src/state/state-database.ts'
import type { OpenTestState, TestState } from './test-state.ts'

export function outcomesContract(openState: OpenTestState): void {
  let state: TestState
  let database: StateDatabase
  let bars: Bars

  beforeEach(async () => {
    state = await openState()
    database = state.database
    bars = await readSampleBars('AAPL')
  })

  afterEach(() => state.end())

  const head = (count: number): Bars => cut(bars, count)

  function cut(all: Bars, count: number): Bars {
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

  /** Forecasts of fixed shape for rows of the bars, by a champion and a wider baseline. */
  async function issue(
    rows: readonly number[],
    change: Partial<IssuedForecast> = {},
  ): Promise<void> {
    const ledger = state.openLedger('test')
    for (const row of rows) {
      const common = {
        symbol: 'AAPL',
        horizon: 1,
        asOf: bars.date[row] as number,
        issuedAtMs: 1_000,
        referenceClose: bars.close[row] as number,
        inputs: bars.digest,
        late: false,
      }
      const narrow = { location: 0, scale: 0.03, degreesOfFreedom: 5 }
      const wide = { location: 0, scale: 0.25, degreesOfFreedom: 5 }
      await ledger.append([
        {
          forecast: {
            ...common,
            model: 'aapl-forecaster',
            version: 1,
            role: 'champion',
            distribution: narrow,
            ...change,
          },
        },
        {
          forecast: { ...common, model: 'naive', version: 0, role: 'baseline', distribution: wide },
        },
      ])
    }
  }

  const champion = () => {
    const track = listTracks(database, 'AAPL').find(({ role }) => role === 'champion')
    if (track === undefined) throw new Error('no champion')
    return track
  }

  const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)

  describe('outcomes', () => {
    test('come when the horizon has passed, and once', async () => {
      await issue([100, 101])
      expect(matureForecasts(database, head(102), 5)).toMatchObject({ matured: 2, pending: 2 })
      expect(matureForecasts(database, head(102), 6)).toMatchObject({ matured: 0, pending: 2 })
      expect(matureForecasts(database, head(103), 7)).toMatchObject({ matured: 2, pending: 0 })
      expect(livePerformance(database, champion())).toMatchObject({ matured: 2, pending: 0 })
    })

    test('leave out forecasts that were late', async () => {
      await issue([100], { late: true })
      expect(matureForecasts(database, bars, 5)).toMatchObject({ matured: 1, pending: 0 })
      expect(livePerformance(database, champion())).toMatchObject({ matured: 0, crps: null })
    })

    test('count only the first forecast of a day', async () => {
      await issue([100])
      const better = { location: 0, scale: 0.001, degreesOfFreedom: 5 }
      await issue([100], { distribution: better })
      matureForecasts(database, bars, 5)
      const row = database
        .prepare(
          "SELECT scale FROM ledger_forecasts JOIN ledger_tracks USING (track) WHERE role = 'champion'",
        )
        .get()
      expect(row?.scale).toBe(0.03)
    })

    test('are scored anew when a price is restated, and the first outcome is kept', async () => {
      await issue(range(100, 3))
      matureForecasts(database, head(104), 5)
      const before = livePerformance(database, champion()).crps
      const close = head(104).close.slice()
      close[102] = (close[102] as number) * 1.05
      const columns = {
        ...head(104),
        close,
        high: close.map((value, i) => Math.max(value, bars.high[i] as number)),
      }
      const restated = createBars({ ...head(104), columns, dividends: [], splits: [] })
      const result = matureForecasts(database, restated, 9)
      expect(result.restated.map(({ asOf }) => asOf)).toEqual([bars.date[101], bars.date[102]])
      expect(livePerformance(database, champion()).crps).not.toBe(before)
      expect(database.prepare('SELECT count(*) AS n FROM ledger_outcomes').get()?.n).toBe(5)
      expect(matureForecasts(database, restated, 10).restated).toEqual([])
    })

    test('do not change when all prices are adjusted for a later split', async () => {
      await issue(range(100, 3))
      matureForecasts(database, head(104), 5)
      const halved = (column: Float64Array) => column.map((value) => value / 7)
      const { open, high, low, close, volume, date } = head(104)
      const columns = {
        date,
        volume,
        open: halved(open),
        high: halved(high),
        low: halved(low),
        close: halved(close),
      }
      const adjusted = createBars({ ...head(104), columns, dividends: [], splits: [] })
      expect(matureForecasts(database, adjusted, 9)).toMatchObject({ matured: 0, restated: [] })
    })

    test('of a symbol whose prices end stay pending, and a day that was no session is said', async () => {
      await issue([100])
      await issue([101], { asOf: (bars.date[101] as number) + 50_000 })
      await issue([103], { asOf: 1 })
      const { pending, unmatched } = matureForecasts(database, head(90), 5)
      expect({ pending, unmatched }).toEqual({ pending: 6, unmatched: 0 })
      const gap = (bars.date[99] as number) + 1
      const weekend = [...bars.date].includes(gap) ? gap + 5 : gap
      await issue([102], { asOf: weekend })
      expect(matureForecasts(database, bars, 6).unmatched).toBe(
        [...bars.date].includes(weekend) ? 0 : 1,
      )
    })
  })

  describe('live performance', () => {
    test('sets skill against the baseline of the same days, with an interval', async () => {
      await issue(range(100, 250))
      matureForecasts(database, bars, 5)
      const { skill, coverage95 } = livePerformance(database, champion())
      const [low, high] = skill.naive?.interval ?? [Number.NaN, Number.NaN]
      expect(skill.naive).toMatchObject({ n: 250 })
      expect(low).toBeGreaterThan(0)
      expect(high).toBeGreaterThan(skill.naive?.skillRatio ?? 1)
      expect(coverage95).toBeGreaterThan(0.5)
    })

    test('gives the backtest its scores again, bit for bit', async () => {
      const frame = buildFeatureFrame(bars)
      const folds = planFolds({
        date: frame.date,
        from: frame.date[1_000] as number,
        to: frame.date[1_250] as number,
        refit: 'yearly',
        embargoSessions: 0,
      })
      const spec = { name: 'ewma' }
      const { backtests } = await walkForward(
        { frames: [frame], symbols: ['AAPL'], models: [spec], folds, horizon: 1, seed: 7 },
        { execute: async (task) => runFoldTask(task) },
      )
      const [backtest] = backtests
      const [track] = backtest?.tracks ?? []
      if (backtest === undefined || track === undefined) throw new Error('no backtest')
      const ledger = state.openLedger('replay')
      for (const fold of folds) {
        const fitted = createForecaster(spec).fit({
          frames: [frame],
          symbol: 'AAPL',
          span: { from: fold.trainFrom, to: fold.trainTo },
          horizon: 1,
          random: createRandom(7).fork(`ewma/${fold.testFrom}`),
        })
        for (const [row, day] of frame.date.entries()) {
          const forecast =
            day >= fold.testFrom && day <= fold.testTo ? fitted.forecast(frame, row) : undefined
          if (forecast === undefined) continue
          const { symbol, asOf, horizon, distribution, referenceClose } = forecast
          await ledger.append([
            {
              forecast: {
                symbol,
                asOf,
                horizon,
                distribution,
                referenceClose,
                model: 'ewma',
                version: 0,
                role: 'baseline',
                issuedAtMs: asOf,
                inputs: bars.digest,
                late: false,
              },
            },
          ])
        }
      }
      matureForecasts(database, bars, 5)
      const [live] = listTracks(database)
      const record = readTrack(database, live?.track ?? 0)
      expect(record.asOf).toEqual(backtest.date)
      expect(record.crps).toEqual(crpsLosses(backtest, track))
      expect(record.nll).toEqual(nllLosses(backtest, track))
      expect(record.pit).toEqual(pitValues(backtest, track))
    })
  })
}
