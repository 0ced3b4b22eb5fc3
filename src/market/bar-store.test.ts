import { createHash } from 'node:crypto'
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { copyColumns } from './bar-codec.ts'
import { type BarStore, createBarStore } from './bar-store.ts'
import type { BarColumns, Bars } from './bars.ts'
import { createBars, sliceBars } from './create-bars.ts'
import { readSampleBars } from './providers/sample.ts'

const SAVED_AT = Date.parse('2026-11-20T21:30:00Z')

let root = ''
let store: BarStore
let apple: Bars
beforeAll(async () => {
  apple = await readSampleBars('AAPL')
})
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tickerflow-bars-'))
  store = openStore()
})
afterEach(() => rm(root, { recursive: true, force: true }))

const openStore = () =>
  createBarStore({
    directory: join(root, 'bars'),
    temporaryDirectory: join(root, 'tmp'),
    clock: () => SAVED_AT,
  })
const folder = () => join(root, 'bars', 'aapl')

function changed(bars: Bars, change: (columns: BarColumns) => void): Bars {
  const columns = copyColumns(bars, 0, bars.date.length)
  change(columns)
  return createBars({ ...bars, columns })
}

function scaledPrices(bars: Bars, factor: number): Bars {
  return changed(bars, ({ open, high, low, close, volume }) => {
    for (const column of [open, high, low, close]) column.set(column.map((value) => value * factor))
    volume.set(volume.map((value) => value / factor))
  })
}

async function findingsOfSaving(first: Bars, second: Bars) {
  await store.save(first)
  return (await store.save(second)).findings
}

describe('saving and loading', () => {
  test('what was saved is loaded, in another process too', async () => {
    expect(await store.loadLatest('AAPL')).toBeUndefined()
    const saved = await store.save(apple)
    expect(saved).toEqual({ digest: apple.digest, isNew: true, findings: [] })
    expect(await openStore().loadLatest('AAPL')).toEqual(apple)
    expect(await openStore().load('aapl', apple.digest)).toEqual(apple)
  })

  test('the SHA-256 of the file is its name, and nothing else is written', async () => {
    await store.save(apple)
    expect((await readdir(folder())).sort()).toEqual([apple.digest, 'history.jsonl'].sort())
    const bytes = await readFile(join(folder(), apple.digest))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(apple.digest)
    expect(await readdir(join(root, 'tmp'))).toEqual([])
  })

  test('the history says what was current, and since when', async () => {
    const shorter = sliceBars(apple, 0, 3000)
    await store.save(shorter)
    await store.save(apple)
    expect(await store.history('AAPL')).toMatchObject([
      {
        digest: shorter.digest,
        rows: 3000,
        first: '2000-03-01',
        last: '2012-02-01',
        source: 'sample',
      },
      { digest: apple.digest, rows: 3270, last: '2013-03-01', savedAt: SAVED_AT },
    ])
  })

  test('saving the same again changes nothing', async () => {
    await store.save(apple)
    expect(await store.save(apple)).toEqual({ digest: apple.digest, isNew: false, findings: [] })
    expect((await store.history('AAPL')).length).toBe(1)
  })

  test('an earlier snapshot can become current again', async () => {
    const shorter = sliceBars(apple, 0, 3000)
    await store.save(shorter)
    await store.save(apple)
    expect((await store.save(shorter)).isNew).toBe(false)
    expect((await store.loadLatest('AAPL'))?.digest).toBe(shorter.digest)
  })

  test('symbols that share a slug do not meet', async () => {
    const dot = createBars({ ...apple, columns: apple, symbol: 'BRK.B' })
    const dash = createBars({
      ...sliceBars(apple, 0, 9),
      columns: sliceBars(apple, 0, 9),
      symbol: 'BRK-B',
    })
    await store.save(dot)
    expect((await store.save(dash)).findings).toEqual([])
    expect((await store.loadLatest('BRK.B'))?.digest).toBe(dot.digest)
    expect((await store.loadLatest('BRK-B'))?.digest).toBe(dash.digest)
    await expect(store.load('BRK-B', dot.digest)).rejects.toMatchObject({
      code: 'SNAPSHOT_MISSING',
    })
  })

  test('any bars come back to the bit', async () => {
    const value = fc.double({ noNaN: false })
    const column = fc.array(value, { minLength: 3, maxLength: 3 }).map((v) => Float64Array.from(v))
    await fc.assert(
      fc.asyncProperty(column, column, async (close, volume) => {
        const date = Int32Array.of(1, 2, 3)
        const columns = { date, open: close, high: close, low: close, close, volume }
        const bars = createBars({ symbol: 'X', basis: 'raw', source: 'test', columns })
        const other = await mkdtemp(join(root, 'store-'))
        const fresh = createBarStore({
          directory: other,
          temporaryDirectory: other,
          clock: () => 0,
        })
        await fresh.save(bars)
        expect(await fresh.loadLatest('X')).toEqual(bars)
      }),
      { numRuns: 20 },
    )
  })
})

