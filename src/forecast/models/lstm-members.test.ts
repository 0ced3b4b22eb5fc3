import { expect, test } from 'vitest'
import { simulateBars, withAnotherFuture } from '../../../test/simulated-bars.ts'
import { buildFeatureFrame } from '../../features/build-frame.ts'
import { createRandom } from '../../numerics/random.ts'
import type { FitRequest, TrainingEvent } from '../forecaster.ts'
import { createLstm } from './lstm.ts'
import { trainMember } from './lstm-members.ts'
import { type LstmOptions, resolveLstmOptions } from './lstm-options.ts'

const bars = simulateBars({ sessions: 900, seed: 'members' })
const frame = buildFeatureFrame(bars)
const SMALL = {
  windowLength: 4,
  hiddenSizes: [4, 3],
  epochs: 4,
  validationSessions: 100,
} satisfies Partial<LstmOptions>

/** The weights of a network's member, and what it told. */
function train(options: Partial<LstmOptions>, member = 0, request: Partial<FitRequest> = {}) {
  const events: TrainingEvent[] = []
  const fit: FitRequest = {
    frames: [frame],
    symbol: frame.symbol,
    span: { from: frame.date[0] as number, to: frame.date.at(-1) as number },
    horizon: 1,
    random: createRandom(1),
    onEvent: (event) => events.push(event),
    ...request,
  }
  const { sha256 } = trainMember(fit, resolveLstmOptions({ ...SMALL, ...options }), member)
  return { sha256, events }
}

test('the learning rate follows the schedule that was chosen', () => {
  const rates = (options: Partial<LstmOptions>) =>
    train({ learningRate: 0.01, refit: false, ...options }).events.map((e) => e.learningRate)
  expect(rates({})).toEqual([0.01, 0.01, 0.01, 0.01])
  const cosine = rates({ schedule: 'cosine', finalFraction: 0.2 })
  expect(cosine[0]).toBeCloseTo(0.01, 9)
  expect(cosine[3]).toBeCloseTo(0.002, 9)
  const plateau = rates({
    schedule: 'reduce-on-plateau',
    plateauFactor: 0.5,
    plateauPatience: 1,
    learningRate: 0.3,
    epochs: 8,
  })
  expect(Math.min(...plateau)).toBeLessThanOrEqual(0.15)
})

test.each<[string, Partial<LstmOptions>]>([
  ['dropout', { dropout: 0.3 }],
  ['a schedule', { schedule: 'cosine' }],
  ['no refit', { refit: false }],
])('%s makes another network', (_, options) => {
  expect(train(options).sha256).not.toBe(train({}).sha256)
})

test('a network that is fitted anew learns from the sessions that it held out', () => {
  // Other returns in the held-out block only; one epoch, so that they can't decide when to stop.
  const other = buildFeatureFrame(withAnotherFuture(bars, 850, 'held out'))
  const digest = (refit: boolean, frames: FitRequest['frames']) =>
    train({ refit, epochs: 1 }, 0, { frames }).sha256
  expect(digest(false, [other])).toBe(digest(false, [frame]))
  expect(digest(true, [other])).not.toBe(digest(true, [frame]))
})

test('networks take turns in what they hold out', () => {
  const first = (member: number, options: Partial<LstmOptions> = {}) =>
    train({ epochs: 1, refit: false, ...options }, member, {
      random: { ...createRandom(1), fork: () => createRandom(2) },
    }).sha256
  expect(first(1)).not.toBe(first(0))
  expect(first(3)).toBe(first(0))
  expect(first(1, { validationBlocks: 1 })).toBe(first(0))
})

test('a warm start goes on from the weights before, for the epochs it is given', () => {
  const shorter = { from: frame.date[0] as number, to: frame.date.at(-60) as number }
  const request = { frames: [frame], symbol: frame.symbol, span: shorter, horizon: 1 }
  const initial = createLstm({ ...SMALL, seeds: 1 })
    .fit({ ...request, random: createRandom(1) })
    .serialise()
  const warm = { warmStartEpochs: 2 }
  const { sha256, events } = train(warm, 0, { initial })
  expect(events.map(({ epoch }) => epoch)).toEqual([1, 2])
  expect(train(warm, 0, { initial }).sha256).toBe(sha256)
  const cold = train({}).sha256
  expect(sha256).not.toBe(cold)
  expect(events[0]?.trainLoss).toBeLessThan(train({}).events[0]?.trainLoss as number)
  // Without an option, without an earlier fit, or after one of another shape, it begins anew.
  expect(train({}, 0, { initial }).sha256).toBe(cold)
  expect(train(warm).sha256).toBe(cold)
  const other = train({ ...warm, hiddenSizes: [5] }, 0, { initial }).sha256
  expect(other).toBe(train({ hiddenSizes: [5] }).sha256)
})
