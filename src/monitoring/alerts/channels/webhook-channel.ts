/** Notices by HTTP POST: as plain JSON, as Slack's incoming webhooks or Alertmanager's API take them. */
import type { Notice, Severity } from '../alert.ts'
import type { AlertChannel } from '../deliver-notices.ts'
import { headline, instant, noticeLine } from './notice-words.ts'

export const WEBHOOK_FORMATS = ['json', 'slack', 'alertmanager'] as const

export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number]

export interface WebhookOptions {
  readonly name: string
  readonly minimumSeverity: Severity
  /** Looked up at each message. @throws {Error} When it is not known. */
  readonly url: () => string
  /** Sent as a bearer token. */
  readonly token?: (() => string) | undefined
  readonly format: WebhookFormat
  readonly fetch: typeof fetch
  /** Alertmanager takes an alert for over at this time after its last notice, unless told earlier. */
  readonly expiryMs: number
}

export function createWebhookChannel(options: WebhookOptions): AlertChannel {
  const { name, minimumSeverity, format, fetch, expiryMs } = options
  return {
    name,
    minimumSeverity,
    async send(notices, signal) {
      const url = options.url()
      const { host } = new URL(url)
      const token = options.token?.()
      const reply = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(bodyOf(format, notices, expiryMs)),
        redirect: 'error',
        signal,
      }).catch((cause: unknown) => {
        // A webhook's address is often its secret: only the host may be named.
        throw new Error(`${host} cannot be reached (${reasonOf(cause)})`, { cause })
      })
      await reply.body?.cancel()
      if (!reply.ok) throw new Error(`${host} answered ${reply.status}`)
    },
  }
}

function bodyOf(format: WebhookFormat, notices: readonly Notice[], expiryMs: number): unknown {
  switch (format) {
    case 'slack':
      return { text: [`*Tickerflow: ${headline(notices)}*`, ...notices.map(slackLine)].join('\n') }
    case 'alertmanager':
      return notices.map((notice) => alertmanagerAlert(notice, expiryMs))
    case 'json':
      return { notices: notices.map(plainNotice) }
  }
}

/** Source: Slack's rules for text: these three characters stand for something else. */
function slackLine(notice: Notice): string {
  return noticeLine(notice).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Source: Alertmanager's OpenAPI document of `/api/v2/alerts`, `postableAlert`. */
function alertmanagerAlert({ kind, alert }: Notice, expiryMs: number) {
  const endsAtMs = alert.resolvedAtMs ?? alert.seenAtMs + expiryMs
  return {
    labels: {
      alertname: kind === 'test' ? 'tickerflow-test' : alert.rule,
      severity: alert.severity,
      subject: alert.subject,
      service: 'tickerflow',
    },
    annotations: { summary: alert.summary },
    startsAt: instant(alert.raisedAtMs),
    endsAt: instant(endsAtMs),
  }
}

function plainNotice({ kind, alert }: Notice) {
  const { id, rule, subject, severity, summary, raisedAtMs, resolvedAtMs } = alert
  return {
    kind,
    alert: {
      ...{ id, rule, subject, severity, summary },
      raisedAt: instant(raisedAtMs),
      resolvedAt: resolvedAtMs === undefined ? null : instant(resolvedAtMs),
    },
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  if (cause instanceof Error && 'code' in cause) return String(cause.code)
  return cause instanceof Error ? cause.name : 'unknown'
}
