import { expect, test } from 'vitest'
import { simulateBars, withAnotherFuture, withPricesTimes } from '../../test/simulated-bars.ts'
import { sliceBars } from '../market/create-bars.ts'
import { buildFeatureFrame } from './build-frame.ts'
import { frameColumn } from './feature-frame.ts'
import { FEATURES } from './feature-set.ts'
import { fitScaler, standardise } from './scaler.ts'
import { completeWindows, labelledRows, lowerBound } from './windows.ts'

const bars = simulateBars({ sessions: 700, seed: 'features' })
const frame = buildFeatureFrame(bars)
const names = FEATURES.map((feature) => feature.name)

test.each([251, 300, 512, 698])('no feature at row %i moves when all later bars change', (row) => {
  const other = buildFeatureFrame(withAnotherFuture(bars, row, row))
  for (const name of names) {
    const before = frameColumn(frame, name).subarray(0, row + 1)
    expect(frameColumn(other, name).subarray(0, row + 1), name).toEqual(before)
  }
})

test.each(FEATURES)('$name reads no more than its $lookback bars, to the bit', (feature) => {
  for (const row of [300, 555, 699]) {
    const cut = buildFeatureFrame(sliceBars(bars, row - feature.lookback + 1, row + 1), [feature])
    const value = frameColumn(cut, feature.name)[feature.lookback - 1]
    expect(value).toBe(frameColumn(frame, feature.name)[row])
    expect(value).not.toBeNaN()
  }
})

test.each(FEATURES)('$name needs all of its $lookback bars', (feature) => {
  const row = 400
  const short = sliceBars(bars, row - feature.lookback + 2, row + 1)
  const column = frameColumn(buildFeatureFrame(short, [feature]), feature.name)
  expect(column.every(Number.isNaN)).toBe(true)
})

test('multiplying prices by 2 and dividing volumes by 2 changes no feature by a bit', () => {
  const doubled = buildFeatureFrame(withPricesTimes(bars, 2))
  for (const name of names) {
    expect(frameColumn(doubled, name), name).toEqual(frameColumn(frame, name))
  }
})

test('multiplying prices by 3 changes features by rounding only', () => {
  const tripled = buildFeatureFrame(withPricesTimes(bars, 3))
  for (const name of names) {
    const plain = frameColumn(frame, name)
    frameColumn(tripled, name).forEach((value, t) => {
      if (Number.isNaN(plain[t])) expect(value).toBeNaN()
      else expect(Math.abs(value - (plain[t] as number))).toBeLessThan(1e-12)
    })
  }
})

test('the scaler sees the given rows only', () => {
  const rows = { from: 260, to: 500 }
  const scaler = fitScaler([{ frame, rows }], names)
  const other = buildFeatureFrame(withAnotherFuture(bars, 499, 'scaler'))
  expect(fitScaler([{ frame: other, rows }], names)).toEqual(scaler)
})

test('standardised training rows have mean 0 and deviation 1', () => {
  const rows = { from: 260, to: 700 }
  const scaler = fitScaler([{ frame, rows }], ['scaledReturn', 'volumeSurprise'])
  const matrix = standardise(frame, scaler)
  let total = 0
  let squares = 0
  for (let t = rows.from; t < rows.to; t++) {
    total += matrix[t * 2] as number
    squares += (matrix[t * 2] as number) * (matrix[t * 2] as number)
  }
  expect(total / 440).toBeCloseTo(0, 5)
  expect(squares / 440).toBeCloseTo(1, 5)
})

test('labels that reach beyond the span are purged', () => {
  const span = { from: bars.date[100] as number, to: bars.date[200] as number }
  expect(labelledRows(frame, span, 5)).toEqual({ from: 100, to: 196 })
})

test('a window is complete only when every row of every column is there', () => {
  const complete = completeWindows(frame, ['scaledReturn'], 30)
  expect(complete.indexOf(1)).toBe(250 + 29)
})

test('a date that is no session finds the next one', () => {
  const saturday = (bars.date[3] as number) + 1
  expect(lowerBound(bars.date, saturday)).toBe(4)
})

test.each(FEATURES)(
  'the last rows of $name are those of the whole column, to the bit',
  (feature) => {
    const whole = frameColumn(buildFeatureFrame(bars, [feature]), feature.name)
    for (const rows of [1, 7, 400, bars.date.length]) {
      const last = buildFeatureFrame(bars, [feature], rows)
      expect(frameColumn(last, feature.name)).toEqual(whole.slice(-rows))
      expect(last.date).toEqual(bars.date.slice(-rows))
      expect(last.close).toEqual(bars.close.slice(-rows))
    }
  },
)

test('the last rows of a short history have the same gaps as the whole frame', () => {
  const short = sliceBars(bars, 0, 255)
  const whole = buildFeatureFrame(short)
  const last = buildFeatureFrame(short, FEATURES, 20)
  for (const { name } of FEATURES) {
    expect(frameColumn(last, name)).toEqual(frameColumn(whole, name).slice(-20))
  }
})
