/** Live scores beside the training metrics: one run in the tracking store for each watched version. */
import type { TradingCalendar } from '../../market/trading-calendar.ts'
import { readTrack, type Track, type TrackRecord } from '../../monitoring/live-performance.ts'
import {
  loggedTo,
  monitoringRunOf,
  noteLoggedTo,
  noteMonitoringRun,
} from '../../monitoring/logged-metrics.ts'
import type { Metric, ModelVersionRef } from '../../tracking/tracking-store.ts'
import type { Application } from '../application.ts'

/**
 * Logs the matured forecasts of registered versions that were not logged before. The step is the
 * number of the forecast in its track, from 1; the timestamp the close of the day it was made from.
 * A point that is logged twice, by two looks at once, is one: the store ignores repeated points.
 */
export async function logLiveMetrics(
  app: Application,
  tracks: readonly Track[],
  calendar: TradingCalendar,
): Promise<void> {
  for (const track of tracks) {
    if (track.version === 0) continue
    const record = readTrack(app.database, track.track)
    const metrics = newMetrics(track, record, {
      calendar,
      after: loggedTo(app.database, track.track),
    })
    if (metrics.length === 0) continue
    const run = await monitoringRun(app, { name: track.model, version: track.version })
    await app.tracking.logBatch(run, { metrics })
    noteLoggedTo(app.database, track.track, record.asOf.at(-1) ?? 0)
  }
}

interface Unlogged {
  readonly calendar: TradingCalendar
  /** Days since 1970-01-01. */
  readonly after: number
}

function newMetrics(
  { role, horizon }: Track,
  record: TrackRecord,
  { calendar, after }: Unlogged,
): readonly Metric[] {
  const prefix = `live.${role}.h${horizon}`
  let [crps, inside] = [0, 0]
  return [...record.asOf].flatMap((day, row) => {
    crps += record.crps[row] as number
    inside += Math.abs((record.pit[row] as number) - 0.5) <= 0.4 ? 1 : 0
    if (day <= after || !calendar.isSession(day)) return []
    const at = { step: row + 1, timestampMs: calendar.closeTime(day) }
    return [
      { key: `${prefix}.crps`, value: record.crps[row] as number, ...at },
      { key: `${prefix}.mean_crps`, value: crps / (row + 1), ...at },
      { key: `${prefix}.coverage_80`, value: inside / (row + 1), ...at },
    ]
  })
}

/** Made once for each version, nested below the run that trained it. */
async function monitoringRun(app: Application, ref: ModelVersionRef): Promise<string> {
  const { database, tracking } = app
  const known = monitoringRunOf(database, ref)
  if (known !== undefined) return known
  const { runId } = await tracking.getModelVersion(ref)
  const experimentId =
    runId === undefined
      ? await experimentNamed(app, ref.name)
      : (await tracking.getRun(runId)).experimentId
  const run = await tracking.createRun({
    experimentId,
    name: `monitoring of version ${ref.version}`,
    userId: app.user,
    tags: {
      ...(runId === undefined ? {} : { 'mlflow.parentRunId': runId }),
      'tickerflow.monitoring': 'true',
      'tickerflow.model': ref.name,
      'tickerflow.version': String(ref.version),
    },
  })
  const counted = noteMonitoringRun(database, ref, run.id)
  if (counted !== run.id) await tracking.deleteRun(run.id)
  return counted
}

async function experimentNamed({ tracking }: Application, name: string): Promise<string> {
  const known = await tracking.getExperimentByName(name)
  return (known ?? (await tracking.createExperiment({ name }))).id
}
