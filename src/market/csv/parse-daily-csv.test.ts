import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { formatDay } from '../trading-date.ts'
import { parseDailyCsv } from './parse-daily-csv.ts'

const file = 'prices.csv'
const read = (text: string | Uint8Array) => parseDailyCsv(text, { file })
const lines = (...rows: string[]) => `${rows.join('\n')}\n`
const dates = (text: string) => [...read(text).columns.date].map(formatDay)

const YAHOO = lines(
  'Date,Open,High,Low,Close,Adj Close,Volume',
  '2013-05-13,64.501427,65.414284,64.5,64.96286,50.961628,79237200',
  '2013-05-14,64.835716,65.028572,63.164288,63.408573,49.742329,111779500',
)

describe('the header lines of the usual sources', () => {
  test('Yahoo', () => {
    const { dialect, columns, origin, wasNewestFirst, findings } = read(YAHOO)
    expect(dialect).toBe('yahoo')
    expect([...columns.close]).toEqual([64.96286, 63.408573])
    expect([...(columns.vendorAdjustedClose ?? [])]).toEqual([50.961628, 49.742329])
    expect([...columns.volume]).toEqual([79237200, 111779500])
    expect([...origin.lines]).toEqual([2, 3])
    expect(wasNewestFirst).toBe(false)
    expect(findings).toEqual([])
  })

  test('Stooq, also with its brackets', () => {
    expect(
      read(lines('Date,Open,High,Low,Close,Volume', '2013-05-13,1,2,0.5,1.5,100')).dialect,
    ).toBe('stooq')
    const bracketed = lines(
      '<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>',
      'AAPL.US,D,20130513,000000,1,2,0.5,1.5,100,0',
    )
    expect(read(bracketed).columns.close[0]).toBe(1.5)
    expect(dates(bracketed)).toEqual(['2013-05-13'])
  })

  test('Investing.com: quoted, newest first, thousands separators, volumes with a letter', () => {
    const text = lines(
      '"Date","Price","Open","High","Low","Vol.","Change %"',
      '"11/20/2026","1,234.56","1,230.00","1,240.10","1,229.99","12.3M","0.37%"',
      '"11/19/2026","1,230.01","1,228.00","1,231.00","1,220.50","980.5K","-0.10%"',
    )
    const { dialect, columns, wasNewestFirst, origin } = read(text)
    expect(dialect).toBe('investing')
    expect(wasNewestFirst).toBe(true)
    expect(dates(text)).toEqual(['2026-11-19', '2026-11-20'])
    expect([...columns.close]).toEqual([1230.01, 1234.56])
    expect([...columns.volume]).toEqual([980_500, 12_300_000])
    expect([...origin.lines]).toEqual([3, 2])
  })

  test('Investing.com with month names', () => {
    const text = lines(
      'Date,Price,Open,High,Low,Vol.,Change %',
      '"Nov 20, 2026",64.5,64,65,63,12.3M,0.1%',
      '"Nov 19, 2026",64.1,64,65,63,1.02B,0.1%',
    )
    expect(dates(text)).toEqual(['2026-11-19', '2026-11-20'])
    expect(read(text).columns.volume[0]).toBe(1_020_000_000)
  })

  test('Nasdaq: dollar signs, Close/Last', () => {
    const text = lines(
      'Date,Close/Last,Volume,Open,High,Low',
      '03/01/2013,$61.50,138112,$62.57,$62.60,$61.43',
    )
    expect(read(text).dialect).toBe('nasdaq')
    expect(read(text).columns.open[0]).toBe(62.57)
    expect(dates(text)).toEqual(['2013-03-01'])
  })

  test('any other order, case, delimiter and names; further columns are ignored', () => {
    const text = lines('C;TIMESTAMP;o;H;l;V;trades', '1.5;2013-05-13T00:00:00Z;1;2;0.5;100;7')
    const { dialect, columns } = read(text)
    expect(dialect).toBe('generic')
    expect([columns.open[0], columns.high[0], columns.low[0], columns.close[0]]).toEqual([
      1, 2, 0.5, 1.5,
    ])
    expect(read(text.replaceAll(';', '\t')).columns.close[0]).toBe(1.5)
  })

  test('a decimal comma in a semicolon file', () => {
    const text = lines(
      'Date;Open;High;Low;Close;Volume',
      '13.05.2013;1.064,50;1.065,41;1.064,00;1.064,96;79.237.200',
    )
    const { columns } = read(text)
    expect(columns.close[0]).toBe(1064.96)
    expect(columns.volume[0]).toBe(79237200)
    expect(dates(text)).toEqual(['2013-05-13'])
  })
})

describe('what spreadsheets do to a file', () => {
  test('a byte order mark, CRLF line ends and thousands separators change nothing', () => {
    const plain = read(YAHOO)
    const marked = `\uFEFF${YAHOO.replace('79237200', '"79,237,200"').replaceAll('\n', '\r\n')}`
    const fromBytes = read(new TextEncoder().encode(marked))
    expect(fromBytes.columns).toEqual(plain.columns)
    expect(fromBytes.origin).toEqual(plain.origin)
    expect(read(marked).columns).toEqual(plain.columns)
  })

  test('UTF-16 and old Mac line ends are read', () => {
    const utf16 = new Uint8Array(Buffer.from(`\uFEFF${YAHOO}`, 'utf16le'))
    expect(read(utf16).columns).toEqual(read(YAHOO).columns)
    expect(read(YAHOO.replaceAll('\n', '\r')).columns).toEqual(read(YAHOO).columns)
  })

  test('blank lines and trailing delimiters are skipped, and lines still counted right', () => {
    const text = lines(
      '',
      'Date,Open,High,Low,Close,Volume',
      '',
      '2013-05-13,1,2,0.5,1.5,100,,',
      '   ',
      '2013-05-14,1,2,0.5,1.6,100',
      '',
    )
    expect([...read(text).origin.lines]).toEqual([4, 6])
  })

  test('a file without a final line end loses nothing', () => {
    expect(read(YAHOO.trimEnd()).columns.date.length).toBe(2)
  })
})

