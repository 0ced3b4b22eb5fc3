import { beforeAll, describe, expect, test } from 'vitest'
import { copyColumns } from './bar-codec.ts'
import type { BarColumns, Bars } from './bars.ts'
import { createCalendar } from './calendar.ts'
import { type BarsInput, createBars, sliceBars } from './create-bars.ts'
import type { Finding } from './finding.ts'
import { readSampleBars, SAMPLE_SYMBOLS } from './providers/sample.ts'
import type { CheckBarsOptions } from './quality/check-context.ts'
import { assertNotBlocked, checkBars } from './quality.ts'
import { adjustForSplits } from './split-adjustment.ts'
import { parseIsoDate } from './trading-date.ts'

const nyse = createCalendar('nyse')
const day = (date: string) => parseIsoDate(date) as number
const historical: CheckBarsOptions = { calendar: nyse, now: 0, historical: true }

/** Apple 2009 to 2013: 1,046 real sessions in which the checks find nothing. */
let clean: Bars
beforeAll(async () => {
  const apple = await readSampleBars('AAPL')
  const from = apple.date.findIndex((at) => at >= day('2009-01-02'))
  const to = apple.date.length
  const flashCrash = apple.date.indexOf(day('2010-05-06'))
  const columns = copyColumns(apple, from, to)
  columns.low[flashCrash - from] = apple.close[flashCrash] as number
  clean = createBars({ ...apple, columns, splits: [] })
})

const check = (bars: Bars, options: Partial<CheckBarsOptions> = {}) =>
  checkBars(bars, { ...historical, ...options })

function changed(change: (columns: BarColumns) => void, input: Partial<BarsInput> = {}): Bars {
  const columns = copyColumns(clean, 0, clean.date.length)
  change(columns)
  return createBars({ ...clean, columns, ...input })
}

/** The rows in an order of one's own: dropped, doubled or moved. */
function withRows(rows: readonly number[]): Bars {
  const pick = (column: Float64Array) => Float64Array.from(rows, (row) => column[row] as number)
  const { open, high, low, close, volume } = clean
  const columns: BarColumns = {
    date: Int32Array.from(rows, (row) => clean.date[row] as number),
    open: pick(open),
    high: pick(high),
    low: pick(low),
    close: pick(close),
    volume: pick(volume),
  }
  return createBars({ ...clean, columns })
}

const allRows = () => Array.from(clean.date.keys())
const summary = (findings: readonly Finding[]) =>
  findings.map(({ check: name, severity, rows }) => [name, severity, rows.map(({ date }) => date)])

