/** Ticker symbols as they are typed, stored and named in paths. */

import { TickerflowError } from '../errors.ts'

const SYMBOL = /^[A-Z0-9^][A-Z0-9.=^-]{0,15}$/

/**
 * The symbol in upper case: `aapl` gives `AAPL`, `^gspc` gives `^GSPC`.
 *
 * @throws {TickerflowError} `SYMBOL_INVALID` when it could not be a ticker.
 */
export function parseSymbol(text: unknown): string {
  const symbol = typeof text === 'string' ? text.trim().toUpperCase() : ''
  if (SYMBOL.test(symbol)) return symbol
  const message =
    `${JSON.stringify(text)} is not a ticker symbol. Expected 1 to 16 characters: letters, digits ` +
    "or ^ first, then also '.', '=', '-', such as AAPL, BRK-B or ^GSPC."
  throw new TickerflowError('SYMBOL_INVALID', message, { details: { received: text } })
}

/**
 * The symbol as it stands in paths and model names: `BRK.B` gives `brk-b`.
 *
 * Different symbols can share a slug (`BRK.B` and `BRK-B`), so what is stored under it must also
 * say its symbol.
 */
export function symbolSlug(symbol: string): string {
  return symbol.toLowerCase().replace(/[^a-z0-9]/g, '-')
}
