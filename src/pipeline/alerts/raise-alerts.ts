/** Where looks at models and ended jobs become alerts, and channels are told. */
import type { Config } from '../../config.ts'
import { settleAlerts } from '../../monitoring/alerts/alert-store.ts'
import { type Delivery, deliverNotices } from '../../monitoring/alerts/deliver-notices.ts'
import { reportConditions, withSeverity } from '../../monitoring/alerts/report-conditions.ts'
import type { MonitoringReport } from '../../monitoring/monitoring-report.ts'
import type { Application } from '../application.ts'

type Alerting = Pick<Application, 'database' | 'clock' | 'newId' | 'alertChannels'>

/** What the report says, and what it no longer says. */
export function raiseReportAlerts(app: Alerting, config: Config, report: MonitoringReport): void {
  settle(app, config, {
    scope: `monitor ${report.model}`,
    conditions: reportConditions(report, config.alerts),
  })
}

/** A job that failed is over as an alert when the next of its kind and symbol is done. */
export function raiseJobAlert(
  app: Alerting,
  config: Config,
  job: { readonly kind: string; readonly symbol: string; readonly failure: string | undefined },
): void {
  const { kind, symbol, failure } = job
  const subject = `${kind} ${symbol}`
  const found = {
    rule: 'job-failed' as const,
    subject,
    summary: `The job ${subject} failed: ${failure}`,
  }
  settle(app, config, {
    scope: `job ${subject}`,
    conditions: failure === undefined ? [] : withSeverity(found, config.alerts),
  })
}

/** Tells the channels what is due; a channel that fails is told later. */
export async function deliverAlerts(
  app: Alerting & Pick<Application, 'wallClock'>,
): Promise<readonly Delivery[]> {
  const { database, clock, wallClock, alertChannels: channels } = app
  return await deliverNotices({ database, channels, clock, wallClock })
}

const MS_PER_MINUTE = 60_000
const MS_PER_HOUR = 3_600_000

function settle(
  { database, clock, newId, alertChannels: channels }: Alerting,
  { alerts: { remindHours, coolDownMinutes } }: Config,
  found: Pick<Parameters<typeof settleAlerts>[1], 'scope' | 'conditions'>,
): void {
  settleAlerts(database, {
    ...found,
    nowMs: clock(),
    newId,
    policy: {
      channels,
      remindMs: remindHours * MS_PER_HOUR,
      coolDownMs: coolDownMinutes * MS_PER_MINUTE,
    },
  })
}
