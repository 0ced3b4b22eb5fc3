import { expect, test } from 'vitest'
import { followDrift, type PersistenceRule } from './follow-drift.ts'

const rule: PersistenceRule = { of: 5, raiseAt: 4, clearAt: 1, near: 0.9 }
const sessions = (text: string) =>
  Array.from(text, (letter) => (letter === 'x' ? 1.5 : letter === '~' ? 0.95 : 0.2))

test('a few drifted windows raise no alarm, four of five do', () => {
  expect(followDrift(sessions('..xxx....x.x.x'), rule)).toMatchObject({ raised: false, times: 0 })
  expect(followDrift(sessions('..xxxx'), rule)).toMatchObject({
    raised: true,
    since: 5,
    drifted: 4,
  })
  expect(followDrift(sessions('..xx.xx'), rule)).toMatchObject({ raised: true, since: 6 })
})

test('an alarm stands while windows stay near the threshold, and is raised once', () => {
  const flickering = followDrift(sessions('xxxx~x~~x~~x~'), rule)
  expect(flickering).toMatchObject({ raised: true, since: 3, times: 1 })
})

test('it is cleared when at most one window of five is still near', () => {
  expect(followDrift(sessions('xxxx~...'), rule).raised).toBe(true)
  expect(followDrift(sessions('xxxx....'), rule)).toMatchObject({ raised: false, times: 1 })
})

test('a second change raises it a second time', () => {
  expect(followDrift(sessions('xxxx.....xxxx'), rule)).toMatchObject({ times: 2, since: 12 })
})

test('exactly at the threshold is not above it, and no session is no alarm', () => {
  expect(followDrift([1, 1, 1, 1, 1], rule).times).toBe(0)
  expect(followDrift([], rule)).toEqual({ raised: false, since: undefined, drifted: 0, times: 0 })
})
