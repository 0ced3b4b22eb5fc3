/** What one look at a live model found: performance, drift, data. Alert rules and pages read it. */
import { type Static, Type } from 'typebox'

const OptionalNumber = Type.Union([Type.Number(), Type.Null()])
const OptionalText = Type.Union([Type.String(), Type.Null()])
const Day = Type.String({ description: 'YYYY-MM-DD.' })

/** A list in OpenAPI 3.1 too, where a tuple of draft 7 has no meaning. */
const Pair = Type.Unsafe<[number, number]>(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }))

const Skill = Type.Object(
  {
    n: Type.Integer({ description: 'Days that both have forecast.' }),
    skillRatio: Type.Number({ description: '1 - mean CRPS / the baseline’s: positive is better.' }),
    interval: Type.Union([Pair, Type.Null()], {
      description: '95 %, overlapping horizons allowed for; null on too few days.',
    }),
  },
  { description: 'Against one baseline, on the days that both have forecast.' },
)

const LossChange = Type.Object(
  {
    statistic: Type.Number({ description: 'CUSUM after the last day, in standard deviations.' }),
    threshold: Type.Number(),
    alarm: Type.Boolean({ description: 'The statistic is above its threshold.' }),
    since: Type.Union([Day, Type.Null()], {
      description: 'First day of the rise that raised the alarm.',
    }),
  },
  { description: 'Has the model become worse than the baseline? One-sided CUSUM.' },
)

const Calibration = Type.Object({
  pitCounts: Type.Array(Type.Integer(), { description: 'Outcomes in ten equal bins of the PIT.' }),
  uniformP: Type.Union([Type.Number(), Type.Null()], {
    description: 'p of uniformity (chi-squared, every h-th day); null on too few days.',
  }),
})

const Estimate = Type.Object(
  {
    pendingCrps: Type.Union([Type.Number(), Type.Null()], {
      description: 'Estimated mean CRPS of pending forecasts, from their own distributions.',
    }),
    maturedCrps: Type.Union([Type.Number(), Type.Null()], {
      description: 'What the same estimate said of the matured forecasts.',
    }),
    realisedRatio: Type.Union([Type.Number(), Type.Null()], {
      description: 'Realised mean CRPS over its estimate: above 1, forecasts were too sure.',
    }),
  },
  { description: 'Loss expected before outcomes are known, and how such estimates came out.' },
)

const Performance = Type.Object({
  model: Type.String(),
  version: Type.Integer({ description: '0: not a registered version, such as a baseline.' }),
  role: Type.String(),
  symbol: Type.String(),
  horizon: Type.Integer({ description: 'Sessions ahead.' }),
  matured: Type.Integer(),
  pending: Type.Integer(),
  lastAsOf: Type.Union([Day, Type.Null()]),
  crps: OptionalNumber,
  nll: OptionalNumber,
  coverage80: OptionalNumber,
  coverage95: OptionalNumber,
  directionalAccuracy: OptionalNumber,
  skill: Type.Record(Type.String(), Skill),
  change: Type.Record(Type.String(), LossChange),
  calibration: Calibration,
  estimated: Estimate,
})

const Regret = Type.Object({
  role: Type.String(),
  model: Type.String(),
  version: Type.Integer(),
  horizon: Type.Integer(),
  n: Type.Integer({ description: 'Days that it and the champion have both forecast.' }),
  regret: Type.Number({
    description: 'Mean CRPS of the champion minus its own: positive, it would have been better.',
  }),
})

const Drift = Type.Object({
  verdict: Type.Union([Type.Literal('stable'), Type.Literal('drift'), Type.Literal('unknown')]),
  reasons: Type.Array(Type.String()),
  scores: Type.Record(Type.String(), Type.Number(), {
    description: 'By feature: the distance over its threshold; above 1 is drift of the window.',
  }),
  window: Type.Optional(Type.Integer({ description: 'Sessions in the window that was judged.' })),
  drifted: Type.Optional(
    Type.Integer({
      description: 'Of the last fifteen windows, a session apart, those that drifted.',
    }),
  ),
  since: Type.Optional(
    Type.Union([Day, Type.Null()], { description: 'The session that raised the alarm.' }),
  ),
})

const Data = Type.Object({
  lastSession: Type.Union([Day, Type.Null()]),
  ageSessions: Type.Union([Type.Integer(), Type.Null()]),
  ageSeconds: OptionalNumber,
  blocking: Type.Integer({ description: 'Findings of the quality checks that block.' }),
  warnings: Type.Integer(),
})

const Outcomes = Type.Object({
  matured: Type.Integer({ description: 'Forecasts that were given their outcome in this look.' }),
  pending: Type.Integer(),
  unmatched: Type.Integer({ description: 'Forecasts from days that were no session.' }),
  closed: Type.Integer({ description: 'Pending forecasts of a symbol that is no longer traded.' }),
  restated: Type.Integer({ description: 'Outcomes that came out differently than before.' }),
})

export const MonitoringReport = Type.Object({
  id: Type.String(),
  /** ISO 8601. */
  at: Type.String(),
  symbol: Type.String(),
  model: Type.String(),
  liveVersion: Type.Union([Type.Integer(), Type.Null()]),
  modelAgeSeconds: Type.Union([Type.Number(), Type.Null()], {
    description: 'Since the live version was promoted.',
  }),
  data: Data,
  outcomes: Outcomes,
  performance: Type.Array(Performance),
  regret: Type.Array(Regret),
  drift: Drift,
  notes: Type.Array(Type.String(), { description: 'What could not be looked at, and why.' }),
  previousId: OptionalText,
})

export type MonitoringReport = Static<typeof MonitoringReport>
export type PerformanceEntry = Static<typeof Performance>
export type LossChange = Static<typeof LossChange>
export type CalibrationEntry = Static<typeof Calibration>
export type EstimatedLoss = Static<typeof Estimate>
export type RegretEntry = Static<typeof Regret>
export type DriftVerdict = Static<typeof Drift>
