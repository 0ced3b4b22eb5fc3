/** Files of prices with a planted fault, given to the commands that read them. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  CHECKOUT,
  createWorkplace,
  documentOf,
  filesBelow,
  successOf,
  type Workplace,
} from './cli-process.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

/** Columns of the sample, as in its header. */
const COLUMNS = { date: 0, open: 1, high: 2, low: 3, close: 4, adjClose: 5, volume: 6 } as const
const FAULTY_VENDOR = join(
  CHECKOUT,
  'test/integration/fixtures/market/aapl-wrong-adjusted-close.csv',
)

let workplace: Workplace
let header = ''
let rows: readonly string[] = []
let goodStore: ReadonlyMap<string, string>

beforeAll(async () => {
  workplace = await createWorkplace()
  const sample = await readFile(join(CHECKOUT, 'data/sample/AAPL.csv'), 'utf8')
  const [first = '', ...others] = sample.trimEnd().split('\n')
  header = first
  rows = others
  await workplace.write('good.csv', csv(rows))
  successOf(await workplace.tickerflow(ingest('good.csv')))
  goodStore = await storedBars()
})
afterAll(() => workplace.remove())

const csv = (lines: readonly string[], lineEnd = '\n') => [header, ...lines, ''].join(lineEnd)
/** The day after the last bar, so that nothing is stale. */
const NOW = ['--now', '2013-03-02T12:00:00Z']
const ingest = (file: string) => ['ingest', '--store', 'store', '--csv', file, ...NOW, '--json']
const storedBars = () => filesBelow(workplace.path('store', 'bars'))

/** The sample with the line of a date replaced by others. */
function planted(date: string, replace: (line: string) => readonly string[]): string {
  return csv(rows.flatMap((line) => (line.startsWith(date) ? replace(line) : [line])))
}

/** The sample with one cell changed. */
function plantedCell(date: string, column: keyof typeof COLUMNS, cell: string): string {
  return planted(date, (line) => [line.split(',').with(COLUMNS[column], cell).join(',')])
}

/** The prices before Apple's 2:1 split of 2005-02-28 as they were quoted then. */
function unadjusted(): string {
  return csv(
    rows.map((line) => {
      const [date = '', ...cells] = line.split(',')
      if (date >= '2005-02-28') return line
      return [date, ...cells.map((cell, i) => (i < 5 ? String(2 * Number(cell)) : cell))].join(',')
    }),
  )
}

interface Fault {
  readonly name: string
  readonly content: () => string
  readonly code: 'CSV_UNREADABLE' | 'DATA_BLOCKED'
  /** Place and remedy. */
  readonly words: readonly RegExp[]
}

const FAULTS: readonly Fault[] = [
  {
    name: 'a duplicated date',
    content: () => planted('2010-03-16', (line) => [line, line]),
    code: 'DATA_BLOCKED',
    words: [/duplicate-date/, /faulty\.csv line 2527 \(2010-03-16\)/, /Keep the right one/],
  },
  {
    name: 'a missing session among the latest',
    content: () => planted('2013-02-20', () => []),
    code: 'DATA_BLOCKED',
    words: [/missing-session/, /faulty\.csv line 3264 \(2013-02-20\)/, /Fetch the data again/],
  },
  {
    name: 'an unadjusted split',
    content: unadjusted,
    code: 'DATA_BLOCKED',
    words: [/unadjusted-split/, /faulty\.csv line 1256 \(2005-02-28\)/, /divide by 2|--split/],
  },
  {
    name: 'a zero price',
    content: () => plantedCell('2010-03-16', 'low', '0'),
    code: 'DATA_BLOCKED',
    words: [/positive-price/, /faulty\.csv line 2526 \(2010-03-16\)/, /Correct the row/],
  },
  {
    name: 'a bar on a holiday',
    content: () =>
      planted('2010-07-06', (line) => [line.replace('2010-07-06', '2010-07-05'), line]),
    code: 'DATA_BLOCKED',
    words: [/closed-day/, /faulty\.csv line 2603 \(2010-07-05\)/, /Remove the row/],
  },
  {
    name: 'NaN',
    content: () => plantedCell('2010-03-16', 'close', 'NaN'),
    code: 'DATA_BLOCKED',
    words: [/missing-values/, /close/, /faulty\.csv line 2526 \(2010-03-16\)/, /Fill in/],
  },
  {
    name: '10 rows',
    content: () => csv(rows.slice(-10)),
    code: 'DATA_BLOCKED',
    words: [/too-few-rows/, /Only 10 sessions/, /faulty\.csv line 11 /, /Fetch a longer history/],
  },
  {
    name: 'text in a number column',
    content: () => plantedCell('2010-03-16', 'close', 'n.v.'),
    code: 'CSV_UNREADABLE',
    words: [/faulty\.csv line 2526, column 'Close'/, /'n\.v\.'/, /Correct the cell/],
  },
  {
    name: 'a date that is none',
    content: () => plantedCell('2010-03-16', 'date', '2010-02-30'),
    code: 'CSV_UNREADABLE',
    words: [/faulty\.csv line 2526, column 'Date'/, /'2010-02-30'/, /Correct|Expected|Write/],
  },
  {
    name: 'nothing at all',
    content: () => '',
    code: 'CSV_UNREADABLE',
    words: [/faulty\.csv/, /received an empty file/, /Download or export/],
  },
  {
    name: 'no close column',
    content: () => csv(rows).replace('Close', 'Schluss'),
    code: 'CSV_UNREADABLE',
    words: [/faulty\.csv/, /Close/i],
  },
  {
    name: 'a web page instead of prices',
    content: () => '<!DOCTYPE html>\n<html><title>Just a moment</title></html>\n',
    code: 'CSV_UNREADABLE',
    words: [/faulty\.csv line 1/, /web page/, /download the data again/],
  },
]

