/** Routes of experiments. */
import { invalid, missing } from '../../tracking-rules.ts'
import type { ExperimentQuery, ViewType } from '../../tracking-store.ts'
import { aside, get, getOrPost, NOTHING, post, type Route } from '../route.ts'
import { experimentReply, pageReply } from '../wire-reply.ts'
import { pageOfRequest, type WireRequest } from '../wire-request.ts'

export const VIEWS: Readonly<Record<string, ViewType>> = {
  ACTIVE_ONLY: 'active',
  DELETED_ONLY: 'deleted',
  ALL: 'all',
}

export const EXPERIMENT_ROUTES: readonly Route[] = [
  post('/experiments/create', async (request, store) => {
    const artifactLocation = request.optionalText('artifact_location')
    if (artifactLocation) assertLocation(artifactLocation)
    const { id } = await store.createExperiment({
      name: request.text('name'),
      tags: request.entries('tags'),
      ...(artifactLocation ? { artifactLocation } : {}),
    })
    return { experiment_id: id }
  }),
  get('/experiments/get', async (request, store) => ({
    experiment: experimentReply(await store.getExperiment(request.text('experiment_id'))),
  })),
  get('/experiments/get-by-name', async (request, store) => {
    const name = request.text('experiment_name')
    const experiment = await store.getExperimentByName(name)
    if (experiment === undefined) throw missing(`Experiment '${name}'`)
    return { experiment: experimentReply(experiment) }
  }),
  aside(
    getOrPost('/experiments/search', async (request, store) =>
      pageReply('experiments', await store.searchExperiments(queryOf(request)), experimentReply),
    ),
  ),
  post('/experiments/update', async (request, store) => {
    const name = request.optionalText('new_name')
    const id = request.text('experiment_id')
    if (name) await store.renameExperiment(id, name)
    return NOTHING
  }),
  post('/experiments/delete', async (request, store) => {
    await store.deleteExperiment(request.text('experiment_id'))
    return NOTHING
  }),
  post('/experiments/restore', async (request, store) => {
    await store.restoreExperiment(request.text('experiment_id'))
    return NOTHING
  }),
  post('/experiments/set-experiment-tag', async (request, store) => {
    const tags = { [request.text('key')]: request.optionalText('value') ?? '' }
    await store.setExperimentTags(request.text('experiment_id'), tags)
    return NOTHING
  }),
  post('/experiments/delete-experiment-tag', async (request, store) => {
    await store.deleteExperimentTag(request.text('experiment_id'), request.text('key'))
    return NOTHING
  }),
]

function queryOf(request: WireRequest): ExperimentQuery {
  if (!request.has('max_results')) request.integer('max_results')
  const view = request.word('view_type', VIEWS)
  return {
    ...pageOfRequest(request, { defaultLimit: 1000, mostLimit: 50_000 }),
    filter: request.optionalText('filter') ?? '',
    orderBy: request.texts('order_by'),
    ...(view === undefined ? {} : { view }),
  }
}

/** A URI whose path could climb, or hide behind a query, is refused as MLflow does. */
function assertLocation(location: string): void {
  const decoded = decodedFully(location)
  if (/[?#]/.test(location) || decoded.split(/[\\/]/).includes('..')) {
    throw invalid(`'artifact_location' cannot have '..', '?' or '#': ${location}.`)
  }
}

function decodedFully(text: string): string {
  try {
    const decoded = decodeURIComponent(text)
    return decoded === text ? text : decodedFully(decoded)
  } catch {
    return text
  }
}
