/** Every way in which a file of prices is known to go wrong, planted into real prices and found. */

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { type BarStore, createBarStore } from '../../src/market/bar-store.ts'
import { createCalendar } from '../../src/market/calendar.ts'
import type { Finding } from '../../src/market/finding.ts'
import { readCsvBars } from '../../src/market/providers/csv-file.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import { assertNotBlocked, checkBars } from '../../src/market/quality.ts'

const SAMPLE = new URL('../../data/sample/AAPL.csv', import.meta.url)
const FAULTY_VENDOR = new URL('./fixtures/market/aapl-wrong-adjusted-close.csv', import.meta.url)

let root = ''
let store: BarStore
let lines: readonly string[] = []
let digest = ''

beforeAll(async () => {
  lines = (await readFile(SAMPLE, 'utf8')).trimEnd().split('\n')
  digest = (await readSampleBars('AAPL')).digest
})
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tickerflow-faults-'))
  const directory = join(root, 'store')
  store = createBarStore({ directory, temporaryDirectory: directory, clock: () => 0 })
  await store.save(await readSampleBars('AAPL'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

/** Reads, checks and saves a file as `tickerflow ingest --csv` does. */
async function ingest(path: string): Promise<readonly Finding[]> {
  const { bars, origin, findings } = await readCsvBars(path, { symbol: 'AAPL' })
  const calendar = createCalendar('nyse')
  const checked = [...findings, ...checkBars(bars, { calendar, now: 0, historical: true, origin })]
  assertNotBlocked(bars, checked)
  await store.save(bars)
  return checked
}

async function ingestText(text: string | Uint8Array): Promise<readonly Finding[]> {
  const path = join(root, 'planted.csv')
  await writeFile(path, text)
  return await ingest(path)
}

const text = (rows: readonly string[]) => `${rows.join('\n')}\n`
const lineOf = (date: string) => lines.findIndex((line) => line.startsWith(date)) + 1

/** The sample with the line of a date replaced by others. */
function planted(date: string, replace: (line: string) => readonly string[]): string {
  const at = lineOf(date) - 1
  return text([...lines.slice(0, at), ...replace(lines[at] as string), ...lines.slice(at + 1)])
}

/** The sample with one cell of a date changed; columns as in the header. */
function plantedCell(date: string, column: number, cell: string): string {
  return planted(date, (line) => [
    line
      .split(',')
      .map((old, i) => (i === column ? cell : old))
      .join(','),
  ])
}

async function expectStoreUntouched(): Promise<void> {
  expect((await store.loadLatest('AAPL'))?.digest).toBe(digest)
  expect((await store.history('AAPL')).length).toBe(1)
  expect((await readdir(join(root, 'store', 'aapl'))).sort()).toEqual(
    [digest, 'history.jsonl'].sort(),
  )
}

describe('faults that stop the ingest', () => {
  test.each<[string, () => string, RegExp]>([
    [
      'a duplicated date',
      () => planted('2010-03-16', (line) => [line, line]),
      /duplicate-date: .*planted\.csv line 2527 \(2010-03-16\)\. Keep the right one/,
    ],
    [
      'a session missing close to the end',
      () => planted('2013-02-20', () => []),
      /missing-session: .*planted\.csv line 3264 \(2013-02-20\)\. Fetch the data again/,
    ],
    [
      'an unadjusted split',
      () =>
        text(
          lines.map((line) => {
            const [date = '', ...cells] = line.split(',')
            if (!(date < '2005-02-28')) return line
            const prices = cells.slice(0, 4).map((cell) => String(2 * Number(cell)))
            return [date, ...prices, ...cells.slice(4)].join(',')
          }),
        ),
      /unadjusted-split: .*2:1 on 2005-02-28.*planted\.csv line 1256 \(2005-02-28\)\..*--split 2005-02-28:2/,
    ],
    [
      'a zero price',
      () => plantedCell('2010-03-16', 3, '0'),
      /positive-price: .*planted\.csv line 2526 \(2010-03-16\)\. Correct the row/,
    ],
    [
      'a bar on a holiday',
      () => planted('2010-07-06', (line) => [line.replace('2010-07-06', '2010-07-05'), line]),
      /closed-day: .*planted\.csv line 2603 \(2010-07-05\)\. Remove the row/,
    ],
    [
      'NaN',
      () => plantedCell('2010-03-16', 4, 'NaN'),
      /missing-values: .*first in close.*planted\.csv line 2526 \(2010-03-16\)\. Fill in/,
    ],
    [
      'a high below the low',
      () => plantedCell('2010-03-16', 2, '1'),
      /price-order: .*planted\.csv line 2526 \(2010-03-16\)\. Correct the row/,
    ],
    [
      'a file of 10 rows',
      () => text(lines.slice(0, 11)),
      /too-few-rows: Only 10 sessions; at least 500 .*planted\.csv line 11 .*Fetch a longer history/,
    ],
  ])('%s is named with file, line and remedy', async (_, plant, message) => {
    await expect(ingestText(plant())).rejects.toMatchObject({
      code: 'DATA_BLOCKED',
      message: expect.stringMatching(message),
    })
    await expectStoreUntouched()
  })

  test.each<[string, () => string, RegExp]>([
    [
      'text in a number column',
      () => plantedCell('2010-03-16', 4, 'n.v.'),
      /planted\.csv line 2526, column 'Close': received 'n\.v\.', expected a number.*Correct the cell/,
    ],
    ['an empty file', () => '', /planted\.csv: received an empty file.*Download or export/],
    ['a web page', () => '<html>Just a moment</html>', /planted\.csv line 1: received a web page/],
    [
      'thousands separators without quotation marks',
      () => plantedCell('2010-03-16', 6, '1,000,000'),
      /planted\.csv line 2526: received 9 cells, expected 7.*quotation marks/,
    ],
  ])('%s cannot be read, and the message says where and why', async (_, plant, message) => {
    await expect(ingestText(plant())).rejects.toMatchObject({
      code: 'CSV_UNREADABLE',
      message: expect.stringMatching(message),
    })
    await expectStoreUntouched()
  })

  test('a file that is not there', async () => {
    await expect(ingest(join(root, 'nowhere.csv'))).rejects.toMatchObject({
      code: 'CSV_UNREADABLE',
      message: expect.stringMatching(/nowhere\.csv.*Check the path/),
    })
  })
})

describe('faults that are warned of', () => {
  test("the wrong Adj Close of another vendor's file: four dividends, by line", async () => {
    const path = fileURLToPath(FAULTY_VENDOR)
    const { bars, origin } = await readCsvBars(path, { symbol: 'AAPL' })
    const calendar = createCalendar('nyse')
    const findings = checkBars(bars, { calendar, now: 0, historical: true, origin })
    expect(findings).toMatchObject([
      {
        check: 'adjusted-return',
        severity: 'warning',
        count: 4,
        rows: [
          { date: '2013-08-08', line: 63 },
          { date: '2013-11-06', line: 126 },
          { date: '2014-02-06', line: 188 },
          { date: '2014-05-08', line: 251 },
        ],
        message: expect.stringMatching(/aapl-wrong-adjusted-close\.csv line 63 \(2013-08-08\)/),
        remedy: expect.stringMatching(/compare with another source/),
      },
    ])
  })

  test('a session missing long ago', async () => {
    const findings = await ingestText(planted('2010-03-16', () => []))
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'missing-session',
        severity: 'warning',
        rows: [{ row: 2524, date: '2010-03-16', line: 2526 }],
        remedy: expect.stringContaining('Fetch the data again'),
      }),
    )
  })

  test('a row of nulls is left out, and then missing', async () => {
    const findings = await ingestText(
      planted('2010-03-16', () => ['2010-03-16,null,null,null,null,null,null']),
    )
    expect(findings.map(({ check, rows }) => [check, rows[0]?.date])).toEqual(
      expect.arrayContaining([
        ['null-rows', '2010-03-16'],
        ['missing-session', '2010-03-16'],
      ]),
    )
  })
})

describe('what is no fault', () => {
  test('a byte order mark, CRLF and thousands separators give the same bars', async () => {
    const quoted = lines.map((line, i) =>
      i === 0
        ? line
        : line.replace(/\d+$/, (volume) => `"${Number(volume).toLocaleString('en-US')}"`),
    )
    await ingestText(new TextEncoder().encode(`\uFEFF${quoted.join('\r\n')}\r\n`))
    const current = await store.loadLatest('AAPL')
    const sample = await readSampleBars('AAPL')
    const { date, open, high, low, close, volume, vendorAdjustedClose } = sample
    expect(current).toMatchObject({ date, open, high, low, close, volume, vendorAdjustedClose })
    expect(current?.source).toBe('csv:planted.csv')
  })

  test('the sample itself, newest row first', async () => {
    const [header = '', ...rows] = lines
    const findings = await ingestText(text([header, ...rows.toReversed()]))
    expect(findings.map(({ severity }) => severity)).not.toContain('blocking')
    expect((await store.loadLatest('AAPL'))?.close).toEqual((await readSampleBars('AAPL')).close)
  })
})