async function expectBlocked(file: string, { code, words }: Pick<Fault, 'code' | 'words'>) {
  const outcome = await workplace.tickerflow(ingest(file))
  expect(outcome.exitCode).toBe(3)
  const { error } = documentOf(outcome)
  expect(error.code).toBe(code)
  for (const word of words) expect(error.message).toMatch(word)
  expect(outcome.stderr).toContain(error.message)
  expect(outcome.stderr).not.toContain('    at ')
  expect(await storedBars()).toEqual(goodStore)
}

describe('a fault that blocks: exit code 3, the place, the remedy, the good prices untouched', () => {
  test.each(FAULTS)('$name', async ({ content, code, words }) => {
    await workplace.write('faulty.csv', content())
    await expectBlocked('faulty.csv', { code, words })
  })

  test('a file that is not there', () =>
    expectBlocked('nowhere.csv', {
      code: 'CSV_UNREADABLE',
      words: [/nowhere\.csv/, /Check the path/],
    }))

  test('a directory', async () => {
    await mkdir(workplace.path('prices'))
    await expectBlocked('prices', { code: 'CSV_UNREADABLE', words: [/prices/, /directory/] })
  })

  test('a picture', async () => {
    await workplace.write(
      'faulty.csv',
      Uint8Array.from({ length: 4096 }, (_, i) => (i * 37) % 256),
    )
    await expectBlocked('faulty.csv', { code: 'CSV_UNREADABLE', words: [/faulty\.csv/] })
  })

  test('another symbol under the stored name', async () => {
    const msft = await readFile(join(CHECKOUT, 'data/sample/MSFT.csv'), 'utf8')
    await workplace.write('faulty.csv', msft)
    await expectBlocked('faulty.csv', { code: 'DATA_BLOCKED', words: [/series-replaced/, /AAPL/] })
  })
})

describe('the other commands', () => {
  test('check says what is wrong in its document, exits with 3, and stores nothing', async () => {
    await workplace.write('faulty.csv', plantedCell('2010-03-16', 'low', '0'))
    const args = ['check', '--store', 'store', '--csv', 'faulty.csv', ...NOW]
    const outcome = await workplace.tickerflow([...args, '--json'])
    expect(outcome.exitCode).toBe(3)
    expect(documentOf(outcome)).toMatchObject({ symbol: 'AAPL', blocked: true })
    expect(documentOf(outcome).data.findings[0]).toMatchObject({
      check: 'positive-price',
      severity: 'blocking',
      rows: [{ row: 2524, date: '2010-03-16', line: 2526 }],
      count: 1,
    })
    const words = await workplace.tickerflow(args)
    expect(words.exitCode).toBe(3)
    expect(words.stdout).toMatch(/blocking positive-price: .*faulty\.csv line 2526 \(2010-03-16\)/)
    expect(await storedBars()).toEqual(goodStore)
  })

  test.each(['run', 'backtest', 'train', 'forecast'])('%s stops too', async (command) => {
    await workplace.write(
      'faulty.csv',
      planted('2010-03-16', (line) => [line, line]),
    )
    const config = command === 'forecast' ? [] : ['--config', 'small.json']
    const args = [command, '--store', 'store', '--csv', 'faulty.csv', ...NOW, ...config, '--json']
    const outcome = await workplace.tickerflow(args)
    expect(outcome.exitCode).toBe(3)
    expect(documentOf(outcome).error).toMatchObject({
      code: 'DATA_BLOCKED',
      message: expect.stringMatching(/duplicate-date.*faulty\.csv line 2527/),
    })
    expect(await storedBars()).toEqual(goodStore)
  })

  test('and none of them has recorded a run', async () => {
    const runs = await workplace.tickerflow(['runs', '--store', 'store', '--json'])
    expect(successOf(runs)).toEqual([])
  })

  test('too short a history for a run is told with what it needs', async () => {
    await workplace.write('short.csv', csv(rows.slice(-700)))
    const args = ['run', '--store', 'short', '--csv', 'short.csv', ...NOW, '--json']
    const outcome = await workplace.tickerflow(args)
    expect(outcome.exitCode).toBe(3)
    expect(documentOf(outcome).error).toMatchObject({
      code: 'DATA_INSUFFICIENT',
      message: expect.stringMatching(/700 sessions.*more than 800/),
    })
  })
})

