import { expect, test } from 'vitest'
import { simulateBars } from '../../test/simulated-bars.ts'
import { panelOf } from '../market/panel/panel-prices.ts'
import { buildFeatureFrame } from './build-frame.ts'
import { frameColumn } from './feature-frame.ts'
import { FEATURES } from './feature-set.ts'
import { allocateFeatures, computePanelFeatures, featuresNamed } from './panel-features.ts'

const NAMES = FEATURES.map(({ name }) => name)
const series = ['A', 'B', 'C'].map((symbol, i) =>
  simulateBars({ symbol, sessions: 400 + 100 * i, seed: symbol }),
)
const panel = panelOf(series)

test("a panel's features are each symbol's own, in float32", () => {
  const out = allocateFeatures(NAMES, panel.date.length)
  computePanelFeatures(panel, out)
  for (const [index, bars] of series.entries()) {
    const frame = buildFeatureFrame(bars)
    const from = panel.offset[index] as number
    for (const [at, name] of NAMES.entries()) {
      const received = out.columns[at]?.subarray(from, from + bars.date.length)
      expect(received, `${name} of ${bars.symbol}`).toEqual(
        Float32Array.from(frameColumn(frame, name)),
      )
    }
  }
})

test('some of the symbols can be computed without touching the rows of the others', () => {
  const out = allocateFeatures(['weekday'], panel.date.length)
  computePanelFeatures(panel, out, { from: 1, to: 2 })
  const [column] = out.columns
  const [, from, to] = panel.offset
  expect(column?.subarray(0, from).every(Number.isNaN)).toBe(true)
  expect(column?.subarray(from, to).every(Number.isFinite)).toBe(true)
  expect(column?.subarray(to).every(Number.isNaN)).toBe(true)
})

test('an unknown feature is refused, the known ones are listed', () => {
  expect(() => featuresNamed(['colour'])).toThrow(/Unknown feature 'colour'.*scaledReturn/)
})
