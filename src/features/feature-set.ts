/** Every feature that models can read. Adding one is one entry in `FEATURES`. */
import { weekdayOf } from '../market/trading-date.ts'
import { EWMA_SESSIONS } from './base-columns.ts'
import { cut, difference, magnitude, multiple, quotient } from './column-arithmetic.ts'
import type { Feature } from './feature.ts'
import { newColumn } from './new-column.ts'
import { rollingMean, rollingSum, weightedTrail } from './rolling.ts'

/** Bars behind the trailing volatility s: 250 returns need 251 closes. */
const VOLATILITY_LOOKBACK = EWMA_SESSIONS + 1

/** Volatility-scaled inputs are cut here: beyond it, size carries no more information. */
const CLIP = 8

/** log V(t) − mean of log V(t−k), k = 0…19, written as a weighted sum of log changes. */
const SURPRISE_WEIGHTS = Float64Array.from({ length: 19 }, (_, k) => (19 - k) / 20)

export const FEATURES: readonly Feature[] = [
  {
    name: 'logReturn',
    lookback: 2,
    reach: 1,
    description: 'Close-to-close log return r.',
    compute: (base) => base.logReturn,
  },
  {
    name: 'ewmaVolatility',
    lookback: VOLATILITY_LOOKBACK,
    reach: 1,
    description: 'Trailing daily volatility s: root of the exponentially weighted mean of r².',
    compute: (base) => base.ewmaVolatility,
  },
  {
    name: 'logRangeVariance1',
    lookback: 2,
    reach: 1,
    description: 'Log of v: Garman–Klass variance plus squared overnight return.',
    compute: (base) => base.logRangeVariance,
  },
  {
    name: 'logRangeVariance5',
    lookback: 6,
    reach: 5,
    description: 'Mean of log v over 5 sessions.',
    compute: (base) => rollingMean(base.logRangeVariance, 5),
  },
  {
    name: 'logRangeVariance22',
    lookback: 23,
    reach: 22,
    description: 'Mean of log v over 22 sessions.',
    compute: (base) => rollingMean(base.logRangeVariance, 22),
  },
  {
    name: 'scaledReturn',
    lookback: VOLATILITY_LOOKBACK,
    reach: 1,
    description: 'r / s, cut at ±8.',
    compute: (base) => cut(base.scaledReturn, [-CLIP, CLIP]),
  },
  {
    name: 'absoluteScaledReturn',
    lookback: VOLATILITY_LOOKBACK,
    reach: 1,
    description: '|r| / s, cut at 8.',
    compute: (base) => clipped(magnitude(base.scaledReturn)),
  },
  {
    name: 'leverage',
    lookback: VOLATILITY_LOOKBACK,
    reach: 1,
    description: 'Negative part of r / s: falls raise volatility more than rises.',
    compute: (base) => cut(base.scaledReturn, [-CLIP, 0]),
  },
  rangeRatio(1),
  rangeRatio(5),
  rangeRatio(22),
  {
    name: 'overnightReturn',
    lookback: VOLATILITY_LOOKBACK,
    reach: 1,
    description: 'Log of open over previous close, over s, cut at ±8.',
    compute: (base) => clipped(quotient(base.overnightReturn, base.ewmaVolatility)),
  },
  {
    name: 'volumeSurprise',
    lookback: 20,
    reach: 19,
    description: 'Log volume minus its mean over 20 sessions, cut at ±8.',
    compute: (base) => clipped(weightedTrail(base.logVolumeChange, SURPRISE_WEIGHTS)),
  },
  momentum(5),
  momentum(20),
  {
    name: 'volatilityTrend',
    lookback: VOLATILITY_LOOKBACK,
    reach: 1,
    description: 'Log of s² over the plain mean of r² in the same 250 sessions.',
    compute: (base) => difference(base.logEwmaVariance, base.logLongVariance),
  },
  {
    name: 'sessionGap',
    lookback: 2,
    reach: 2,
    description: 'Calendar days since the previous session, less one: 2 after a weekend.',
    compute: ({ date }) => sessionGaps(date),
  },
  {
    name: 'weekday',
    lookback: 1,
    reach: 1,
    description: 'Monday −1 … Friday 1.',
    compute: ({ date }) => weekdays(date),
  },
]

function rangeRatio(sessions: number): Feature {
  return {
    name: `rangeRatio${sessions}`,
    lookback: Math.max(VOLATILITY_LOOKBACK, sessions + 1),
    reach: sessions,
    description: `Mean of log v over ${sessions} session(s), minus log s².`,
    compute: (base) => {
      const level = rollingMean(base.logRangeVariance, sessions)
      return clipped(difference(level, base.logEwmaVariance))
    },
  }
}

function momentum(sessions: number): Feature {
  const root = Math.sqrt(sessions)
  return {
    name: `momentum${sessions}`,
    lookback: Math.max(VOLATILITY_LOOKBACK, sessions + 1),
    reach: sessions,
    description: `Log return over ${sessions} sessions, over s·√${sessions}, cut at ±8.`,
    compute: (base) => {
      const total = rollingSum(base.logReturn, sessions)
      return clipped(quotient(total, multiple(base.ewmaVolatility, root)))
    },
  }
}

/** The column itself, cut: for columns that nobody else reads. */
function clipped(column: Float64Array): Float64Array {
  return cut(column, [-CLIP, CLIP], column)
}

function sessionGaps(date: Int32Array): Float64Array {
  const out = newColumn(date.length).fill(Number.NaN)
  for (let t = 1; t < out.length; t++) out[t] = (date[t] as number) - (date[t - 1] as number) - 1
  return out
}

function weekdays(date: Int32Array): Float64Array {
  const out = newColumn(date.length)
  for (let t = 0; t < out.length; t++) out[t] = (weekdayOf(date[t] as number) - 3) / 2
  return out
}
