/** One request of MLflow's API: a route, what it takes, and how its answer is read. */
import { invalid } from '../tracking-rules.ts'
import type { PageRequest } from '../tracking-store.ts'
import { readReply, type WireFields } from './reply-codec.ts'
import type { QueryValue, TrackingHttp } from './tracking-http.ts'

const BASE = '/api/2.0/mlflow'

type Read<T> = (fields: WireFields) => T
type Query = Readonly<Record<string, QueryValue>>

/** MLflow's routes by method; every answer goes through a reader. */
export interface MlflowApi {
  readonly uri: string
  get<T>(route: string, query: Query, read: Read<T>): Promise<T>
  post<T>(route: string, json: unknown, read: Read<T>): Promise<T>
  /** As `post`, for what must not happen twice. */
  create<T>(route: string, json: unknown, read: Read<T>): Promise<T>
  patch<T>(route: string, json: unknown, read: Read<T>): Promise<T>
  delete(route: string, json?: unknown): Promise<void>
}

export function createMlflowApi(http: TrackingHttp): MlflowApi {
  const read = <T>(reply: unknown, reader: Read<T>) => readReply(http.uri, reply, reader)
  const pathOf = (route: string) => `${BASE}${route}`
  return {
    uri: http.uri,
    get: async (route, query, reader) =>
      read(await http.ask({ method: 'GET', path: pathOf(route), query }), reader),
    post: async (route, json, reader) =>
      read(await http.ask({ method: 'POST', path: pathOf(route), json }), reader),
    create: async (route, json, reader) =>
      read(await http.ask({ method: 'POST', path: pathOf(route), json, once: true }), reader),
    patch: async (route, json, reader) =>
      read(await http.ask({ method: 'PATCH', path: pathOf(route), json }), reader),
    delete: async (route, json = {}) => {
      await http.ask({ method: 'DELETE', path: pathOf(route), json })
    },
  }
}

/** Reads nothing: the reply has nothing to say. */
export function nothing(): void {}

/** @throws {TickerflowError} TRACKING_INVALID for a limit that is no positive integer. */
export function pageFields(page: PageRequest, defaultLimit: number) {
  const limit = page.limit ?? defaultLimit
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw invalid(`A page limit of ${limit} was asked for; expected an integer from 1.`)
  }
  return { max_results: limit, page_token: page.pageToken }
}

/** A text as a filter of MLflow's takes it. */
export function quoted(text: string): string {
  return text.includes("'") ? `"${text.replaceAll('"', '""')}"` : `'${text}'`
}
