import { describe, expect, test } from 'vitest'
import { simulateBars } from '../../../test/simulated-bars.ts'
import { buildFeatureFrame } from '../../features/build-frame.ts'
import { FEATURES } from '../../features/feature-set.ts'
import { fitPrincipalAxes, reconstructionErrors, squaredDistance } from './principal-axes.ts'
import { learnUsualInputs, outlyingness } from './usual-inputs.ts'

const NAMES = ['scaledReturn', 'rangeRatio1', 'rangeRatio5', 'volumeSurprise', 'momentum5']
const frame = buildFeatureFrame(simulateBars({ sessions: 1500, seed: 'usual' }), FEATURES)
const lastDay = frame.date[1299] as number

describe('a row of inputs', () => {
  const usual = learnUsualInputs(frame, NAMES, lastDay)
  if (usual === undefined) throw new Error('nothing learnt')

  test('of the training span is never farther out than the farthest of them', () => {
    const ratios = Array.from({ length: 1300 }, (_, at) => outlyingness(usual, frame, at))
    expect(Math.max(...ratios.filter(Number.isFinite))).toBeCloseTo(1, 12)
    expect(usual.sessions).toBe(ratios.filter(Number.isFinite).length)
  })

  test('of the sessions after it is hardly ever', () => {
    const later = Array.from({ length: 200 }, (_, k) => outlyingness(usual, frame, 1300 + k))
    expect(later.filter((ratio) => ratio > 1).length).toBeLessThanOrEqual(2)
  })

  test('is unusual where one of its values is', () => {
    const columns = new Map(frame.columns)
    columns.set(
      'volumeSurprise',
      (columns.get('volumeSurprise') as Float64Array).map(() => 7),
    )
    expect(outlyingness(usual, { ...frame, columns }, 1400)).toBeGreaterThan(1.5)
  })

  test('with a missing value is not judged', () => {
    expect(outlyingness(usual, frame, 5)).toBeNaN()
  })

  test('costs microseconds', () => {
    const startMs = performance.now()
    for (let k = 0; k < 2000; k++) outlyingness(usual, frame, 1300 + (k % 200))
    expect((performance.now() - startMs) / 2000).toBeLessThan(0.2)
  })
})

test('too short a span, or inputs that do not vary, say nothing', () => {
  expect(learnUsualInputs(frame, NAMES, frame.date[300] as number)).toBeUndefined()
  expect(learnUsualInputs(frame, [], lastDay)).toBeUndefined()
  const columns = new Map([['scaledReturn', new Float64Array(1500).fill(1)]])
  expect(learnUsualInputs({ ...frame, columns }, ['scaledReturn'], lastDay)).toBeUndefined()
})

describe('principal axes', () => {
  const rows = 400
  const line = Float64Array.from({ length: rows }, (_, t) => Math.abs((t % 40) - 20))
  const noise = Float64Array.from({ length: rows }, (_, t) => ((t * 7919) % 101) / 1000)
  const together = new Map([
    ['a', line],
    ['b', line.map((value, t) => 2 * value + (noise[t] as number))],
  ])
  const axes = fitPrincipalAxes(together)

  test('keep what two columns do together, and notice when they part', () => {
    expect(axes.kept).toBe(1)
    const usual = reconstructionErrors(axes, together)
    const apart = reconstructionErrors(
      axes,
      new Map([...together, ['b', line.map((v) => 40 - 2 * v)]]),
    )
    const largest = (errors: Float64Array) => Math.max(...errors)
    expect(largest(apart)).toBeGreaterThan(largest(usual) + 5)
  })

  test('measure distances of one column in its standard deviations', () => {
    const one = fitPrincipalAxes(new Map([['a', line]]))
    const [mean, deviation] = [one.mean[0] as number, one.deviation[0] as number]
    expect(squaredDistance(one, () => mean + 3 * deviation)).toBeCloseTo(9, 10)
  })
})
