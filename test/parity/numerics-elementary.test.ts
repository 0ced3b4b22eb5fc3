/** Elementary functions against mpmath at 60 digits; fixture by scripts/numerics-elementary.py. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { exp, expm1, log, log1p, pow, tanh } from '../../src/numerics/elementary.ts'

/** Rows of arguments, the nearest double to the true value, and what that double misses. */
type Fixture = Record<string, number[][]>

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('fixtures/numerics-elementary.json', import.meta.url), 'utf8'),
)

const bits = new DataView(new ArrayBuffer(8))

/** Distance from |x| to the next larger double. */
function ulpOf(x: number): number {
  bits.setFloat64(0, Math.abs(x))
  bits.setBigUint64(0, bits.getBigUint64(0) + 1n)
  return bits.getFloat64(0) - Math.abs(x)
}

function largestError(name: string, f: (...values: number[]) => number) {
  const rows = fixture[name] ?? []
  let worst = { ulps: 0, at: [] as number[] }
  for (const row of rows) {
    const at = row.slice(0, -2)
    const [high = NaN, low = NaN] = row.slice(-2)
    const ulps = Math.abs(f(...at) - high - low) / ulpOf(high)
    if (!(ulps <= worst.ulps)) worst = { ulps, at }
  }
  return { count: rows.length, ...worst }
}

describe('elementary functions stay within their error bounds', () => {
  test.each([
    { name: 'exp', f: exp, bound: 0.65 },
    { name: 'expm1', f: expm1, bound: 0.8 },
    { name: 'log', f: log, bound: 0.85 },
    { name: 'log1p', f: log1p, bound: 0.85 },
    { name: 'tanh', f: tanh, bound: 1.5 },
    { name: 'pow', f: pow, bound: 0.6 },
  ])('$name errs by less than $bound ulp', ({ name, f, bound }) => {
    const worst = largestError(name, f as (...values: number[]) => number)
    expect(worst.count).toBeGreaterThan(300)
    expect(worst.ulps, `at ${worst.at.join(', ')}`).toBeLessThan(bound)
  })
})