describe('a fault that is only warned of', () => {
  test("the wrong Adj Close of another vendor's file: its four dividends, by line", async () => {
    const now = ['--now', '2018-05-12T12:00:00Z']
    const args = ['check', '--store', 'other', '--csv', FAULTY_VENDOR, ...now, '--json']
    const { blocked, data } = successOf(await workplace.tickerflow(args))
    expect(blocked).toBe(false)
    const [finding] = data.findings.filter(
      ({ check }: { check: string }) => check === 'adjusted-return',
    )
    expect(
      finding.rows.map(({ date, line }: { date: string; line: number }) => [date, line]),
    ).toEqual([
      ['2013-08-08', 63],
      ['2013-11-06', 126],
      ['2014-02-06', 188],
      ['2014-05-08', 251],
    ])
    expect(finding.message).toContain('aapl-wrong-adjusted-close.csv line 63 (2013-08-08)')
    expect(finding.remedy).toMatch(/compare with another source/)
  })

  test('a session missing long ago', async () => {
    await workplace.write(
      'gap.csv',
      planted('2010-03-16', () => []),
    )
    const args = ['ingest', '--store', 'gap', '--csv', 'gap.csv', ...NOW, '--json']
    const { findings, rows: count } = successOf(await workplace.tickerflow(args))
    expect(count).toBe(3269)
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'missing-session',
        severity: 'warning',
        message: expect.stringContaining('gap.csv line 2526 (2010-03-16)'),
      }),
    )
  })

  test('prices that end in the past are stale', async () => {
    const args = ['check', '--store', 'store', '--csv', 'good.csv', '--json']
    const late = await workplace.tickerflow([...args, '--now', '2013-03-20T22:00:00Z'])
    const findings = documentOf(late).data.findings.map(({ check }: { check: string }) => check)
    expect(findings).toContain('stale')
  })

  test('a restated price is kept as a new snapshot beside the old one, and told', async () => {
    await workplace.write('restated.csv', plantedCell('2010-03-16', 'close', '224.40'))
    const before = successOf(
      await workplace.tickerflow([
        'ingest',
        '--store',
        're',
        '--csv',
        'good.csv',
        ...NOW,
        '--json',
      ]),
    )
    const after = successOf(
      await workplace.tickerflow([
        'ingest',
        '--store',
        're',
        '--csv',
        'restated.csv',
        ...NOW,
        '--json',
      ]),
    )
    expect(after.digest).not.toBe(before.digest)
    expect(after.findings).toContainEqual(
      expect.objectContaining({
        check: 'restated',
        severity: 'warning',
        rows: [expect.objectContaining({ date: '2010-03-16' })],
      }),
    )
    const files = [...(await filesBelow(workplace.path('re', 'bars', 'aapl'))).keys()]
    expect(files).toEqual(expect.arrayContaining([before.digest, after.digest]))
  })
})

describe('what is no fault', () => {
  const ingestInto = async (store: string, content: string) => {
    await workplace.write('form.csv', content)
    const args = ['ingest', '--store', store, '--csv', 'form.csv', ...NOW, '--json']
    return successOf(await workplace.tickerflow(args))
  }

  test('a byte order mark, CRLF and thousands separators: the same bars to the bit', async () => {
    const grouped = rows.map((line) => {
      const cells = line.split(',')
      const volume = Number(cells[COLUMNS.volume]).toLocaleString('en-US')
      return cells.with(COLUMNS.volume, `"${volume}"`).join(',')
    })
    const { digest } = await ingestInto('form', `\uFEFF${csv(grouped, '\r\n')}`)
    const { digest: plain } = await ingestInto('plain', csv(rows))
    expect(digest).toBe(plain)
  })

  test('the newest row first, as some vendors export', async () => {
    const { digest } = await ingestInto('newest', csv(rows.toReversed()))
    const { digest: plain } = await ingestInto('plain', csv(rows))
    expect(digest).toBe(plain)
  })

  test('an unadjusted split that --split adjusts', async () => {
    await workplace.write('raw.csv', unadjusted())
    const args = ['ingest', '--store', 'raw', '--csv', 'raw.csv', ...NOW, '--json']
    const { rows: count } = successOf(
      await workplace.tickerflow([...args, '--split', '2005-02-28:2']),
    )
    expect(count).toBe(3270)
  })

  test('a blocking finding that --accept says is right', async () => {
    const content = planted('2010-07-02', (line) => [
      line,
      line.replace('2010-07-02', '2010-07-03'),
    ])
    await workplace.write('special.csv', content)
    const args = ['ingest', '--store', 'special', '--csv', 'special.csv', ...NOW, '--json']
    const { findings } = successOf(
      await workplace.tickerflow([...args, '--accept', 'closed-day:2010-07-03']),
    )
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'closed-day', severity: 'warning' }),
    )
  })
})
