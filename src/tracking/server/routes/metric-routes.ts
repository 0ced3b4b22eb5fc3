/** Routes of metric histories. */
import { invalid } from '../../tracking-rules.ts'
import { aside, get, type Route } from '../route.ts'
import { metricReply, pageReply } from '../wire-reply.ts'
import { pageOfRequest, type WireRequest } from '../wire-request.ts'
import { runIdOf } from './run-routes.ts'

const MOST_POINTS = 25_000
const MOST_RUNS = 100
const MOST_STEPS = 2500

export const METRIC_ROUTES: readonly Route[] = [
  aside(
    get('/metrics/get-history', async (request, store) => {
      const page = pageOfRequest(request, { defaultLimit: MOST_POINTS, mostLimit: MOST_POINTS })
      const key = request.text('metric_key')
      return pageReply(
        'metrics',
        await store.getMetricHistory(runIdOf(request), key, page),
        metricReply,
      )
    }),
  ),
  aside(
    get('/metrics/get-history-bulk-interval', async (request, store) => {
      const runIds = request.texts('run_ids')
      if (runIds.length === 0) request.text('run_ids')
      if (runIds.length > MOST_RUNS) {
        throw invalid(`At most ${MOST_RUNS} run_ids can be asked for; got ${runIds.length}.`)
      }
      const { limit } = pageOfRequest(request, { defaultLimit: MOST_STEPS, mostLimit: MOST_STEPS })
      const steps = stepsOf(request)
      const points = await store.sampleMetrics({
        runIds,
        key: request.text('metric_key'),
        stepsPerRun: limit,
        ...(steps === undefined ? {} : { steps }),
      })
      return pageReply('metrics', { items: points }, ({ runId, metric }) => ({
        ...metricReply(metric),
        run_id: runId,
      }))
    }),
  ),
]

function stepsOf(request: WireRequest) {
  const first = request.optionalInteger('start_step')
  const last = request.optionalInteger('end_step')
  if (first === undefined && last === undefined) return undefined
  if (first !== undefined && last !== undefined) return { first, last }
  throw invalid('If either start step or end step are specified, both must be specified.')
}