describe('real series', () => {
  test('a series without fault has no finding', () => {
    expect(check(clean)).toEqual([])
  })

  test.each(SAMPLE_SYMBOLS)('nothing in the sample of %s blocks', async (symbol) => {
    const findings = check(await readSampleBars(symbol))
    expect(findings.filter(({ severity }) => severity === 'blocking')).toEqual([])
    expect(findings.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(4)
    expect(findings.map(({ check: name }) => name)).not.toContain('adjusted-return')
  })

  test("Apple's fall by half is a step, not a split; the repeated bar of its source is found", async () => {
    expect(summary(check(await readSampleBars('AAPL')))).toEqual([
      ['repeated-bar', 'warning', ['2003-01-29']],
      ['price-step', 'warning', ['2000-09-29']],
      ['anomaly', 'warning', ['2000-09-29', '2010-05-06']],
    ])
  })

  test('as traded, with its splits unknown, each split blocks and is named', async () => {
    const apple = await readSampleBars('AAPL')
    const undo = apple.splits.map((split) => ({ ...split, ratio: 1 / split.ratio }))
    const raw = createBars({ ...apple, columns: adjustForSplits(apple, undo), splits: [] })
    const [finding] = check(raw)
    expect(summary(finding === undefined ? [] : [finding])).toEqual([
      ['unadjusted-split', 'blocking', ['2000-06-21', '2005-02-28']],
    ])
    expect(finding?.message).toContain('2:1 on 2000-06-21, 2:1 on 2005-02-28')
    expect(finding?.remedy).toContain('--split 2000-06-21:2 --split 2005-02-28:2')
  })

  test('as traded, with its splits listed, nothing blocks', async () => {
    const apple = await readSampleBars('AAPL')
    const undo = apple.splits.map((split) => ({ ...split, ratio: 1 / split.ratio }))
    const raw = createBars({ ...apple, basis: 'raw', columns: adjustForSplits(apple, undo) })
    expect(check(raw).filter(({ severity }) => severity === 'blocking')).toEqual([])
  })
})

describe('values', () => {
  test.each<[string, string, (columns: BarColumns) => void]>([
    ['missing-values', 'a blank price', ({ close }) => close.fill(Number.NaN, 100, 101)],
    ['missing-values', 'an infinite volume', ({ volume }) => volume.fill(Infinity, 100, 101)],
    ['positive-price', 'a zero price', ({ low }) => low.fill(0, 100, 101)],
    ['positive-price', 'a negative price', ({ low }) => low.fill(-1, 100, 101)],
    [
      'price-order',
      'a close above the high',
      ({ close, high }) => close.fill((high[100] as number) + 1, 100, 101),
    ],
    [
      'price-order',
      'an open below the low',
      ({ open, low }) => open.fill((low[100] as number) - 1, 100, 101),
    ],
    ['negative-volume', 'a negative volume', ({ volume }) => volume.fill(-5, 100, 101)],
  ])('%s blocks: %s', (name, _, change) => {
    const found = check(changed(change)).find((finding) => finding.check === name)
    expect(found).toMatchObject({ severity: 'blocking', count: 1, rows: [{ row: 100 }] })
    expect(found?.remedy).not.toBe('')
  })

  test('rounding in the last place is no disorder', () => {
    const bars = changed(({ high, close }) =>
      close.fill((high[100] as number) * (1 + 1e-8), 100, 101),
    )
    expect(check(bars)).toEqual([])
  })

  test('the message shows the first values', () => {
    const bars = changed(({ open, high, low, close }) => {
      open[7] = 12
      high[7] = 11
      low[7] = 10
      close[7] = 10.5
    })
    expect(check(bars)[0]?.message).toContain('open 12, high 11, low 10, close 10.5')
  })

  test('a session without volume is warned of', () => {
    const findings = check(changed(({ volume }) => volume.fill(0, 9, 10)))
    expect(summary(findings)).toEqual([['zero-volume', 'warning', ['2009-01-15']]])
  })

  test('more rows than are shown are counted', () => {
    const [finding] = check(changed(({ volume }) => volume.fill(-1, 0, 50)))
    expect(finding?.rows.length).toBe(20)
    expect(finding?.count).toBe(50)
    expect(finding?.message).toMatch(/AAPL row 0 \(2009-01-02\), row 1 .* and 47 more\.$/)
  })
})

describe('the number of rows', () => {
  test('too few block, few are warned of', () => {
    const last = clean.date.length
    const few = (count: number) => check(sliceBars(clean, last - count, last))
    expect(few(10)).toMatchObject([{ check: 'too-few-rows', severity: 'blocking', count: 1 }])
    expect(few(10)[0]?.message).toContain('Only 10 sessions; at least 500 are needed')
    expect(few(999)).toMatchObject([{ check: 'too-few-rows', severity: 'warning' }])
    expect(few(1000)).toEqual([])
    expect(few(0)).toMatchObject([{ check: 'too-few-rows', severity: 'blocking', count: 0 }])
  })

  test('the limits can be moved', () => {
    const short = sliceBars(clean, 0, 10)
    expect(check(short, { limits: { minimumRows: 5, advisedRows: 10 } })).toEqual([])
  })
})

describe('dates', () => {
  test('a duplicated date blocks', () => {
    const rows = allRows()
    rows.splice(101, 0, 100)
    const found = check(withRows(rows)).find((finding) => finding.check === 'duplicate-date')
    expect(found).toMatchObject({
      severity: 'blocking',
      count: 1,
      rows: [{ row: 101, date: '2009-05-28' }],
    })
  })

  test('a row out of order blocks, wherever its date is', () => {
    const rows = allRows()
    rows.splice(200, 0, ...rows.splice(100, 1))
    const found = check(withRows(rows)).find((finding) => finding.check === 'date-order')
    expect(found).toMatchObject({ severity: 'blocking', count: 1, rows: [{ row: 200 }] })
    expect(check(withRows(rows)).map((finding) => finding.check)).not.toContain('missing-session')
  })

  test('a bar on a holiday or a weekend blocks', () => {
    const friday = clean.date.indexOf(day('2010-07-02'))
    const moved = changed(({ date }) => date.fill(day('2010-07-05'), friday + 1, friday + 2))
    const found = check(moved).find((finding) => finding.check === 'closed-day')
    expect(found).toMatchObject({ severity: 'blocking', count: 1, rows: [{ date: '2010-07-05' }] })
    expect(found?.remedy).toContain('--calendar weekdays')
    const weekdays = check(moved, { calendar: createCalendar('weekdays') })
    expect(weekdays.map((finding) => finding.check)).not.toContain('closed-day')
  })

  test('days that the calendar does not know are not judged, and that is said', () => {
    const old = changed(({ date }) => date.set(date.map((at) => at - 15_000)))
    const names = check(old).map((finding) => finding.check)
    expect(names).toContain('calendar-coverage')
    expect(names).not.toContain('closed-day')
  })
})

describe('missing sessions', () => {
  const without = (from: number, to = from + 1) =>
    withRows(allRows().filter((row) => row < from || row >= to))
  const severities = (bars: Bars) =>
    check(bars)
      .filter((one) => one.check === 'missing-session')
      .map((one) => one.severity)

  test('one long ago is warned of, by date and place', () => {
    expect(check(without(100))).toMatchObject([
      {
        check: 'missing-session',
        severity: 'warning',
        count: 1,
        rows: [{ row: 100, date: '2009-05-28' }],
      },
    ])
  })

  test('a recent one, a long gap and many gaps block', () => {
    const last = clean.date.length - 1
    expect(severities(without(last - 3))).toEqual(['blocking'])
    expect(severities(without(last - 30))).toEqual(['warning'])
    expect(severities(without(100, 105))).toEqual(['warning'])
    expect(severities(without(100, 106))).toEqual(['blocking'])
    expect(severities(withRows(allRows().filter((row) => row % 50 !== 7)))).toEqual(['blocking'])
  })

  test('the calendar of the data never misses one', () => {
    const bars = without(100)
    expect(check(bars, { calendar: createCalendar('data', bars) })).toEqual([])
  })
})

describe('today', () => {
  const afterClose = Date.parse('2013-03-01T21:00:00Z')
  const current = (now: number | string, bars = clean) =>
    check(bars, { historical: false, now: typeof now === 'string' ? Date.parse(now) : now })

  test('a series up to the last close is neither stale nor early', () => {
    expect(current(afterClose)).toEqual([])
    expect(current('2013-03-04T20:00:00Z')).toEqual([])
  })

  test('a bar of the running session blocks', () => {
    expect(summary(current(afterClose - 1))).toEqual([
      ['incomplete-session', 'blocking', ['2013-03-01']],
    ])
  })

  test('an old last bar is warned of, with how old', () => {
    const findings = current('2013-03-08T22:00:00Z')
    expect(summary(findings)).toEqual([['stale', 'warning', ['2013-03-01']]])
    expect(findings[0]?.message).toContain(
      '5 sessions older than the last complete one, 2013-03-08',
    )
  })

  test('a historical series is neither', () => {
    expect(check(clean, { now: Date.parse('2030-01-01') })).toEqual([])
  })
})

describe('steps', () => {
  /** Multiplies the prices, and perhaps the volumes, of all rows from `row` on. */
  const scaled = (row: number, price: number, volume = 1) =>
    changed((columns) => {
      for (const column of [columns.open, columns.high, columns.low, columns.close]) {
        for (let i = row; i < column.length; i++) column[i] = (column[i] as number) * price
      }
      for (let i = row; i < columns.volume.length; i++) {
        columns.volume[i] = (columns.volume[i] as number) * volume
      }
    })
  const splitText = (bars: Bars) =>
    check(bars).find((finding) => finding.check === 'unadjusted-split')?.message

  test.each([
    [1 / 2, 1, '2:1'],
    [1 / 2, 2, '2:1'],
    [2 / 3, 1.5, '3:2'],
    [1 / 7, 7, '7:1'],
    [1 / 20, 20, '20:1'],
    [10, 1, '1:10'],
    [10, 1 / 10, '1:10'],
    [8, 1, '1:8'],
  ])('prices times %d with volumes times %d look like a split of %s', (price, volume, text) => {
    expect(splitText(scaled(500, price, volume))).toContain(`(${text} on 2010-12-28)`)
  })

  test('the same fall on twenty times the volume is a step', () => {
    expect(splitText(scaled(500, 0.48))).toContain('2:1')
    const bars = scaled(500, 0.48)
    const columns = copyColumns(bars, 0, bars.date.length)
    columns.volume[500] = (columns.volume[500] as number) * 20
    const findings = check(createBars({ ...bars, columns }))
    expect(summary(findings)).toContainEqual(['price-step', 'warning', ['2010-12-28']])
    expect(findings.map((finding) => finding.check)).not.toContain('unadjusted-split')
  })

  test('a listed split of an unusual ratio that was not applied blocks', () => {
    const split = { day: clean.date[500] as number, ratio: 1.7 }
    expect(splitText(scaled(500, 1 / 1.7))).toBeUndefined()
    const listed = createBars({
      ...scaled(500, 1 / 1.7),
      columns: scaled(500, 1 / 1.7),
      splits: [split],
    })
    expect(splitText(listed)).toContain('1.7:1 on 2010-12-28')
  })

  test('a move that a person has accepted only warns', () => {
    const accepted = [{ check: 'unadjusted-split', day: day('2010-12-28') }] as const
    const [finding] = check(scaled(500, 1 / 2), { accepted }).filter(
      (one) => one.check === 'unadjusted-split',
    )
    expect(finding?.severity).toBe('warning')
    const other = [{ check: 'unadjusted-split', day: day('2010-12-29') }] as const
    expect(check(scaled(500, 1 / 2), { accepted: other })[0]?.severity).toBe('blocking')
  })

  test('a volume in other units from some day on is warned of, one busy day is not', () => {
    const findings = check(scaled(500, 1, 100))
    expect(summary(findings)).toEqual([['volume-level', 'warning', ['2010-12-28']]])

    expect(
      check(changed(({ volume }) => volume.fill((volume[500] as number) * 30, 500, 501))),
    ).toEqual([])
  })
})

describe('returns', () => {
  test("a false jump of the vendor's adjusted close is warned of", () => {
    const bars = changed(({ vendorAdjustedClose: adjusted = new Float64Array() }) => {
      for (let i = 0; i < 500; i++) adjusted[i] = (adjusted[i] as number) * 0.96
    })
    const findings = check(bars)
    expect(summary(findings)).toEqual([['adjusted-return', 'warning', ['2010-12-28']]])
    expect(findings[0]?.message).toMatch(/4\.\d % on 2010-12-28/)
  })

  test('a listed special dividend explains one, and its absence does not', async () => {
    const microsoft = await readSampleBars('MSFT')
    expect(check(microsoft).map((finding) => finding.check)).not.toContain('adjusted-return')
    const unlisted = createBars({ ...microsoft, columns: microsoft, dividends: [] })
    expect(summary(check(unlisted))).toContainEqual(['adjusted-return', 'warning', ['2004-11-15']])
  })

  test('a misprinted price is an anomaly', () => {
    const bars = changed(({ high }) => high.fill(2 * (high[500] as number), 500, 501))
    expect(summary(check(bars))).toEqual([['anomaly', 'warning', ['2010-12-28']]])
  })

  test('a feed that stands still is warned of', () => {
    const rows = allRows()
    const { date } = clean
    rows[301] = 300
    const still = withRows(rows)
    const bars = createBars({ ...still, columns: { ...still, date } })
    expect(summary(check(bars))).toEqual([['repeated-bar', 'warning', ['2010-03-16']]])
  })
})

describe('findings', () => {
  test('name the line of the file when there is one', () => {
    const origin = { file: 'prices.csv', lines: clean.date.map((_, row) => row + 2) }
    const bars = changed(({ volume }) => volume.fill(-1, 100, 101))
    expect(check(bars, { origin })[0]).toMatchObject({
      message: 'The volume is negative: prices.csv line 102 (2009-05-28).',
      rows: [{ row: 100, date: '2009-05-28', line: 102 }],
    })
    const gap = withRows(allRows().filter((row) => row !== 100))
    expect(check(gap, { origin })[0]?.message).toContain('prices.csv line 102 (2009-05-28)')
  })

  test('blocking ones come first and stop the work; warnings do not', () => {
    const bars = changed(({ volume }) => volume.fill(0, 9, 10).fill(-1, 100, 101))
    const findings = check(bars)
    expect(findings.map(({ severity }) => severity)).toEqual(['blocking', 'warning'])
    expect(() => assertNotBlocked(bars, findings)).toThrow(
      expect.objectContaining({
        code: 'DATA_BLOCKED',
        message: expect.stringMatching(
          /AAPL from sample fail 1 .*\n- negative-volume: .*2009-05-28/,
        ),
      }),
    )
    expect(() => assertNotBlocked(bars, findings.slice(1))).not.toThrow()
  })

  test('change nothing in the bars', () => {
    const before = clean.digest
    check(clean)
    expect(createBars({ ...clean, columns: clean }).digest).toBe(before)
  })
})
