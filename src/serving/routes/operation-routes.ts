/** Health and metrics: is the process alive, can it answer, what has it done. */
import { Type } from 'typebox'
import { problemResponses } from '../http/problem.ts'
import type { ServingContext, TypedServer } from './serving-context.ts'

const open = { scope: 'open' } as const

const Ready = Type.Object({
  ready: Type.Boolean(),
  models: Type.Array(Type.Object({ name: Type.String(), version: Type.Integer() })),
  reasons: Type.Array(Type.String()),
})

export function operationRoutes(server: TypedServer, context: ServingContext): void {
  server.get(
    '/health/live',
    {
      config: open,
      schema: {
        tags: ['operation'],
        operationId: 'isLive',
        summary: 'Whether the process runs',
        response: { 200: Type.Object({ live: Type.Boolean() }), ...problemResponses() },
      },
    },
    async () => ({ live: true }),
  )
  server.get(
    '/health/ready',
    {
      config: open,
      schema: {
        tags: ['operation'],
        operationId: 'isReady',
        summary: 'Whether a model in Production is loaded',
        response: { 200: Ready, ...problemResponses(), 503: Ready },
      },
    },
    async (_request, reply) => {
      const models = context.models.loaded().map(({ name, version }) => ({ name, version }))
      const ready = models.length > 0
      const reasons = ready ? [] : ['no model in Production is loaded']
      return await reply.code(ready ? 200 : 503).send({ ready, models, reasons })
    },
  )
  server.get(
    '/metrics',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['operation'],
        operationId: 'getMetrics',
        summary: 'Metrics in the text format of Prometheus',
        response: {
          200: { content: { 'text/plain': { schema: Type.String() } } },
          ...problemResponses(),
        },
      },
    },
    async (_request, reply) => {
      const { metrics, clusterMetrics } = context
      const text = await (clusterMetrics?.() ?? metrics.registry.metrics())
      return await reply.type('text/plain; version=0.0.4; charset=utf-8').send(text)
    },
  )
}
