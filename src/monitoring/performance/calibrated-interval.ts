/**
 * The calibrated interval of the next forecast: adaptive conformal inference over the matured forecasts
 * of the ledger. Nothing is stored: the same ledger always gives the same level.
 */
import {
  createAdaptiveConformal,
  DEFAULT_ADAPTIVE_RATE,
} from '../../forecast/calibration/adaptive-conformal.ts'
import {
  conformityScore,
  FEWEST_CALIBRATION_DAYS,
} from '../../forecast/calibration/split-conformal.ts'
import { numberOf, optionalNumberOf } from '../../sqlite/row.ts'
import type { StateDatabase } from '../../state/state-database.ts'

export interface CalibrationQuery {
  readonly symbol: string
  readonly horizon: number
  /** Registered model: a retrained version goes on where the one before stood. */
  readonly model: string
  /** Only forecasts from earlier days are learnt from; days since 1970-01-01. */
  readonly asOf: number
  /** Share of outcomes that the intervals shall hold, in (0, 1). */
  readonly objective: number
}

export interface IntervalCalibration {
  /** Level of the forecast's own central interval that is the calibrated one. */
  readonly askedLevel: number
  /** Share of matured outcomes inside the calibrated intervals of their own days. */
  readonly observedCoverage: number
  /** Share of matured outcomes inside the model's own intervals at the objective. */
  readonly ownCoverage: number
  /** Matured forecasts that both shares rest on. */
  readonly matured: number
}

/** @returns `undefined` while fewer than 60 forecasts have matured: nothing is known yet. */
export function intervalCalibration(
  database: StateDatabase,
  query: CalibrationQuery,
): IntervalCalibration | undefined {
  return calibrate(championPits(database, query), query)
}

/**
 * Follows the champion's days in order. The level of a day has learnt from the outcomes of forecasts
 * made `horizon` or more forecasts earlier: those that were known then.
 *
 * @param pit Of the outcomes [n], in time order; `undefined` where one has not come.
 */
export function calibrate(
  pit: readonly (number | undefined)[],
  {
    horizon,
    objective,
    rate = DEFAULT_ADAPTIVE_RATE,
  }: Pick<CalibrationQuery, 'horizon' | 'objective'> & { readonly rate?: number },
): IntervalCalibration | undefined {
  const adaptive = createAdaptiveConformal({ nominal: [objective], rate })
  const issued: (readonly number[])[] = []
  let [matured, calibrated, own] = [0, 0, 0]
  for (let day = 0; day <= pit.length; day++) {
    const known = pit[day - horizon]
    if (known !== undefined) adaptive.observe(known, issued[day - horizon] as readonly number[])
    issued.push(adaptive.levels())
    const value = pit[day]
    if (value === undefined) continue
    const score = conformityScore(value)
    matured++
    calibrated += score <= (issued[day]?.[0] as number) ? 1 : 0
    own += score <= objective ? 1 : 0
  }
  if (matured < FEWEST_CALIBRATION_DAYS) return undefined
  return {
    askedLevel: issued.at(-1)?.[0] as number,
    observedCoverage: calibrated / matured,
    ownCoverage: own / matured,
    matured,
  }
}

/** One for each day, of the newest version where two were champion on the same day. */
function championPits(
  database: StateDatabase,
  { symbol, horizon, model, asOf }: CalibrationQuery,
): readonly (number | undefined)[] {
  const rows = database
    .prepare(
      `SELECT f.as_of, f.pit FROM ledger_forecasts f JOIN ledger_tracks t USING (track)
       WHERE t.symbol = ? AND t.horizon = ? AND t.model = ? AND t.role = 'champion' AND f.as_of < ?
       ORDER BY f.as_of, t.version`,
    )
    .all(symbol, horizon, model, asOf)
  return [
    ...new Map(rows.map((row) => [numberOf(row, 'as_of'), optionalNumberOf(row, 'pit')])).values(),
  ]
}
