import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import { createForecaster } from '../../src/forecast/model-catalogue.ts'
import type { Bars } from '../../src/market/bars.ts'
import { createCalendar } from '../../src/market/calendar.ts'
import { sliceBars } from '../../src/market/create-bars.ts'
import { createUniverseStore } from '../../src/market/panel/universe-store.ts'
import { readSampleBars, SAMPLE_SYMBOLS } from '../../src/market/providers/sample.ts'
import { formatDay } from '../../src/market/trading-date.ts'
import { createRandom } from '../../src/numerics/random.ts'
import type { UniverseModel } from '../../src/pipeline/universe/forecast-part.ts'
import { forecastUniverse } from '../../src/pipeline/universe/forecast-universe.ts'
import { importUniverse } from '../../src/pipeline/universe/import-universe.ts'
import { createUniversePool } from '../../src/pipeline/universe/universe-pool.ts'

const root = mkdtempSync(join(tmpdir(), 'universe-'))
const database = { memoryMegabytes: 128, temporaryDirectory: join(root, 'tmp') }
const store = createUniverseStore({
  directory: join(root, 'universes'),
  clock: () => Date.parse('2013-03-02'),
  ...database,
})
const pools = [createUniversePool(1), createUniversePool(2)] as const
const bars: Bars[] = []

beforeAll(async () => {
  for (const symbol of SAMPLE_SYMBOLS) bars.push(await readSampleBars(symbol))
})

afterAll(async () => {
  for (const pool of pools) await pool.close()
  rmSync(root, { recursive: true, force: true })
})

/** A long CSV file with the columns in another order and the rows of all symbols mixed. */
function writeLong(name: string, series: readonly Bars[]): string {
  const rows = series.flatMap(({ symbol, date, open, high, low, close, volume }) =>
    Array.from(date, (day, t) =>
      [formatDay(day), symbol, close[t], open[t], high[t], low[t], volume[t]].join(','),
    ),
  )
  const path = join(root, name)
  const header = 'Date,Ticker,Close,Open,High,Low,Volume'
  writeFileSync(path, [header, ...rows.toSorted()].join('\n'))
  return path
}

function take(files: readonly string[], name = 'main') {
  const calendar = createCalendar('nyse')
  return importUniverse({ store, name, files, calendar, now: Date.parse('2013-03-02'), database })
}

test('a universe from a CSV file forecasts as the one-symbol program, on any number of threads', async () => {
  const { snapshot, blocked } = await take([writeLong('long.csv', bars)])
  expect(blocked).toEqual([])
  expect(snapshot.symbols).toBe(bars.length)
  const model = { kind: 'fit-each', spec: { name: 'har' }, horizon: 5 } as const
  const of = (pool: (typeof pools)[number], which: UniverseModel = model) =>
    forecastUniverse({ store, pool, snapshot, model: which, seed: 7, database })
  const { forecasts, skipped } = await of(pools[0])
  expect(skipped).toEqual([])
  expect(await of(pools[1])).toEqual({ forecasts, skipped })
  for (const [index, own] of bars.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1)).entries()) {
    const frame = buildFeatureFrame(own)
    const span = { from: own.date[0] as number, to: own.date.at(-1) as number }
    const fitted = createForecaster(model.spec).fit({
      ...{ frames: [frame], symbol: own.symbol, span, horizon: 5, random: createRandom(7) },
    })
    const expected = fitted.forecast(frame, own.date.length - 1)
    expect(forecasts[index]).toEqual(expected)
    // The same model, fitted beforehand, reads its lookback only.
    const saved = { kind: 'fitted', saved: fitted.serialise() } as const
    expect((await of(pools[1], saved)).forecasts[index]).toEqual(expected)
  }
})

test('symbols that the data checks block stay out and are named; short ones get no forecast', async () => {
  const [first, second, third] = bars as [Bars, Bars, Bars]
  const broken = { ...second, high: second.high.map((price, t) => (t === 2000 ? 0.01 : price)) }
  const short = sliceBars(third, third.date.length - 100, third.date.length)
  const { snapshot, blocked } = await take(
    [writeLong('mixed.csv', [first, broken, short])],
    'mixed',
  )
  expect(blocked.map(({ symbol }) => symbol)).toEqual([second.symbol])
  const model = { kind: 'fit-each', spec: { name: 'ewma' }, horizon: 1 } as const
  const result = await forecastUniverse({
    ...{ store, pool: pools[1], snapshot, model, seed: 7, database },
  })
  expect(result.forecasts.map(({ symbol }) => symbol)).toEqual([first.symbol])
  expect(result.skipped.map(({ symbol }) => symbol)).toEqual([short.symbol])
})

test('a Parquet file of the store can be imported again: the same digest', async () => {
  const { snapshot } = await take([writeLong('again.csv', bars)], 'first')
  const [part] = snapshot.parts
  if (part === undefined) throw new Error('no part')
  const again = await take([await store.verifiedPath(snapshot, part)], 'second')
  expect(again.snapshot.digest).toBe(snapshot.digest)
})

test.each([
  ['no-such-file.csv', undefined, 'Cannot read'],
  ['columns.csv', 'symbol,when,price\nA,2013-01-02,5\n', "no column 'date'"],
  ['words.csv', 'symbol,date,open,high,low,close,volume\nA,2013-01-02,x,1,1,1,1\n', 'Cannot read'],
  [
    'nobody.csv',
    'symbol,date,open,high,low,close,volume\n,2013-01-02,1,1,1,1,1\n',
    'without a symbol',
  ],
  ['empty.csv', 'symbol,date,open,high,low,close,volume\n', 'no prices'],
])('%s is refused with words and leaves nothing', async (name, text, words) => {
  const path = join(root, name)
  if (text !== undefined) writeFileSync(path, text)
  const refused = { code: 'UNIVERSE_INVALID', message: expect.stringContaining(words) }
  await expect(take([path], 'refused')).rejects.toMatchObject(refused)
  expect(await store.current('refused')).toBeUndefined()
  if (text !== undefined) expect(readFileSync(path, 'utf8')).toBe(text)
})
