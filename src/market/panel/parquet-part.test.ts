import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../numerics/random.ts'
import { type DuckDb, openDuckDb } from './duckdb.ts'
import { type PanelPrices, panelOf } from './panel-prices.ts'
import { readPart, writePart } from './parquet-part.ts'

const directory = mkdtempSync(join(tmpdir(), 'parquet-part-'))
let db: DuckDb

beforeAll(async () => {
  db = await openDuckDb({ memoryMegabytes: 128, temporaryDirectory: directory })
})

afterAll(() => {
  db.close()
  rmSync(directory, { recursive: true, force: true })
})

/** Two symbols of uneven length, their prices by `price`, over more than one chunk of DuckDB. */
function panel(price: (random: () => number) => number, volume = () => 1000): PanelPrices {
  const random = createRandom('panel')
  const series = (symbol: string, rows: number) => {
    const column = () => Float64Array.from({ length: rows }, () => price(() => random.uniform()))
    const date = Int32Array.from({ length: rows }, (_, t) => 12_000 + t)
    const prices = { open: column(), high: column(), low: column(), close: column() }
    return { symbol, date, ...prices, volume: Float64Array.from(date, volume) }
  }
  return panelOf([series('A', 3000), series('B-1', 17), series('^C', 2048)])
}

let files = 0
async function roundTrip(given: PanelPrices): Promise<PanelPrices> {
  const path = join(directory, `${files++}.parquet`)
  await writePart(db, given, path)
  return await readPart(db, path)
}

test.each([
  ['in cents', (random: () => number) => Math.round(random() * 1e5) / 100],
  ['in hundredths of cents', (random: () => number) => Math.round(random() * 1e8) / 1e4],
  [
    'in cents too large for a short decimal',
    (random: () => number) => 1e8 + Math.round(random() * 100) / 100,
  ],
  ['adjusted for a split of seven', (random: () => number) => Math.round(random() * 1e5) / 100 / 7],
  ['with any bits at all', (random: () => number) => random() * 1e-9],
  ['that are missing here and there', (random: () => number) => (random() < 0.1 ? Number.NaN : 5)],
  ['that are zero', () => 0],
])('prices %s come back to the bit', async (_, price) => {
  const given = panel(price)
  expect(await roundTrip(given)).toEqual(given)
})

test('volumes come back whether they are whole shares or not', async () => {
  for (const volume of [() => 1e12 + 1, () => 0.5, () => Number.NaN]) {
    const given = panel(() => 10, volume)
    expect((await roundTrip(given)).volume).toEqual(given.volume)
  }
})

test('any reader of Parquet finds plain columns', async () => {
  const path = join(directory, 'plain.parquet')
  await writePart(
    db,
    panel(() => 12.34),
    path,
  )
  const rows = await db.connection.runAndReadAll(
    `select symbol, date::varchar, "close"::double, volume::integer from '${path}' limit 1`,
  )
  expect(rows.getRows()).toEqual([['A', '2002-11-09', 12.34, 1000]])
})
