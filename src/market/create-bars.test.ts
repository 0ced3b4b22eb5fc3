import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { decodeBars, encodeBars } from './bar-codec.ts'
import type { BarColumns } from './bars.ts'
import { type BarsInput, createBars, sliceBars } from './create-bars.ts'
import { adjustForSplits } from './split-adjustment.ts'

function columnsOf(rows: number): BarColumns {
  const column = (base: number) => Float64Array.from({ length: rows }, (_, i) => base + i)
  return {
    date: Int32Array.from({ length: rows }, (_, i) => 15_000 + i),
    open: column(10),
    high: column(12),
    low: column(9),
    close: column(11),
    volume: column(1000),
  }
}

const input = (rows = 5): BarsInput => ({
  symbol: 'AAPL',
  basis: 'split-adjusted',
  source: 'test',
  columns: columnsOf(rows),
})

const double = fc.double().map((value) => (Number.isNaN(value) ? Number.NaN : value + 0))
const contents = fc.integer({ min: 0, max: 20 }).chain((rows) => {
  const column = fc
    .array(double, { minLength: rows, maxLength: rows })
    .map((values) => Float64Array.from(values))
  const event = { day: fc.integer({ min: -50_000, max: 50_000 }) }
  return fc.record({
    symbol: fc.constantFrom('A', 'AAPL', '^GSPC', 'BRK-B'),
    basis: fc.constantFrom('raw', 'split-adjusted', 'total-return' as const),
    columns: fc.record(
      {
        date: fc
          .array(fc.integer({ min: -50_000, max: 50_000 }), { minLength: rows, maxLength: rows })
          .map((days) => Int32Array.from(days)),
        open: column,
        high: column,
        low: column,
        close: column,
        volume: column,
        vendorAdjustedClose: column,
      },
      { requiredKeys: ['date', 'open', 'high', 'low', 'close', 'volume'] },
    ),
    dividends: fc.array(fc.record({ ...event, amount: double }), { maxLength: 3 }),
    splits: fc.array(fc.record({ ...event, ratio: double }), { maxLength: 3 }),
  })
})

describe('the canonical bytes', () => {
  test('decode to what was encoded, whatever the values', () => {
    fc.assert(
      fc.property(contents, (content) => {
        expect(decodeBars(encodeBars(content))).toEqual(content)
      }),
    )
  })

  test('are little-endian, padded, and begin with their magic', () => {
    const bytes = Buffer.from(encodeBars({ ...input(1), dividends: [], splits: [] }))
    expect(bytes.toString('latin1', 0, 8)).toBe('TFBARS1\0')
    expect(bytes.readUInt32LE(8)).toBe(1)
    expect(bytes.toString('latin1', 32, 50)).toBe('AAPLsplit-adjusted')
    expect(bytes.readInt32LE(56)).toBe(15_000)
    expect(bytes.readDoubleLE(64)).toBe(10)
    expect(bytes.length).toBe(64 + 5 * 8)
  })

  test('cut off, lengthened or foreign bytes do not decode', () => {
    const bytes = encodeBars({ ...input(), dividends: [], splits: [] })
    expect(decodeBars(bytes.subarray(0, bytes.length - 1))).toBeUndefined()
    expect(decodeBars(Buffer.concat([bytes, Buffer.alloc(8)]))).toBeUndefined()
    expect(decodeBars(new Uint8Array(3))).toBeUndefined()
    expect(
      decodeBars(Buffer.from('Date,Open,High,Low,Close,Volume\n2013-05-13,1,2,3')),
    ).toBeUndefined()
  })

  test('decode wherever they lie in a larger buffer', () => {
    const bytes = encodeBars({ ...input(), dividends: [], splits: [] })
    const shifted = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3)
    expect(decodeBars(shifted)?.columns).toEqual(input().columns)
  })
})