describe('damage and accidents', () => {
  test('a missing digest is said to be missing, with what to do', async () => {
    const digest = 'ab'.repeat(32)
    await expect(store.load('AAPL', digest)).rejects.toMatchObject({
      code: 'SNAPSHOT_MISSING',
      message: expect.stringContaining('tickerflow ingest --symbol AAPL'),
    })
    await expect(store.load('AAPL', '../../etc/passwd')).rejects.toMatchObject({
      code: 'SNAPSHOT_MISSING',
    })
  })

  test('a changed bit is found, and repaired by saving the same bars', async () => {
    await store.save(apple)
    const path = join(folder(), apple.digest)
    const bytes = await readFile(path)
    bytes[5000] = (bytes[5000] as number) ^ 1
    await writeFile(path, bytes)
    await expect(store.loadLatest('AAPL')).rejects.toMatchObject({
      code: 'SNAPSHOT_DAMAGED',
      details: { path },
    })
    await store.save(apple)
    expect((await store.loadLatest('AAPL'))?.digest).toBe(apple.digest)
  })

  test('other bars are not saved over a damaged current snapshot', async () => {
    await store.save(apple)
    await writeFile(join(folder(), apple.digest), 'x')
    const shorter = sliceBars(apple, 0, 3000)
    await expect(store.save(shorter)).rejects.toMatchObject({ code: 'SNAPSHOT_DAMAGED' })
    await rm(join(folder(), apple.digest))
    expect((await store.save(shorter)).isNew).toBe(true)
  })

  test('a line of the history that a crash cut off is passed over', async () => {
    await store.save(apple)
    await appendFile(join(folder(), 'history.jsonl'), '\n{"id":"x","symbol":"AAPL","dig')
    expect((await store.loadLatest('AAPL'))?.digest).toBe(apple.digest)
    const shorter = sliceBars(apple, 0, 3000)
    await store.save(shorter)
    expect((await store.history('AAPL')).map(({ digest }) => digest)).toEqual([
      apple.digest,
      shorter.digest,
    ])
  })

  test('a snapshot without its line, as after a crash between the two, is not current', async () => {
    await store.save(sliceBars(apple, 0, 3000))
    await store.save(apple)
    const log = join(folder(), 'history.jsonl')
    const [first] = (await readFile(log, 'utf8')).trim().split('\n')
    await writeFile(log, `${first}\n`)
    expect((await store.loadLatest('AAPL'))?.date.length).toBe(3000)
    await store.save(apple)
    expect((await store.loadLatest('AAPL'))?.date.length).toBe(3270)
  })

  test('a store that cannot be written says so', async () => {
    await writeFile(join(root, 'bars'), 'a file where the directory should be')
    await expect(store.save(apple)).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' })
    expect(await readFile(join(root, 'bars'), 'utf8')).toContain('a file')
  })
})

describe('several writers at once', () => {
  test('lose nothing: every snapshot and every line is there', async () => {
    const versions = Array.from({ length: 12 }, (_, i) => sliceBars(apple, 0, 3000 + i))
    await Promise.all(versions.map((bars) => openStore().save(bars)))
    const history = await store.history('AAPL')
    expect(history.map(({ digest }) => digest).sort()).toEqual(
      versions.map(({ digest }) => digest).sort(),
    )
    for (const { digest } of versions)
      expect((await store.load('AAPL', digest)).digest).toBe(digest)
    expect(await readdir(join(root, 'tmp'))).toEqual([])
  })

  test('each is compared with the one that came just before it', async () => {
    await store.save(apple)
    const restate = (row: number) =>
      changed(apple, ({ volume }) => volume.fill((volume[row] as number) * 2, row, row + 1))
    const results = await Promise.all([10, 20, 30].map((row) => openStore().save(restate(row))))
    const rows = results.map(
      ({ findings }) => new Set(findings.flatMap((one) => one.rows.map(({ row }) => row))),
    )
    const order = (await store.history('AAPL')).slice(1).map(({ digest }) => digest)
    order.forEach((digest, i) => {
      const mine = results.findIndex((result) => result.digest === digest)
      const before = results.findIndex((result) => result.digest === order[i - 1])
      expect(rows[mine]).toContain(10 * (mine + 1))
      if (before >= 0) expect(rows[mine]).toContain(10 * (before + 1))
    })
  })
})

