import { expect, test } from 'vitest'
import { simulateBars, withAnotherFuture } from '../../../test/simulated-bars.ts'
import { buildFeatureFrame } from '../../features/build-frame.ts'
import type { FeatureFrame } from '../../features/feature-frame.ts'
import { sliceBars } from '../../market/create-bars.ts'
import { createRandom } from '../../numerics/random.ts'
import type { TrainingEvent } from '../forecaster.ts'
import {
  type CombinationState,
  combinationFeatures,
  createCombination,
  restoreCombination,
} from './combination.ts'

const SMALL = { windowLength: 6, hiddenSizes: [4], epochs: 2, seeds: 1, validationSessions: 80 }
const bars = simulateBars({ sessions: 1200, seed: 'combination' })
const frame = buildFeatureFrame(bars)
const young = { ...buildFeatureFrame(sliceBars(bars, 800, 1200)), symbol: 'NEW' }

interface FitOptions {
  readonly to?: number
  readonly options?: Record<string, number>
  readonly onEvent?: (event: TrainingEvent) => void
}

function fit(frames: readonly FeatureFrame[], { to = 1099, options, onEvent }: FitOptions = {}) {
  return createCombination({ ...SMALL, ...options }).fit({
    frames,
    symbol: 'SIM',
    span: { from: frame.date[0] as number, to: frame.date[to] as number },
    horizon: 1,
    random: createRandom(3),
    ...(onEvent && { onEvent }),
  })
}

const fitted = fit([frame])
const stateOf = (fitted: ReturnType<typeof fit>) => fitted.serialise().state as CombinationState

test('weights are learnt from whole past folds, and from nothing after the training span', () => {
  const state = stateOf(fitted)
  expect(state.weightDays).toBe(2 * 252 - 1)
  expect(state.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12)
  const other = buildFeatureFrame(withAnotherFuture(bars, 1099, 'weights'))
  expect(stateOf(fit([other])).weights).toEqual(state.weights)
})

test('a day inside the training span does change the weights: they are learnt', () => {
  const other = buildFeatureFrame(withAnotherFuture(bars, 900, 'weights'))
  expect(stateOf(fit([other])).weights).not.toEqual(stateOf(fitted).weights)
})

test('without a past to learn from the members count alike, and the state says so', () => {
  const state = stateOf(fit([frame], { options: { weightFolds: 0 } }))
  expect(state.weights).toEqual([1 / 3, 1 / 3, 1 / 3])
  expect(state.weightDays).toBe(0)
})

test('a symbol too young for GARCH is forecast by the members that it has', () => {
  const both = fit([frame, young], { to: 1160, options: { weightFolds: 1 } })
  const state = stateOf(both)
  expect(Object.keys(state.classical.SIM ?? {})).toEqual(['har', 'garch'])
  expect(Object.keys(state.classical.NEW ?? {})).toEqual([])
  expect(both.forecast(young, 390)?.distribution.scale).toBeGreaterThan(0)
})

test('the order of the frames does not matter', () => {
  const [one, other] = [fit([frame, young]), fit([young, frame])]
  expect(stateOf(other)).toEqual(stateOf(one))
})

test('only the final training is told of, not the past ones', () => {
  const events: TrainingEvent[] = []
  fit([frame], { onEvent: (event) => events.push(event) })
  expect(events.map(({ epoch }) => epoch)).toEqual([1, 2])
})

test('a symbol that it never saw is refused by name', () => {
  const stranger = { ...frame, symbol: 'WHO' }
  expect(() => fitted.forecast(stranger, 1150)).toThrow(/not on WHO/)
})

test('a damaged member is refused', () => {
  const saved = fitted.serialise()
  const state = { ...(saved.state as CombinationState), weights: [1, 0, 0] }
  expect(() => restoreCombination({ ...saved, state })).toThrow(/damaged or foreign/)
})

test('names every feature that a member reads, each once', () => {
  const features = combinationFeatures(fitted.serialise())
  expect(new Set(features).size).toBe(features.length)
  expect(features).toEqual(expect.arrayContaining(['leverage', 'logReturn', 'ewmaVolatility']))
})
