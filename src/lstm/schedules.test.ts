import { expect, test } from 'vitest'
import { createSchedule } from './schedules.ts'

test('the constant schedule keeps the full rate', () => {
  const schedule = createSchedule({ kind: 'constant' }, 10)
  expect([1, 5, 10].map((epoch) => schedule.fraction(epoch))).toEqual([1, 1, 1])
})

test('the cosine runs from the full rate to the final fraction, half-way at the middle', () => {
  const schedule = createSchedule({ kind: 'cosine', finalFraction: 0.1 }, 11)
  expect(schedule.fraction(1)).toBeCloseTo(1, 10)
  expect(schedule.fraction(6)).toBeCloseTo(0.55, 10)
  expect(schedule.fraction(11)).toBeCloseTo(0.1, 10)
  // 0.1 + 0.9 (1 + cos(0.3 π)) / 2
  expect(schedule.fraction(4)).toBeCloseTo(0.8145033635316129, 10)
})

test('a plateau cuts the rate after its patience, down to the minimum', () => {
  const spec = {
    kind: 'reduce-on-plateau',
    factor: 0.5,
    patience: 2,
    minimumFraction: 0.3,
  } as const
  const schedule = createSchedule(spec, 10)
  const fractions = [true, false, false, true, false, false, false, false].map(
    (improved, index) => {
      schedule.endEpoch(improved)
      return schedule.fraction(index + 2)
    },
  )
  expect(fractions).toEqual([1, 1, 0.5, 0.5, 0.5, 0.3, 0.3, 0.3])
})

test('a plateau schedule goes on from its state', () => {
  const spec = { kind: 'reduce-on-plateau', factor: 0.5, patience: 2, minimumFraction: 0 } as const
  const first = createSchedule(spec, 10)
  first.endEpoch(false)
  const second = createSchedule(spec, 10, first.readState())
  second.endEpoch(false)
  expect(second.fraction(3)).toBe(0.5)
})

test('given fractions are taken one by one, the last one for what follows', () => {
  const schedule = createSchedule({ kind: 'given', fractions: [1, 0.5, 0.25] }, 10)
  expect([1, 2, 3, 4, 10].map((epoch) => schedule.fraction(epoch))).toEqual([
    1, 0.5, 0.25, 0.25, 0.25,
  ])
})