describe('blank prices', () => {
  test('a row without any price is left out with a warning that names its line', () => {
    const text = lines(
      'Date,Open,High,Low,Close,Adj Close,Volume',
      '2013-05-13,1,2,0.5,1.5,1.5,100',
      '2013-05-14,null,null,null,null,null,null',
      '2013-05-15,1,2,0.5,1.5,1.5,100',
    )
    const { columns, origin, findings } = read(text)
    expect(columns.date.length).toBe(2)
    expect([...origin.lines]).toEqual([2, 4])
    expect(findings).toMatchObject([
      {
        check: 'null-rows',
        severity: 'warning',
        count: 1,
        rows: [{ row: 1, date: '2013-05-14', line: 3 }],
      },
    ])
    expect(findings[0]?.message).toContain('prices.csv line 3 (2013-05-14)')
  })

  test('a single blank or NaN stays, as NaN, for the checks to find', () => {
    const text = lines('Date,Open,High,Low,Close,Volume', '2013-05-13,1,NaN,0.5,,100')
    const { columns, findings } = read(text)
    expect(columns.high[0]).toBeNaN()
    expect(columns.close[0]).toBeNaN()
    expect(findings).toEqual([])
  })
})

describe('files that cannot be read', () => {
  const header = 'Date,Open,High,Low,Close,Volume'
  test.each([
    ['an empty file', '', /prices\.csv: received an empty file.*Download/],
    ['only white space', ' \n\n', /an empty file/],
    ['only a header', lines(header), /no row of prices.*after the header in line 1/],
    ['a web page', '<!DOCTYPE html><html><body>verify', /line 1: received a web page/],
    ['JSON', '{"chart":{"result":null}}', /received JSON/],
    [
      'a missing column',
      lines('Date,Open,High,Low,Volume', '2013-05-13,1,2,1,9'),
      /also the column 'close'/,
    ],
    [
      'two columns of one name',
      lines(`${header},close`, '2013-05-13,1,2,1,1,9,1'),
      /two columns named 'close'/,
    ],
    ['no header', lines('2013-05-13,1,2,1,1.5,100'), /first line must name the columns/],
    [
      'text in a number column',
      lines(header, '2013-05-13,1,2,1,1,9', '2013-05-14,1,2,abc,1,9'),
      /prices\.csv line 3, column 'Low': received 'abc', expected a number.*Correct the cell/,
    ],
    [
      'a date that does not exist',
      lines(header, '2013-05-13,1,2,1,1,9', '2013-02-30,1,2,1,1,9'),
      /line 3, column 'Date': received '2013-02-30'.*YYYY-MM-DD/,
    ],
    [
      'a date of no known form',
      lines(header, 'yesterday,1,2,1,1,9'),
      /line 2, column 'Date': received 'yesterday'/,
    ],
    [
      'dates that can be read both ways',
      lines(header, '03/04/2013,1,2,1,1,9'),
      /day-month or month-day/,
    ],
    [
      'thousands separators without quotation marks',
      lines(header, '2013-05-13,1,234.5,1,240,1,2,1,9'),
      /line 2: received 9 cells, expected 6.*quotation marks/,
    ],
    [
      'a row that is cut off',
      lines(header, '2013-05-13,1,2'),
      /received 3 cells.*complete or remove/,
    ],
    [
      'two decimal marks',
      lines(header, '2013-05-13,1.5,2,1,1.2,9', '2013-05-14,"1,55",2,1,1.2,9'),
      /line 3, column 'Open': received '1,55', while line 2 has '1\.5'/,
    ],
    [
      'a comma that can mean thousands or a fraction',
      lines(header.replaceAll(',', ';'), '2013-05-13;1,234;1,240;1,230;1,235;9'),
      /'1,234', which can mean thousands or a fraction/,
    ],
    [
      'an open quotation mark',
      lines(header, '2013-05-13,"1,2,1,1,9'),
      /quotation mark without its partner/,
    ],
    [
      'several symbols',
      lines(`Symbol,${header}`, 'AAPL,2013-05-13,1,2,1,1,9', 'MSFT,2013-05-13,1,2,1,1,9'),
      /line 3, column 'Symbol': received 'MSFT'.*one file per symbol/,
    ],
  ])('%s', (_, text, message) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'CSV_UNREADABLE', message: expect.stringMatching(message) }),
    )
  })

  test.each([
    ['gzip', [0x1f, 0x8b, 8, 0], /a gzip archive.*Unpack/],
    ['an Excel workbook', [0x50, 0x4b, 3, 4], /Excel workbook/],
    ['other binary data', [1, 0, 2, 0], /binary data/],
    ['no bytes at all', [], /an empty file/],
  ])('%s', (_, bytes, message) => {
    expect(() => read(new Uint8Array(bytes))).toThrow(message)
  })

  test('never fails otherwise than with a readable error', () => {
    const cell = fc.oneof(
      fc.constantFrom('', '1.5', '1,5', '"', 'null', 'x', '2013-05-13', '01/02/2013', '-', '\r'),
      fc.string({ maxLength: 6 }),
    )
    const row = fc.array(cell, { maxLength: 7 }).map((cells) => cells.join(','))
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
        try {
          read(lines(header, ...rows))
        } catch (error) {
          expect(error).toMatchObject({ code: 'CSV_UNREADABLE' })
        }
      }),
      { numRuns: 300 },
    )
  })
})
