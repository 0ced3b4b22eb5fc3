/** `/api/v1/jobs`: what is scheduled, what has been done, and the challengers of what is live. */
import { Type } from 'typebox'
import { formatDay } from '../../market/trading-date.ts'
import { JOB_KINDS } from '../../pipeline/jobs/job-kinds.ts'
import { scheduledJobs } from '../../pipeline/jobs/scheduled-jobs.ts'
import { createSqliteDueJobs } from '../../pipeline/jobs/sqlite-due-jobs.ts'
import { retrainingsOf } from '../../pipeline/retraining/retraining-journal.ts'
import { problemResponses } from '../http/problem.ts'
import type { ServingContext, TypedServer } from './serving-context.ts'

const config = { scope: 'read' } as const
const Instant = Type.String({ description: 'ISO 8601.' })
const OptionalInstant = Type.Union([Instant, Type.Null()])
const OptionalText = Type.Union([Type.String(), Type.Null()])
const Kind = Type.Enum([...JOB_KINDS])

const Schedule = Type.Object({
  kind: Kind,
  symbol: Type.String(),
  rule: Type.String({ description: 'Time after each close, or a cron pattern in New York time.' }),
  next: OptionalInstant,
})
const JobEntry = Type.Object({
  id: Type.Integer(),
  kind: Kind,
  symbol: Type.String(),
  dueAt: Instant,
  state: Type.Enum(['waiting', 'running', 'done', 'failed', 'missed']),
  attempts: Type.Integer(),
  startedAt: OptionalInstant,
  endedAt: OptionalInstant,
  outcome: OptionalText,
})
const Retraining = Type.Object({
  id: Type.String(),
  model: Type.String(),
  symbol: Type.String(),
  trigger: Type.String(),
  reason: Type.String(),
  state: Type.Enum(['training', 'shadow', 'decided', 'failed']),
  startedAt: Instant,
  trainedTo: Type.Union([Type.String({ description: 'YYYY-MM-DD.' }), Type.Null()]),
  version: Type.Union([Type.Integer(), Type.Null()]),
  outcome: OptionalText,
})

const RETRAININGS_SHOWN = 50

export function jobsRoutes(server: TypedServer, { app, config: settings }: ServingContext): void {
  const { database, wallClock } = app
  const queue = createSqliteDueJobs({ database, wallClock })
  const schedules = scheduledJobs(settings)
  server.get(
    '/api/v1/jobs',
    {
      config,
      schema: {
        tags: ['operation'],
        operationId: 'listJobs',
        summary: 'Schedules, jobs and retrainings, the newest first',
        querystring: Type.Object({
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
        }),
        response: {
          200: Type.Object({
            schedules: Type.Array(Schedule, { description: 'As this server is configured.' }),
            jobs: Type.Array(JobEntry),
            retrainings: Type.Array(Retraining),
          }),
          ...problemResponses(),
        },
      },
    },
    async ({ query: { limit = 100 } }) => ({
      schedules: schedules.map(({ kind, symbol, rule, due }) => {
        return { kind, symbol, rule, next: instantOf(due.next(app.clock())) }
      }),
      jobs: queue.list(limit).map((job) => {
        const { kind, symbol, state, attempts } = job
        return {
          ...{ id: job.job, kind, symbol, state, attempts },
          dueAt: new Date(job.dueAtMs).toISOString(),
          startedAt: instantOf(job.startedAtMs),
          endedAt: instantOf(job.endedAtMs),
          outcome: job.outcome ?? null,
        }
      }),
      retrainings: retrainingsOf(database)
        .slice(-RETRAININGS_SHOWN)
        .reverse()
        .map((one) => {
          const { id, model, symbol, trigger, reason, state, trainedTo } = one
          return {
            ...{ id, model, symbol, trigger, reason, state },
            startedAt: new Date(one.startedAtMs).toISOString(),
            trainedTo: trainedTo === undefined ? null : formatDay(trainedTo),
            version: one.version ?? null,
            outcome: one.outcome ?? null,
          }
        }),
    }),
  )
}

function instantOf(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString()
}
