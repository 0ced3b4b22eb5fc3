/** What Prometheus reads at `/metrics`. */
import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { ModelEvent } from './models/live-models.ts'

export interface ServingMetrics {
  readonly registry: Registry
  inferred(model: string, version: string | number, seconds: number): void
  failed(model: string): void
  /** Age in sessions of the bars that a forecast was made from. */
  dataAge(symbol: string, sessions: number): void
  onModelEvent(event: ModelEvent): void
  /** Times every request. */
  watch(app: FastifyInstance): void
}

const MODEL_LABELS = ['model_name', 'model_version'] as const

export function createServingMetrics(): ServingMetrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  })
  const successes = new Counter({
    name: 'model_infer_request_success',
    help: 'Forecasts answered, by the version that made them.',
    labelNames: MODEL_LABELS,
    registers,
  })
  const failures = new Counter({
    name: 'model_infer_request_failure',
    help: 'Questions for forecasts that were refused or failed.',
    labelNames: ['model_name'] as const,
    registers,
  })
  const durations = new Histogram({
    name: 'model_infer_duration_seconds',
    help: 'Time from question to forecast, without the transport.',
    labelNames: MODEL_LABELS,
    buckets: [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1],
    registers,
  })
  const versions = new Gauge({
    name: 'model_loaded_version',
    help: 'Version in memory of each model.',
    labelNames: ['model_name'] as const,
    registers,
  })
  const loadFailures = new Counter({
    name: 'model_load_failures_total',
    help: 'Versions that could not be loaded; the one before goes on answering.',
    labelNames: MODEL_LABELS,
    registers,
  })
  const ages = new Gauge({
    name: 'data_age_sessions',
    help: 'Sessions that have ended since the last bar of a symbol.',
    labelNames: ['symbol'] as const,
    registers,
  })
  return {
    registry,
    inferred(model_name, version, seconds) {
      const labels = { model_name, model_version: String(version) }
      successes.inc(labels)
      durations.observe(labels, seconds)
    },
    failed: (model_name) => failures.inc({ model_name }),
    dataAge: (symbol, sessions) => ages.set({ symbol }, sessions),
    onModelEvent(event) {
      if (event.event === 'model-loaded') versions.set({ model_name: event.name }, event.version)
      if (event.event === 'model-evicted') versions.remove({ model_name: event.name })
      if (event.event === 'model-load-failed') {
        loadFailures.inc({ model_name: event.name, model_version: String(event.version) })
      }
    },
    watch(app) {
      app.addHook('onResponse', (request, reply, done) => {
        const { method, routeOptions } = request
        const route = routeOptions.url ?? 'unknown'
        requests.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
        done()
      })
    },
  }
}
