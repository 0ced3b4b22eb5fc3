/** What each kind of job does; each can be done again without doing anything twice. */
import type { Config } from '../../config.ts'
import { TickerflowError } from '../../errors.ts'
import { formatDay } from '../../market/trading-date.ts'
import type { Application } from '../application.ts'
import { backupDirectory } from '../backup/backup-manifest.ts'
import { createBackup, pruneBackups } from '../backup/create-backup.ts'
import { issueForecasts } from '../issuing/issue-forecasts.ts'
import { ingestBars } from '../market-data.ts'
import { monitorSymbol } from '../monitor/monitor.ts'
import type { Progress } from '../progress.ts'
import { retrainIfDue } from '../retraining/retrain-now.ts'
import type { Job } from './due-jobs.ts'

export interface JobContext {
  readonly app: Application
  readonly config: Config
  readonly progress: Progress
  readonly holder: string
}

/** @returns What came of it, in words. */
export async function runJob(
  { app, config: common, progress, holder }: JobContext,
  { kind, symbol }: Pick<Job, 'kind' | 'symbol'>,
  signal: AbortSignal,
): Promise<string> {
  const config = { ...common, symbol }
  switch (kind) {
    case 'ingest': {
      const { bars } = await ingestBars(app, { symbol, config, signal })
      return `${bars.date.length} bars to ${formatDay(bars.date.at(-1) ?? 0)}`
    }
    case 'monitor': {
      const { outcomes, drift } = await monitorSymbol(app, { config, symbol })
      return `${outcomes.matured} outcomes, drift ${drift.verdict}`
    }
    case 'retrain':
      return await retrainIfDue(app, { config, progress, signal }, holder)
    case 'forecast': {
      const asked = { config, symbols: [symbol], chain: 'schedule', signal }
      const { issued, problems } = await issueForecasts(app, asked)
      const [problem] = problems
      if (problem !== undefined) return `no forecast (${problem.code}): ${problem.message}`
      return issued.map(({ lines, asOf }) => `${lines.length} forecasts from ${asOf}`).join(', ')
    }
    case 'backup':
      return await backUp(app, config, signal)
  }
}

async function backUp(app: Application, config: Config, signal: AbortSignal): Promise<string> {
  const { backupTo, backupsKept } = config.schedule
  if (backupTo === undefined) {
    throw new TickerflowError(
      'CONFIG_INVALID',
      'The schedule has backups, but no place for them: set schedule.backupTo to a directory.',
    )
  }
  const to = backupDirectory(backupTo)
  const { directory: store, clock } = app
  const { id } = await createBackup({ store, to, clock, signal, report: () => {} })
  const removed = await pruneBackups(to, backupsKept)
  return `backup ${id}${removed.length === 0 ? '' : `, ${removed.length} old ones removed`}`
}
