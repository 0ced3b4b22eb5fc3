import { describe, expect, test } from 'vitest'

import { parseSymbol, symbolSlug } from './symbol.ts'

describe('parseSymbol', () => {
  test.each([
    ['AAPL', 'AAPL'],
    [' aapl ', 'AAPL'],
    ['brk-b', 'BRK-B'],
    ['^GSPC', '^GSPC'],
    ['EURUSD=X', 'EURUSD=X'],
    ['0700.HK', '0700.HK'],
  ])('reads %j as %j', (text, symbol) => {
    expect(parseSymbol(text)).toBe(symbol)
  })

  test.each(['', '../x', 'A B', '-A', 'ABCDEFGHIJKLMNOPQ', 'ÄPL', undefined, 7])(
    'refuses %j and says what a symbol looks like',
    (text) => {
      expect(() => parseSymbol(text)).toThrow(
        expect.objectContaining({
          code: 'SYMBOL_INVALID',
          message: expect.stringContaining('such as AAPL'),
        }),
      )
    },
  )
})

describe('symbolSlug', () => {
  test.each([
    ['AAPL', 'aapl'],
    ['BRK.B', 'brk-b'],
    ['^GSPC', '-gspc'],
  ])('%s becomes %s', (symbol, slug) => {
    expect(symbolSlug(symbol)).toBe(slug)
  })
})
