/** The history of monitoring reports, in `tickerflow.db`. */
import { Value } from 'typebox/value'
import { TickerflowError } from '../errors.ts'
import { type Row, textOf } from '../sqlite/row.ts'
import type { ComponentSchema } from '../sqlite/sqlite-migrations.ts'
import type { StateDatabase } from '../state/state-database.ts'
import { MonitoringReport } from './monitoring-report.ts'

const REPORTS = `
CREATE TABLE monitoring_reports (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  model TEXT NOT NULL,
  -- UTC milliseconds by the clock of the look; the order of the reports is seq's.
  at INTEGER NOT NULL,
  report TEXT NOT NULL
) STRICT;
CREATE INDEX monitoring_reports_of_model ON monitoring_reports (model, seq);

-- The tracking run that a version's live metrics go to, and the last day that was logged by track.
CREATE TABLE monitoring_runs (
  model TEXT NOT NULL,
  version INTEGER NOT NULL,
  run TEXT NOT NULL,
  PRIMARY KEY (model, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE monitoring_logged (
  track INTEGER PRIMARY KEY,
  as_of INTEGER NOT NULL
) STRICT;
`

export const MONITORING_SCHEMA: ComponentSchema = { component: 'monitoring', migrations: [REPORTS] }

/** Ordered by when they were stored: a clock that goes backwards does not reorder the history. */
export function storeReport(
  database: StateDatabase,
  report: Omit<MonitoringReport, 'previousId'>,
): MonitoringReport {
  return database.transaction(() => {
    const previousId = latestReports(database, report.model, 1)[0]?.id ?? null
    const stored = { ...report, previousId }
    database
      .prepare('INSERT INTO monitoring_reports (id, model, at, report) VALUES (?, ?, ?, ?)')
      .run(report.id, report.model, Date.parse(report.at), JSON.stringify(stored))
    return stored
  })
}

/** The newest first. */
export function latestReports(
  database: StateDatabase,
  model: string,
  limit: number,
): readonly MonitoringReport[] {
  return database
    .prepare('SELECT id, report FROM monitoring_reports WHERE model = ? ORDER BY seq DESC LIMIT ?')
    .all(model, limit)
    .map(reportOf)
}

/** Models that have been looked at, by name. */
export function monitoredModels(database: StateDatabase): readonly string[] {
  return database
    .prepare('SELECT DISTINCT model FROM monitoring_reports ORDER BY model')
    .all()
    .map((row) => textOf(row, 'model'))
}

function reportOf(row: Row): MonitoringReport {
  const content: unknown = JSON.parse(textOf(row, 'report'))
  if (Value.Check(MonitoringReport, content)) return content
  throw new TickerflowError(
    'STORE_DAMAGED',
    `Monitoring report ${textOf(row, 'id')} is not as the program writes it; restore the store from a backup.`,
    { details: { id: textOf(row, 'id') } },
  )
}