describe('createBars', () => {
  test('the digest is the SHA-256 of the canonical bytes, the source left out', () => {
    const bars = createBars(input())
    const bytes = encodeBars({ ...input(), dividends: [], splits: [] })
    expect(bars.digest).toBe(createHash('sha256').update(bytes).digest('hex'))
    expect(createBars({ ...input(), source: 'elsewhere' }).digest).toBe(bars.digest)
  })

  test('the digest of a given series never changes between versions', () => {
    expect(createBars(input()).digest).toBe(
      '5af9f2c0322fde719b045b909fbd46c9b73eedee0421092910c7c0a12f4a567a',
    )
  })

  test.each<[string, Partial<BarsInput>]>([
    ['symbol', { symbol: 'MSFT' }],
    ['basis', { basis: 'raw' }],
    ['a dividend', { dividends: [{ day: 15_001, amount: 0.5 }] }],
    ['a split', { splits: [{ day: 15_001, ratio: 2 }] }],
    [
      'the vendor column',
      { columns: { ...columnsOf(5), vendorAdjustedClose: new Float64Array(5) } },
    ],
    [
      'one value',
      { columns: { ...columnsOf(5), low: Float64Array.of(9, 10, 11, 12, 13.0000001) } },
    ],
  ])('%s is part of the digest', (_, change) => {
    expect(createBars({ ...input(), ...change }).digest).not.toBe(createBars(input()).digest)
  })

  test('minus zero and foreign NaNs make no difference', () => {
    const withZero = (zero: number) =>
      createBars({
        ...input(),
        columns: { ...columnsOf(5), volume: new Float64Array(5).fill(zero) },
      })
    expect(withZero(-0).digest).toBe(withZero(0).digest)
    const strange = new Float64Array(new BigUint64Array(5).fill(0xfff8000000000123n).buffer)
    const strangeBars = createBars({ ...input(), columns: { ...columnsOf(5), volume: strange } })
    expect(strangeBars.digest).toBe(withZero(Number.NaN).digest)
  })

  test('is frozen, and a copy of what came in', () => {
    const columns = columnsOf(5)
    const bars = createBars({
      ...input(),
      columns,
      splits: [
        { day: 3, ratio: 2 },
        { day: 1, ratio: 3 },
      ],
    })
    columns.close[0] = 99
    expect(bars.close[0]).toBe(11)
    expect(Object.isFrozen(bars) && Object.isFrozen(bars.splits)).toBe(true)
    expect(bars.splits.map(({ day }) => day)).toEqual([1, 3])
  })

  test('refuses columns of different lengths and names them', () => {
    const columns = { ...columnsOf(5), low: new Float64Array(4) }
    expect(() => createBars({ ...input(), columns })).toThrow(
      new RangeError("Column 'low' has 4 values, 'date' has 5"),
    )
  })
})

describe('sliceBars', () => {
  const whole = createBars({
    ...input(10),
    splits: [
      { day: 15_001, ratio: 2 },
      { day: 15_005, ratio: 2 },
    ],
    dividends: [
      { day: 15_004, amount: 1 },
      { day: 15_008, amount: 1 },
    ],
  })

  test('keeps the rows and the events between its first and last session', () => {
    const part = sliceBars(whole, 2, 6)
    expect([...part.date]).toEqual([15_002, 15_003, 15_004, 15_005])
    expect([...part.close]).toEqual([13, 14, 15, 16])
    expect(part.splits).toEqual([{ day: 15_005, ratio: 2 }])
    expect(part.dividends).toEqual([{ day: 15_004, amount: 1 }])
    expect(part).toMatchObject({ symbol: 'AAPL', basis: 'split-adjusted', source: 'test' })
  })

  test('the whole slice has the same digest, a part another', () => {
    expect(sliceBars(whole, 0, 10).digest).toBe(whole.digest)
    expect(sliceBars(whole, 0, 9).digest).not.toBe(whole.digest)
    expect(sliceBars(whole, 4, 4).date.length).toBe(0)
  })

  test.each([
    [-1, 3],
    [4, 3],
    [0, 11],
    [0.5, 3],
  ])('refuses rows %d to %d', (from, to) => {
    expect(() => sliceBars(whole, from, to)).toThrow(RangeError)
  })
})

describe('adjustForSplits', () => {
  test('divides the prices before each split and multiplies the volume', () => {
    const adjusted = adjustForSplits(columnsOf(4), [
      { day: 15_003, ratio: 3 },
      { day: 15_001, ratio: 2 },
    ])
    expect([...adjusted.close]).toEqual([11 / 6, 4, 13 / 3, 14])
    expect([...adjusted.volume]).toEqual([6000, 3003, 3006, 1003])
    expect([...adjusted.date]).toEqual([...columnsOf(4).date])
  })

  test('powers of two can be undone to the bit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 1e6 }), { minLength: 3, maxLength: 3 }),
        (close) => {
          const columns = { ...columnsOf(3), close: Float64Array.from(close) }
          const there = adjustForSplits(columns, [{ day: 15_002, ratio: 4 }])
          const back = adjustForSplits(there, [{ day: 15_002, ratio: 0.25 }])
          expect(back).toEqual(columns)
        },
      ),
    )
  })
})
