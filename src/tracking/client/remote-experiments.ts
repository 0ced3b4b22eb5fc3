/** Experiments of a remote tracking server. */
import { isTickerflowError, TickerflowError } from '../../errors.ts'
import { assertExperimentName, missing } from '../tracking-rules.ts'
import type { Experiment, TrackingStore } from '../tracking-store.ts'
import { type MlflowApi, nothing, pageFields } from './mlflow-api.ts'
import { experimentOf, pageOfReply } from './reply-codec.ts'
import { entriesOf, VIEW_WORDS } from './request-codec.ts'

export type ExperimentMethod = Extract<keyof TrackingStore, `${string}Experiment${string}`>

export function remoteExperiments(api: MlflowApi): Pick<TrackingStore, ExperimentMethod> {
  const getExperiment = async (id: string): Promise<Experiment> => {
    if (!/^\d+$/.test(id)) throw missing(`Experiment '${id}'`)
    return await api.get('/experiments/get', { experiment_id: id }, (reply) =>
      experimentOf(reply.record('experiment')),
    )
  }
  const searchExperiments: TrackingStore['searchExperiments'] = async (query) =>
    await api.post(
      '/experiments/search',
      {
        ...pageFields(query, 1000),
        filter: query.filter,
        order_by: query.orderBy,
        view_type: VIEW_WORDS[query.view ?? 'active'],
      },
      (reply) => pageOfReply(reply, 'experiments', experimentOf),
    )
  return {
    getExperiment,
    searchExperiments,
    listExperiments: (page = {}) => searchExperiments(page),
    async createExperiment({ name, artifactLocation, tags }) {
      assertExperimentName(name)
      const body = { name, artifact_location: artifactLocation, tags: entriesOf(tags) }
      const id = await naming(api, 'experiment', name, () =>
        api.create('/experiments/create', body, (reply) => reply.text('experiment_id')),
      )
      return await getExperiment(id)
    },
    getExperimentByName: async (name) =>
      await absentAsUndefined(() =>
        api.get('/experiments/get-by-name', { experiment_name: name }, (reply) =>
          experimentOf(reply.record('experiment')),
        ),
      ),
    async renameExperiment(id, name) {
      assertExperimentName(name)
      await naming(api, 'experiment', name, () =>
        api.post('/experiments/update', { experiment_id: id, new_name: name }, nothing),
      )
    },
    deleteExperiment: (id) => api.post('/experiments/delete', { experiment_id: id }, nothing),
    restoreExperiment: (id) => api.post('/experiments/restore', { experiment_id: id }, nothing),
    async setExperimentTags(id, tags) {
      for (const tag of entriesOf(tags)) {
        await api.post('/experiments/set-experiment-tag', { experiment_id: id, ...tag }, nothing)
      }
    },
    deleteExperimentTag: (id, key) =>
      api.post('/experiments/delete-experiment-tag', { experiment_id: id, key }, nothing),
  }
}

/** Says which name is taken, whatever the server's words. */
export async function naming<T>(
  api: MlflowApi,
  kind: string,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!isTickerflowError(cause) || cause.code !== 'ALREADY_EXISTS') throw cause
    const message = `The ${kind} '${name}' exists already on ${api.uri}; choose another name, or restore it if it was deleted.`
    throw new TickerflowError('ALREADY_EXISTS', message, { details: { kind, name }, cause })
  }
}

export async function absentAsUndefined<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (isTickerflowError(error) && error.code === 'NOT_FOUND') return undefined
    throw error
  }
}
