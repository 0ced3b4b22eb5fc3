/** The forecasts of a symbol that were issued last, with the outcomes that are known. */
import { numberOf, optionalNumberOf, type Row } from '../../sqlite/row.ts'
import type { StateDatabase } from '../../state/state-database.ts'
import type { IssuedForecast } from './ledger-line.ts'
import { forecastOf } from './ledger-row.ts'

export interface SettledForecast extends Omit<IssuedForecast, 'inputs' | 'late'> {
  /** Natural-log return over the horizon; `undefined` while it is pending, as is the score. */
  readonly outcome: number | undefined
  readonly crps: number | undefined
}

export interface RecentQuery {
  readonly symbol: string
  readonly role: string
  readonly limit: number
}

/** The newest day first; of each track at most `limit`, and together at most `limit`. */
export function recentForecasts(
  database: StateDatabase,
  { symbol, role, limit }: RecentQuery,
): readonly SettledForecast[] {
  const tracks = database
    .prepare('SELECT track FROM ledger_tracks WHERE symbol = ? AND role = ?')
    .all(symbol, role)
  return tracks
    .flatMap((row) =>
      database
        .prepare(
          `SELECT t.*, f.as_of, f.location, f.scale, f.degrees_of_freedom, f.outcome, f.crps,
             l.reference_close, l.issued_at
           FROM ledger_forecasts f JOIN ledger_tracks t USING (track)
             JOIN ledger_lines l ON l.chain = f.chain AND l.seq = f.seq
           WHERE f.track = ? ORDER BY f.as_of DESC LIMIT ?`,
        )
        .all(numberOf(row, 'track'), limit),
    )
    .map(settledOf)
    .sort((a, b) => b.asOf - a.asOf || b.issuedAtMs - a.issuedAtMs)
    .slice(0, limit)
}

function settledOf(row: Row): SettledForecast {
  return {
    ...forecastOf(row),
    outcome: optionalNumberOf(row, 'outcome'),
    crps: optionalNumberOf(row, 'crps'),
  }
}
