/** Every feature that models can read. Adding one is one entry in `FEATURES`. */
import { weekdayOf } from '../market/trading-date.ts'
import { EWMA_SESSIONS } from './base-columns.ts'
import type { Feature } from './feature.ts'
import { mapRows, rollingMean, rollingSum, weightedTrail } from './rolling.ts'

/** Bars behind the trailing volatility s: 250 returns need 251 closes. */
const VOLATILITY_LOOKBACK = EWMA_SESSIONS + 1

/** Volatility-scaled inputs are cut here: beyond it, size carries no more information. */
const CLIP = 8

export const FEATURES: readonly Feature[] = [
  {
    name: 'logReturn',
    lookback: 2,
    description: 'Close-to-close log return r.',
    compute: (base) => base.logReturn,
  },
  {
    name: 'ewmaVolatility',
    lookback: VOLATILITY_LOOKBACK,
    description: 'Trailing daily volatility s: root of the exponentially weighted mean of r².',
    compute: (base) => base.ewmaVolatility,
  },
  {
    name: 'logRangeVariance1',
    lookback: 2,
    description: 'Log of v: Garman–Klass variance plus squared overnight return.',
    compute: (base) => base.logRangeVariance,
  },
  {
    name: 'logRangeVariance5',
    lookback: 6,
    description: 'Mean of log v over 5 sessions.',
    compute: (base) => rollingMean(base.logRangeVariance, 5),
  },
  {
    name: 'logRangeVariance22',
    lookback: 23,
    description: 'Mean of log v over 22 sessions.',
    compute: (base) => rollingMean(base.logRangeVariance, 22),
  },
  {
    name: 'scaledReturn',
    lookback: VOLATILITY_LOOKBACK,
    description: 'r / s, cut at ±8.',
    compute: (base) =>
      mapRows(base, (t) => clip(at(base.logReturn, t) / at(base.ewmaVolatility, t))),
  },
  {
    name: 'absoluteScaledReturn',
    lookback: VOLATILITY_LOOKBACK,
    description: '|r| / s, cut at 8.',
    compute: (base) =>
      mapRows(base, (t) => clip(Math.abs(at(base.logReturn, t)) / at(base.ewmaVolatility, t))),
  },
  {
    name: 'leverage',
    lookback: VOLATILITY_LOOKBACK,
    description: 'Negative part of r / s: falls raise volatility more than rises.',
    compute: (base) =>
      mapRows(base, (t) => clip(Math.min(at(base.logReturn, t) / at(base.ewmaVolatility, t), 0))),
  },
  rangeRatio(1),
  rangeRatio(5),
  rangeRatio(22),
  {
    name: 'overnightReturn',
    lookback: VOLATILITY_LOOKBACK,
    description: 'Log of open over previous close, over s, cut at ±8.',
    compute: (base) =>
      mapRows(base, (t) => clip(at(base.overnightReturn, t) / at(base.ewmaVolatility, t))),
  },
  {
    name: 'volumeSurprise',
    lookback: 20,
    description: 'Log volume minus its mean over 20 sessions, cut at ±8.',
    compute: (base) => {
      // log V(t) − mean of log V(t−k), k = 0…19, written as a weighted sum of log changes.
      const weights = Float64Array.from({ length: 19 }, (_, k) => (19 - k) / 20)
      const trail = weightedTrail(base.logVolumeChange, weights)
      return mapRows(base, (t) => clip(at(trail, t)))
    },
  },
  momentum(5),
  momentum(20),
  {
    name: 'volatilityTrend',
    lookback: VOLATILITY_LOOKBACK,
    description: 'Log of s² over the plain mean of r² in the same 250 sessions.',
    compute: (base) =>
      mapRows(base, (t) => at(base.logEwmaVariance, t) - at(base.logLongVariance, t)),
  },
  {
    name: 'sessionGap',
    lookback: 2,
    description: 'Calendar days since the previous session, less one: 2 after a weekend.',
    compute: (base) => mapRows(base, (t) => at(base.date, t) - at(base.date, t - 1) - 1),
  },
  {
    name: 'weekday',
    lookback: 1,
    description: 'Monday −1 … Friday 1.',
    compute: (base) => mapRows(base, (t) => (weekdayOf(at(base.date, t)) - 3) / 2),
  },
]

function rangeRatio(sessions: number): Feature {
  return {
    name: `rangeRatio${sessions}`,
    lookback: Math.max(VOLATILITY_LOOKBACK, sessions + 1),
    description: `Mean of log v over ${sessions} session(s), minus log s².`,
    compute: (base) => {
      const level = rollingMean(base.logRangeVariance, sessions)
      return mapRows(base, (t) => clip(at(level, t) - at(base.logEwmaVariance, t)))
    },
  }
}

function momentum(sessions: number): Feature {
  const root = Math.sqrt(sessions)
  return {
    name: `momentum${sessions}`,
    lookback: Math.max(VOLATILITY_LOOKBACK, sessions + 1),
    description: `Log return over ${sessions} sessions, over s·√${sessions}, cut at ±8.`,
    compute: (base) => {
      const total = rollingSum(base.logReturn, sessions)
      return mapRows(base, (t) => clip(at(total, t) / (at(base.ewmaVolatility, t) * root)))
    },
  }
}

function clip(value: number): number {
  return Math.min(CLIP, Math.max(-CLIP, value))
}

function at(column: Float64Array | Int32Array, t: number): number {
  return column[t] ?? Number.NaN
}
