/** What a route of the API is: a request of MLflow's in, a reply of MLflow's out. */
import type { TrackingStore } from '../tracking-store.ts'
import type { WireReply } from './wire-reply.ts'
import type { WireRequest } from './wire-request.ts'

export interface Route {
  readonly methods: readonly ('GET' | 'POST' | 'PATCH' | 'DELETE')[]
  /** Below `/api/2.0/mlflow`; `:name` parts are fields of the request, too. */
  readonly path: string
  readonly handle: (request: WireRequest, store: TrackingStore) => Promise<WireReply>
  /** It only reads, perhaps much: not in the thread that answers, where there is one for reads. */
  readonly aside?: true
  /** Bytes; the server's limit when absent. */
  readonly bodyLimit?: number
}

type Handle = Route['handle']

export function get(path: string, handle: Handle): Route {
  return { methods: ['GET'], path, handle }
}

export function post(path: string, handle: Handle): Route {
  return { methods: ['POST'], path, handle }
}

export function patch(path: string, handle: Handle): Route {
  return { methods: ['PATCH'], path, handle }
}

export function del(path: string, handle: Handle): Route {
  return { methods: ['DELETE'], path, handle }
}

/** MLflow takes some reads as POST as well. */
export function getOrPost(path: string, handle: Handle): Route {
  return { methods: ['GET', 'POST'], path, handle }
}

/** The same route, answered by the thread for reads. */
export function aside(route: Route): Route {
  return { ...route, aside: true }
}

/** The reply of a request that has nothing to say. */
export const NOTHING: WireReply = {}
