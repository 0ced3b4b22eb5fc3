/** `tickerflow alerts`: what is open, who has seen it, and whether the channels work. */
import { TickerflowError } from '../errors.ts'
import type { Alert } from '../monitoring/alerts/alert.ts'
import { acknowledgeAlert, listAlerts } from '../monitoring/alerts/alert-store.ts'
import { waitingNotices } from '../monitoring/alerts/deliver-notices.ts'
import { deliverAlerts } from '../pipeline/alerts/raise-alerts.ts'
import { testChannels } from '../pipeline/alerts/test-channels.ts'
import type { Application } from '../pipeline/application.ts'
import { type GlobalOptions, withContext } from './context.ts'
import { table } from './words.ts'

const MOST_LISTED = 200

export async function list(options: GlobalOptions & { readonly all?: boolean }): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const alerts = listAlerts(app.database, { all: options.all ?? false, limit: MOST_LISTED })
    const waiting = waitingNotices(app.database)
    answer({ alerts: alerts.map(alertDocument), waiting }, () =>
      [
        alerts.length === 0 ? 'No alert is open.' : alertTable(alerts),
        ...waiting.map(
          ({ channel, waiting: count, error }) =>
            `The channel ${channel} has not taken ${count} notice(s) yet${error === null ? '' : `: ${error}`}.`,
        ),
      ].join('\n'),
    )
  })
}

export async function acknowledge(id: string, options: GlobalOptions): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const alert = acknowledgeAlert(app.database, id, { by: app.user, nowMs: app.clock() })
    answer(alertDocument(alert), () => `${alert.summary} Acknowledged by ${alert.acknowledgedBy}.`)
  })
}

/** @throws {TickerflowError} CHANNEL_FAILED when one did not take it. */
export async function test(options: GlobalOptions & { readonly channel?: string }): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const results = await testChannels(app, options.channel)
    answer({ channels: results }, () =>
      results.map(({ channel, error }) => `${channel}: ${error ?? 'taken'}`).join('\n'),
    )
    const failed = results.filter(({ error }) => error !== null)
    if (failed.length === 0) return
    throw new TickerflowError(
      'CHANNEL_FAILED',
      `${failed.map(({ channel, error }) => `${channel}: ${error}`).join('; ')}. Compare 'alerts.channels' in the configuration with docs/how-to/alert.md.`,
    )
  })
}

/** What cannot be delivered is said and kept; the command goes on. */
export async function tellChannels(app: Application): Promise<void> {
  for (const { channel, notices, error } of await deliverAlerts(app)) {
    if (error === undefined) continue
    process.stderr.write(
      `The channel ${channel} has not taken ${notices} notice(s): ${error}. They are kept and tried again.\n`,
    )
  }
}

function alertTable(alerts: readonly Alert[]): string {
  return table(
    ['alert', 'severity', 'since', 'state', 'what'],
    alerts.map((alert) => [
      alert.id.slice(0, 8),
      alert.severity,
      instant(alert.raisedAtMs) ?? '',
      stateOf(alert),
      alert.summary,
    ]),
  )
}

function stateOf({ resolvedAtMs, acknowledgedBy }: Alert): string {
  if (resolvedAtMs !== undefined) return `over since ${instant(resolvedAtMs)}`
  return acknowledgedBy === undefined ? 'open' : `acknowledged by ${acknowledgedBy}`
}

function alertDocument(alert: Alert) {
  const { id, rule, subject, severity, summary, acknowledgedBy } = alert
  return {
    ...{ id, rule, subject, severity, summary },
    raisedAt: instant(alert.raisedAtMs),
    seenAt: instant(alert.seenAtMs),
    resolvedAt: instant(alert.resolvedAtMs),
    acknowledgedAt: instant(alert.acknowledgedAtMs),
    acknowledgedBy: acknowledgedBy ?? null,
  }
}

function instant(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
