import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'

import { formatDay } from '../trading-date.ts'
import { readSampleBars, SAMPLE_SYMBOLS } from './sample.ts'

const folder = new URL('../../../data/sample/', import.meta.url)

describe('readSampleBars', () => {
  test.each([
    ['AAPL', 3270, '2000-03-01'],
    ['MSFT', 3270, '2000-03-01'],
    ['IBM', 3270, '2000-03-01'],
    ['GOOG', 2148, '2004-08-19'],
  ])('%s has %d sessions from %s', async (symbol, rows, first) => {
    const bars = await readSampleBars(symbol)
    expect(bars.date.length).toBe(rows)
    expect(formatDay(bars.date[0] as number)).toBe(first)
    expect(formatDay(bars.date.at(-1) as number)).toBe('2013-03-01')
    expect(bars).toMatchObject({ symbol, basis: 'split-adjusted', source: 'sample' })
  })

  test('the digest of the sample is known', async () => {
    expect((await readSampleBars('aapl')).digest).toBe(
      '06cfec8df61502cda628fe8b9c0f38b018c0467bf037663fb74e0450d3165fe4',
    )
  })

  test('prices and volumes go through every split without a step', async () => {
    for (const symbol of SAMPLE_SYMBOLS) {
      const { date, open, close, volume, splits } = await readSampleBars(symbol)
      for (const { day } of splits) {
        const at = date.indexOf(day)
        expect(Math.abs((open[at] as number) / (close[at - 1] as number) - 1)).toBeLessThan(0.03)
        const level = median(volume.slice(at, at + 40)) / median(volume.slice(at - 40, at))
        expect(level).toBeGreaterThan(0.6)
        expect(level).toBeLessThan(1.6)
      }
    }
  })

  test("close-to-close returns are the vendor's adjusted ones, off the dividend days", async () => {
    for (const symbol of SAMPLE_SYMBOLS) {
      const {
        close,
        vendorAdjustedClose = new Float64Array(),
        dividends,
        date,
      } = await readSampleBars(symbol)
      for (let i = 1; i < close.length; i++) {
        if (dividends.some(({ day }) => day === date[i])) continue
        const gap = returnAt(vendorAdjustedClose, i) - returnAt(close, i)
        expect(gap > -1e-4 && gap < 0.01, `${symbol} ${formatDay(date[i] as number)}`).toBe(true)
      }
    }
  })

  test('another symbol is refused with the list of those there are', async () => {
    await expect(readSampleBars('TSLA')).rejects.toMatchObject({
      code: 'SYMBOL_UNKNOWN',
      message: expect.stringContaining('only of AAPL, MSFT, IBM, GOOG'),
    })
  })

  test('the files match their checksums', async () => {
    const sums = await readFile(new URL('SHA256SUMS', folder), 'utf8')
    const entries = sums
      .trim()
      .split('\n')
      .map((line) => line.split('  '))
    expect(entries.map(([, name]) => name).sort()).toEqual(
      SAMPLE_SYMBOLS.map((symbol) => `${symbol}.csv`).sort(),
    )
    for (const [sum, name] of entries) {
      const bytes = await readFile(new URL(name as string, folder))
      expect(createHash('sha256').update(bytes).digest('hex'), name).toBe(sum)
    }
  })
})

function median(values: Float64Array): number {
  return values.sort()[Math.floor(values.length / 2)] as number
}

function returnAt(column: Float64Array, i: number): number {
  return (column[i] as number) / (column[i - 1] as number) - 1
}
