import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Condition, Notice } from '../../../src/monitoring/alerts/alert.ts'
import {
  acknowledgeAlert,
  listAlerts,
  type NoticePolicy,
  settleAlerts,
} from '../../../src/monitoring/alerts/alert-store.ts'
import {
  type AlertChannel,
  deliverNotices,
  waitingNotices,
} from '../../../src/monitoring/alerts/deliver-notices.ts'
import type { StateDatabase } from '../../../src/state/state-database.ts'
import type { OpenTestState, TestState } from './test-state.ts'

export function alertsContract(openState: OpenTestState): void {
  const HOUR = 3_600_000
  const DRIFT: Condition = {
    rule: 'drift',
    subject: 'aapl-forecaster',
    severity: 'warning',
    summary: 'The inputs have drifted.',
  }
  const STALE: Condition = {
    rule: 'data-stale',
    subject: 'AAPL',
    severity: 'critical',
    summary: 'The prices are old.',
  }

  let state: TestState
  let database: StateDatabase
  let nowMs: number
  let ids: number
  let told: string[]
  /** What the channel answers; `undefined`: it takes all. */
  let failure: Error | undefined

  const channel: AlertChannel = {
    name: 'pager',
    minimumSeverity: 'info',
    async send(notices: readonly Notice[]) {
      if (failure !== undefined) throw failure
      told.push(...notices.map(({ kind, alert }) => `${kind} ${alert.rule}`))
    },
  }
  const policy: NoticePolicy = { channels: [channel], remindMs: 24 * HOUR, coolDownMs: 6 * HOUR }

  beforeEach(async () => {
    state = await openState()
    database = state.database
    nowMs = 1_000_000_000_000
    ids = 0
    told = []
    failure = undefined
  })

  afterEach(() => state.end())

  function look(...conditions: Condition[]) {
    const newId = () => `alert-${++ids}`
    return settleAlerts(database, { scope: 'monitor', conditions, nowMs, newId, policy })
  }

  async function deliver(channels = [channel], timeoutMs = 1_000) {
    const clock = () => nowMs
    return await deliverNotices({ database, channels, clock, wallClock: clock, timeoutMs })
  }

  const open = () => listAlerts(database, { all: false, limit: 10 })

  test('what a look finds is told once, however many looks find it again', async () => {
    for (let i = 0; i < 5; i++) {
      look(DRIFT)
      await deliver()
      nowMs += HOUR
    }
    expect(told).toEqual(['raised drift'])
    expect(open()).toHaveLength(1)
  })

  test('what a look no longer finds is over, and told so', async () => {
    look(DRIFT, STALE)
    await deliver()
    nowMs += HOUR
    const { resolved } = look(STALE)
    await deliver()
    expect(resolved.map(({ rule }) => rule)).toEqual(['drift'])
    expect(told).toEqual(['raised drift', 'raised data-stale', 'resolved drift'])
    expect(open().map(({ rule }) => rule)).toEqual(['data-stale'])
  })

  test('looks of another scope end nothing', () => {
    look(DRIFT)
    const other = { scope: 'job', conditions: [], nowMs, newId: () => 'x', policy }
    expect(settleAlerts(database, other).resolved).toEqual([])
    expect(open()).toHaveLength(1)
  })

  test('a condition that comes and goes is told of once in the cool-down, and its last state in the end', async () => {
    for (let i = 0; i < 20; i++) {
      if (i % 2 === 0) look(DRIFT)
      else look()
      await deliver()
      nowMs += HOUR / 12
    }
    expect(told).toEqual(['raised drift', 'resolved drift'])
    look(DRIFT)
    nowMs += 6 * HOUR
    look(DRIFT)
    await deliver()
    expect(told).toEqual(['raised drift', 'resolved drift', 'raised drift'])
  })

  test('an open alert is told of again after a day, until somebody acknowledges it', async () => {
    look(DRIFT)
    await deliver()
    nowMs += 25 * HOUR
    look(DRIFT)
    await deliver()
    expect(told).toEqual(['raised drift', 'reminder drift'])
    const alert = acknowledgeAlert(database, open()[0]?.id ?? '', { by: 'ann', nowMs })
    expect(alert.acknowledgedBy).toBe('ann')
    nowMs += 50 * HOUR
    look(DRIFT)
    await deliver()
    expect(told).toHaveLength(2)
  })

  test('an id that no open alert has, or that begins several, acknowledges nothing', () => {
    look(DRIFT, STALE)
    expect(() => acknowledgeAlert(database, 'alert-', { by: 'ann', nowMs })).toThrow(
      /begins several/,
    )
    expect(() => acknowledgeAlert(database, 'nobody', { by: 'ann', nowMs })).toThrow(
      /no open alert/,
    )
    expect(() => acknowledgeAlert(database, '', { by: 'ann', nowMs })).toThrow(/no open alert/)
    expect(open().every(({ acknowledgedBy }) => acknowledgedBy === undefined)).toBe(true)
  })

  test('a channel that is down keeps what it was to be told, and hears it when it is back', async () => {
    failure = new Error('the pager is away')
    look(DRIFT)
    expect(await deliver()).toEqual([{ channel: 'pager', notices: 1, error: 'the pager is away' }])
    expect(waitingNotices(database)).toEqual([
      { channel: 'pager', waiting: 1, error: 'the pager is away' },
    ])
    failure = undefined
    expect(await deliver()).toEqual([])
    nowMs += 60_000
    expect(await deliver()).toEqual([{ channel: 'pager', notices: 1, error: undefined }])
    expect(told).toEqual(['raised drift'])
  })

  test('a channel that is down for weeks is asked about once an hour, and hears only how it stands', async () => {
    failure = new Error('away')
    let asked = 0
    for (let hour = 0; hour < 24 * 14; hour++) {
      look(...(hour % 48 < 24 ? [DRIFT] : []))
      for (let minute = 0; minute < 60; minute += 5) {
        asked += (await deliver()).length
        nowMs += 5 * 60_000
      }
    }
    expect(asked).toBeLessThan(1.5 * 24 * 14)
    failure = undefined
    nowMs += HOUR
    await deliver()
    expect(told.length).toBeLessThanOrEqual(14)
    expect(told.at(-1)).toBe('resolved drift')
  })

  test('a channel that hangs is given up in time and does not hold up the others', async () => {
    const hanging: AlertChannel = { ...channel, name: 'hanging', send: () => new Promise(() => {}) }
    const both = { ...policy, channels: [hanging, channel] }
    const newId = () => 'a'
    settleAlerts(database, { scope: 'monitor', conditions: [DRIFT], nowMs, newId, policy: both })
    const deliveries = await deliver([hanging, channel], 50)
    expect(deliveries).toContainEqual({
      channel: 'hanging',
      notices: 1,
      error: 'no answer within 50 ms',
    })
    expect(told).toEqual(['raised drift'])
  })

  test('of two processes that deliver at once, one sends', async () => {
    look(DRIFT)
    await Promise.all([deliver(), deliver()])
    expect(told).toEqual(['raised drift'])
  })

  test('notices of a process that died while sending are sent by another after a minute', async () => {
    look(DRIFT)
    const dead: AlertChannel = { ...channel, send: () => new Promise(() => {}) }
    void deliver([dead], 600_000)
    expect(await deliver()).toEqual([])
    nowMs += 61_000
    await deliver()
    expect(told).toEqual(['raised drift'])
  })

  test('a clock that goes back a day raises, ends and repeats nothing by itself', async () => {
    look(DRIFT)
    await deliver()
    nowMs -= 24 * HOUR
    look(DRIFT)
    await deliver()
    expect(told).toEqual(['raised drift'])
    const { resolved } = look()
    await deliver()
    const [alert] = resolved
    expect(alert?.resolvedAtMs).toBeGreaterThanOrEqual(alert?.raisedAtMs ?? Number.NaN)
    expect(told).toEqual(['raised drift', 'resolved drift'])
  })

  test('what a channel did not take under a clock far ahead is tried again under the right one', async () => {
    failure = new Error('away')
    nowMs += 1000 * HOUR
    look(DRIFT)
    await deliver()
    nowMs -= 1000 * HOUR
    failure = undefined
    await deliver()
    expect(told).toEqual(['raised drift'])
  })

  test('a channel hears nothing that is lighter than its minimum', async () => {
    const strict: AlertChannel = { ...channel, minimumSeverity: 'critical' }
    const newId = () => `b-${++ids}`
    settleAlerts(database, {
      scope: 'monitor',
      conditions: [DRIFT, STALE],
      nowMs,
      newId,
      policy: { ...policy, channels: [strict] },
    })
    await deliver([strict])
    expect(told).toEqual(['raised data-stale'])
  })
}
