import { expect, test } from 'vitest'
import type { MonitoringReport, PerformanceEntry } from '../monitoring-report.ts'
import { reportConditions } from './report-conditions.ts'

const SETTINGS = { rules: {}, staleSessions: 1 }
const TRACK: PerformanceEntry = {
  model: 'aapl-forecaster',
  version: 3,
  role: 'champion',
  symbol: 'AAPL',
  horizon: 1,
  matured: 250,
  pending: 1,
  lastAsOf: '2012-12-28',
  crps: 0.01,
  nll: -2.4,
  coverage80: 0.8,
  coverage95: 0.95,
  directionalAccuracy: 0.5,
  skill: {},
  change: {},
  calibration: { pitCounts: [], uniformP: 0.4 },
  estimated: { pendingCrps: null, maturedCrps: null, realisedRatio: null },
}
const CALM: MonitoringReport = {
  id: 'r1',
  at: '2013-01-02T22:00:00.000Z',
  symbol: 'AAPL',
  model: 'aapl-forecaster',
  liveVersion: 3,
  modelAgeSeconds: 60,
  data: {
    lastSession: '2012-12-31',
    ageSessions: 1,
    ageSeconds: 90_000,
    blocking: 0,
    warnings: 2,
  },
  outcomes: { matured: 1, pending: 1, unmatched: 0, closed: 0, restated: 0 },
  performance: [TRACK],
  regret: [],
  drift: { verdict: 'stable', reasons: [], scores: {} },
  notes: [],
  previousId: null,
}

const rulesOf = (report: Partial<MonitoringReport>, settings = SETTINGS) =>
  reportConditions({ ...CALM, ...report }, settings).map(({ rule, severity }) => [rule, severity])

test('a calm report is no alert', () => {
  expect(rulesOf({})).toEqual([])
})

test('prices that are older than allowed are, unless the history is meant to have ended', () => {
  const old = { ...CALM.data, ageSessions: 2 }
  expect(rulesOf({ data: old })).toEqual([['data-stale', 'warning']])
  expect(rulesOf({ data: old }, { ...SETTINGS, staleSessions: 2 })).toEqual([])
  expect(rulesOf({ data: { ...old, ageSessions: 900, ageSeconds: null } })).toEqual([])
})

test('blocked prices and drift are', () => {
  expect(rulesOf({ data: { ...CALM.data, blocking: 1 } })).toEqual([['data-blocked', 'critical']])
  const drift = { ...CALM.drift, verdict: 'drift' as const, reasons: ['volume'] }
  expect(rulesOf({ drift })).toEqual([['drift', 'warning']])
})

test('of all tracks, only the version in Production is watched', () => {
  const alarm = { statistic: 9, threshold: 5, alarm: true, since: '2012-11-01' }
  const worse = { ...TRACK, change: { ewma: alarm, naive: { ...alarm, alarm: false } } }
  expect(rulesOf({ performance: [worse] })).toEqual([['worse-than-baseline', 'warning']])
  expect(rulesOf({ performance: [{ ...worse, role: 'shadow' }] })).toEqual([])
  expect(rulesOf({ performance: [{ ...worse, version: 2 }] })).toEqual([])
})

test('coverage is off when chance does not explain it', () => {
  const covered = (coverage80: number, matured: number) =>
    rulesOf({ performance: [{ ...TRACK, coverage80, matured }] })
  expect(covered(0.7, 250)).toEqual([['coverage-off', 'warning']])
  expect(covered(0.9, 250)).toEqual([['coverage-off', 'warning']])
  expect(covered(0.74, 250)).toEqual([])
  expect(covered(0.3, 59)).toEqual([])
})

test('a rule can be given another severity, or none', () => {
  const drift = { ...CALM.drift, verdict: 'drift' as const }
  expect(rulesOf({ drift }, { ...SETTINGS, rules: { drift: 'info' } as never })).toEqual([
    ['drift', 'info'],
  ])
  expect(rulesOf({ drift }, { ...SETTINGS, rules: { drift: 'off' } as never })).toEqual([])
})
