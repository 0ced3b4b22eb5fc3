/** One digest for all forecasts of backtests: equal only when every bit of them is. */
import { createHash } from 'node:crypto'
import type { Backtest } from './backtest.ts'

/** SHA-256, hexadecimal. */
export function forecastsDigest(backtests: readonly Backtest[]): string {
  const hash = createHash('sha256')
  const add = (name: string, values: Int32Array | Float64Array) => {
    hash.update(` ${name} ${values.length};`)
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  }
  for (const { symbol, horizon, date, tracks } of backtests) {
    hash.update(`${symbol} ${horizon}`)
    add('date', date)
    for (const { model, location, scale, degreesOfFreedom } of tracks) {
      hash.update(model)
      add('location', location)
      add('scale', scale)
      add('degreesOfFreedom', degreesOfFreedom)
    }
  }
  return hash.digest('hex')
}
