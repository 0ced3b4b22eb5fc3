/** `/api/v1/alerts`: what people should know, and that somebody is at it. */
import { Type } from 'typebox'
import { type Alert, RULE_NAMES, SEVERITIES } from '../../monitoring/alerts/alert.ts'
import { acknowledgeAlert, listAlerts } from '../../monitoring/alerts/alert-store.ts'
import { waitingNotices } from '../../monitoring/alerts/deliver-notices.ts'
import { appendAudit } from '../../registry/audit-log.ts'
import { actorOf } from '../access/principal.ts'
import { problemResponses } from '../http/problem.ts'
import type { ServingContext, TypedServer } from './serving-context.ts'

const Instant = Type.String({ description: 'ISO 8601.' })
const OptionalInstant = Type.Union([Instant, Type.Null()])
const OptionalText = Type.Union([Type.String(), Type.Null()])

const AlertDocument = Type.Object({
  id: Type.String(),
  rule: Type.Enum([...RULE_NAMES]),
  subject: Type.String({ description: 'What it is about.' }),
  severity: Type.Enum([...SEVERITIES]),
  summary: Type.String({ description: 'One sentence, with the figures of the last look.' }),
  raisedAt: Instant,
  seenAt: Type.String({ description: 'ISO 8601, of the last look that found it.' }),
  resolvedAt: OptionalInstant,
  acknowledgedAt: OptionalInstant,
  acknowledgedBy: OptionalText,
})

export function alertRoutes(server: TypedServer, { app }: ServingContext): void {
  const { database, clock } = app
  server.get(
    '/api/v1/alerts',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['monitoring'],
        operationId: 'listAlerts',
        summary: 'Alerts, the newest first',
        querystring: Type.Object({
          all: Type.Optional(Type.Boolean({ description: 'Also those that are over.' })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
        }),
        response: {
          200: Type.Object({
            alerts: Type.Array(AlertDocument),
            waiting: Type.Array(
              Type.Object({
                channel: Type.String(),
                waiting: Type.Integer({ description: 'Notices that it has not taken yet.' }),
                error: OptionalText,
              }),
            ),
          }),
          ...problemResponses(),
        },
      },
    },
    async ({ query: { all = false, limit = 200 } }) => ({
      alerts: listAlerts(database, { all, limit }).map(alertDocument),
      waiting: [...waitingNotices(database)],
    }),
  )
  server.post(
    '/api/v1/alerts/:id/acknowledge',
    {
      config: { scope: 'admin' },
      schema: {
        tags: ['monitoring'],
        operationId: 'acknowledgeAlert',
        summary: 'Say that somebody is at it: no more reminders',
        params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) }),
        response: { 200: AlertDocument, ...problemResponses(404) },
      },
    },
    async ({ params: { id }, principal }) => {
      const by = actorOf(principal, app.user)
      const alert = database.transaction(() => {
        const acknowledged = acknowledgeAlert(database, id, { by, nowMs: clock() })
        const { rule, subject } = acknowledged
        const fields = { alert: acknowledged.id, rule, subject, by }
        appendAudit(database, { atMs: clock(), event: 'alert-acknowledged', fields })
        return acknowledged
      })
      return alertDocument(alert)
    },
  )
}

function alertDocument(alert: Alert) {
  const { id, rule, subject, severity, summary, acknowledgedBy } = alert
  return {
    ...{ id, rule, subject, severity, summary },
    raisedAt: new Date(alert.raisedAtMs).toISOString(),
    seenAt: new Date(alert.seenAtMs).toISOString(),
    resolvedAt: instantOf(alert.resolvedAtMs),
    acknowledgedAt: instantOf(alert.acknowledgedAtMs),
    acknowledgedBy: acknowledgedBy ?? null,
  }
}

function instantOf(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString()
}
