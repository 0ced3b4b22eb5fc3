import { expect, test } from 'vitest'
import { createCountdown, progressBar } from './progress.ts'

/** A countdown and its clock, in milliseconds. */
function countdownAt() {
  let nowMs = 5000
  const countdown = createCountdown(() => nowMs)
  return (elapsedMs: number, fraction: number) => {
    nowMs = 5000 + elapsedMs
    return countdown(fraction)
  }
}

test.each([
  ['nothing is done', 9000, 0],
  ['the pace would be a guess', 1999, 0.5],
  ['all is done', 9000, 1],
])('says nothing while %s', (_, elapsedMs, fraction) => {
  expect(countdownAt()(elapsedMs, fraction)).toBe('')
})

test.each([
  [2000, 0.5, 'about 2 s left'],
  [10_000, 0.1, 'about 2 min left'],
  [10_000, 0.25, 'about 30 s left'],
  [10_000, 0.999, 'about 1 s left'],
  [20_000, 0.1, 'about 3 min left'],
  [60_000, 0.01, 'about 99 min left'],
])('after %i ms with a share of %f done says: %s', (elapsedMs, fraction, expected) => {
  expect(countdownAt()(elapsedMs, fraction)).toBe(`, ${expected}`)
})

test('counts down at a steady pace', () => {
  const say = countdownAt()
  const left = [0.2, 0.4, 0.6, 0.8].map((fraction) => say(fraction * 50_000, fraction))
  expect(left).toEqual([40, 30, 20, 10].map((seconds) => `, about ${seconds} s left`))
})

test('reckons with the pace of the work that it saw, not of what was done before', () => {
  let nowMs = 0
  const countdown = createCountdown(() => nowMs)
  nowMs = 10_000
  expect(countdown(0.75, 0.5)).toBe(', about 10 s left')
  expect(countdown(0.5, 0.5)).toBe('')
})

test.each([
  [0, '[                    ]'],
  [0.049, '[                    ]'],
  [0.5, '[==========          ]'],
  [0.999, '[=================== ]'],
  [1, '[====================]'],
])('draws %f as %s', (fraction, bar) => {
  expect(progressBar(fraction)).toBe(bar)
})
