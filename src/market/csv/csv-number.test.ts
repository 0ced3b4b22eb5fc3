import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseFormattedNumber, parsePlainNumber } from './csv-number.ts'

describe('parsePlainNumber', () => {
  test.each([
    ['64.501427', 64.501427],
    ['79237200', 79237200],
    ['1e3', 1000],
    ['0', 0],
    ['0.5', 0.5],
  ])('reads %j', (cell, value) => {
    expect(parsePlainNumber(cell)).toBe(value)
  })

  test.each(['', ' ', '0x10', '0b1', '1,234', '12M', 'Infinity', 'abc', '1_000'])(
    'leaves %j to the slower reader instead of guessing',
    (cell) => {
      expect(parsePlainNumber(cell)).toBeNaN()
    },
  )
})

describe('parseFormattedNumber', () => {
  test.each([
    ['"1,234.56" without its quotes', '1,234.56', 1234.56],
    ['several groups', '1,234,567', 1234567],
    ['a currency sign', '$190.04', 190.04],
    ['a volume in millions', '12.3M', 12_300_000],
    ['a volume in thousands', '850.25K', 850_250],
    ['a volume in billions', '1.02B', 1_020_000_000],
    ['a negative number', '-3.5', -3.5],
    ['space as separator', '1 234.5', 1234.5],
  ])('reads %s', (_, cell, value) => {
    expect(parseFormattedNumber(cell, '.')).toBe(value)
  })

  test.each(['', ' ', 'null', 'NaN', 'N/A', '-', '#N/A'])('reads %j as no value', (cell) => {
    expect(parseFormattedNumber(cell, '.')).toBeNaN()
  })

  test.each(['abc', '1.2.3', '12,34,5', '0x10', '12Q', '(5)', 'Infinity', '2013-03-01'])(
    'says that %j is text',
    (cell) => {
      expect(parseFormattedNumber(cell, '.')).toBe('text')
    },
  )

  test('asks for the other decimal mark when only that makes sense', () => {
    expect(parseFormattedNumber('64,50', '.')).toBe('other-mark')
    expect(parseFormattedNumber('1.234,56', '.')).toBe('other-mark')
    expect(parseFormattedNumber('1.234,56', ',')).toBe(1234.56)
    expect(parseFormattedNumber('64.50', ',')).toBe('other-mark')
  })

  test('reads back what the usual ways of writing numbers write', () => {
    const cents = fc.integer({ min: 0, max: 100_000_000_000 })
    fc.assert(
      fc.property(cents, fc.constantFrom('en-US', 'de-DE'), (amount, locale) => {
        const value = amount / 100
        const written = value.toLocaleString(locale, { minimumFractionDigits: 2 })
        const mark = locale === 'en-US' ? '.' : ','
        expect(parseFormattedNumber(written, mark)).toBe(value)
      }),
    )
  })

  test('agrees with the fast reader wherever that answers', () => {
    const cell = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }).map(String),
      fc.stringMatching(/^[0-9.eE+,xb-]{0,8}$/),
    )
    fc.assert(
      fc.property(cell, (text) => {
        const fast = parsePlainNumber(text)
        if (!Number.isNaN(fast)) expect(parseFormattedNumber(text, '.')).toBe(fast)
      }),
    )
  })
})
