import { describe, expect, test } from 'vitest'
import { DEFAULT_CONFIG } from '../../config.ts'
import { parseIsoDate } from '../../market/trading-date.ts'
import { type ModelStanding, type RetrainPolicy, retrainDue } from './retrain-due.ts'

const day = (date: string) => parseIsoDate(date) ?? Number.NaN
const nowMs = Date.parse('2012-02-20T21:30:00Z')
const POLICY: RetrainPolicy = DEFAULT_CONFIG.retrain

function decide(change: Partial<ModelStanding> = {}, policy: Partial<RetrainPolicy> = {}) {
  const standing: ModelStanding = {
    today: day('2012-02-17'),
    trainedTo: day('2012-01-03'),
    newSessions: 31,
    isChallenged: false,
    retrainedAtMs: [],
    nowMs,
    alarms: { drift: [], performance: [] },
    ...change,
  }
  return retrainDue(standing, { ...POLICY, ...policy })
}

describe('a retraining is due', () => {
  test('when there is no version yet', () => {
    expect(decide({ trainedTo: undefined })).toMatchObject({ due: true, trigger: 'first' })
  })

  test('on the first session of a new quarter, month or year, and not before', () => {
    expect(decide()).toMatchObject({ due: false })
    expect(decide({ today: day('2012-03-30') })).toMatchObject({ due: false })
    expect(decide({ today: day('2012-04-02') })).toMatchObject({ due: true, trigger: 'schedule' })
    expect(decide({}, { schedule: 'monthly' })).toMatchObject({ due: true, trigger: 'schedule' })
    expect(decide({ trainedTo: day('2011-12-30') }, { schedule: 'yearly' })).toMatchObject({
      due: true,
    })
    expect(decide({ today: day('2015-01-02') }, { schedule: 'never' })).toMatchObject({
      due: false,
    })
  })

  test('on drift and on losses, where the configuration says so', () => {
    const alarms = { drift: ['drift: volatility'], performance: ['worse than ewma'] }
    expect(decide({ alarms })).toMatchObject({ trigger: 'drift', reason: 'drift: volatility' })
    expect(decide({ alarms }, { onDrift: false })).toMatchObject({ trigger: 'performance' })
    const off = { onDrift: false, onPerformance: false }
    expect(decide({ alarms }, off)).toMatchObject({ due: false })
  })

  test('by age and by what has not been learnt from', () => {
    expect(decide({}, { maximumAgeDays: 44 })).toMatchObject({ due: true, trigger: 'age' })
    expect(decide({}, { maximumAgeDays: 45 })).toMatchObject({ due: false })
    expect(decide({}, { newSessions: 31 })).toMatchObject({ due: true, trigger: 'new-data' })
    expect(decide({}, { newSessions: 32 })).toMatchObject({ due: false })
  })
})

describe('a retraining that is asked for does not come about', () => {
  const due = { today: day('2012-04-02') }

  test('while a challenger is under way', () => {
    expect(decide({ ...due, isChallenged: true })).toMatchObject({ due: false })
  })

  test('on prices that have been learnt from', () => {
    expect(decide({ ...due, newSessions: 0 })).toMatchObject({ due: false })
  })

  test('once the budget of the last days is used up, and says so', () => {
    const recent = [nowMs - 29 * 86_400_000, nowMs - 86_400_000]
    expect(decide({ ...due, retrainedAtMs: recent })).toEqual({
      due: false,
      trigger: 'schedule',
      reason: expect.stringMatching(/2 of 2 retrainings in 30 days are used up/),
    })
    const older = [nowMs - 31 * 86_400_000, nowMs - 86_400_000]
    expect(decide({ ...due, retrainedAtMs: older })).toMatchObject({ due: true })
  })
})
