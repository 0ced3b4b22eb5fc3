/** A backtest's forecasts as CSV: one row per day and model, for any other tool to check. */
import type { Backtest } from '../evaluation/backtest.ts'
import { formatDay } from '../market/trading-date.ts'

const HEADER =
  'date,model,reference_close,outcome_log_return,location,scale,degrees_of_freedom,fold'

/** Numbers are written so that they read back to the same bits. */
export function backtestCsv(backtest: Backtest): string {
  const lines = [HEADER]
  for (let row = 0; row < backtest.date.length; row++) {
    const day = formatDay(backtest.date[row] as number)
    for (const track of backtest.tracks) {
      lines.push(
        [
          day,
          track.model,
          backtest.referenceClose[row],
          backtest.outcome[row],
          track.location[row],
          track.scale[row],
          track.degreesOfFreedom[row],
          backtest.fold[row],
        ].join(','),
      )
    }
  }
  return `${lines.join('\n')}\n`
}