describe('what a new series says about the stored one', () => {
  test('days added at the end, or cut off at the beginning, are no finding', async () => {
    expect(await findingsOfSaving(sliceBars(apple, 0, 3000), sliceBars(apple, 100, 3270))).toEqual(
      [],
    )
  })

  test('new dividends and the adjusted close that follows them are no finding', async () => {
    const paid = changed(apple, ({ vendorAdjustedClose = new Float64Array() }) => {
      vendorAdjustedClose.set(vendorAdjustedClose.map((value) => value * 0.99))
    })
    const listed = createBars({ ...paid, columns: paid, dividends: [{ day: 15_000, amount: 1 }] })
    expect(await findingsOfSaving(apple, listed)).toEqual([])
  })

  test('a changed value is a restatement: warned of, by row, and both versions are kept', async () => {
    const corrected = changed(apple, ({ close }) =>
      close.fill((close[730] as number) * 1.01, 730, 731),
    )
    expect(await findingsOfSaving(apple, corrected)).toMatchObject([
      {
        check: 'restated',
        severity: 'warning',
        count: 1,
        rows: [{ row: 730, date: '2003-01-29' }],
        message: expect.stringContaining('stored before (close)'),
      },
    ])
    expect((await store.load('AAPL', apple.digest)).close[730]).toBe(apple.close[730])
    expect((await store.loadLatest('AAPL'))?.digest).toBe(corrected.digest)
  })

  test.each([1 / 7, 1 / 4, 10])(
    'prices times %d throughout are a readjustment, nothing else',
    async (factor) => {
      const findings = await findingsOfSaving(
        sliceBars(apple, 0, 3000),
        scaledPrices(apple, factor),
      )
      expect(findings).toMatchObject([{ check: 'readjusted', severity: 'warning', count: 3000 }])
      expect(findings[0]?.message).toContain(String(Number(factor.toPrecision(6))))
    },
  )

  test('a readjustment that also changes a value shows both', async () => {
    const rescaled = changed(scaledPrices(apple, 1 / 4), ({ high }) =>
      high.fill((high[9] as number) * 1.1, 9, 10),
    )
    const findings = await findingsOfSaving(apple, rescaled)
    expect(findings.map(({ check, count }) => [check, count])).toEqual([
      ['readjusted', 3270],
      ['restated', 1],
    ])
  })

  test('days that are gone from the middle or the end are named', async () => {
    const findings = await findingsOfSaving(apple, sliceBars(apple, 0, 3268))
    expect(findings).toMatchObject([
      { check: 'history-lost', count: 2, rows: [{ date: '2013-02-28' }, { date: '2013-03-01' }] },
    ])
  })

  test('another basis is said, and not compared', async () => {
    const raw = createBars({ ...apple, columns: scaledPrices(apple, 3), basis: 'raw' })
    const findings = await findingsOfSaving(apple, raw)
    expect(findings).toMatchObject([{ check: 'basis-changed', severity: 'warning' }])
  })

  test("another company's prices block, and what was stored stays current", async () => {
    const microsoft = await readSampleBars('MSFT')
    const misnamed = createBars({ ...microsoft, columns: microsoft, symbol: 'AAPL' })
    await store.save(apple)
    await expect(store.save(misnamed)).rejects.toMatchObject({
      code: 'DATA_BLOCKED',
      message: expect.stringMatching(/series-replaced: .*as if they were of another company/),
    })
    expect((await store.loadLatest('AAPL'))?.digest).toBe(apple.digest)
    expect((await readdir(folder())).sort()).toEqual([apple.digest, 'history.jsonl'].sort())
  })

  test('another source of the same company is a restatement of some rows, not another series', async () => {
    const noisy = changed(apple, ({ open, high }) => {
      for (let row = 0; row < open.length; row += 7) open[row] = (open[row] as number) * 1.015
      high[50] = (high[50] as number) * 1.05
    })
    const findings = await findingsOfSaving(apple, noisy)
    expect(findings.map(({ check, severity }) => [check, severity])).toEqual([
      ['restated', 'warning'],
    ])
  })
})
