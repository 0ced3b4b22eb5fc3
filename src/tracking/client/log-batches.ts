/** Cuts what is to be logged into calls that a tracking server takes. */
import { assertKey, assertMetric, assertTagKeys, LIMITS, truncated } from '../tracking-rules.ts'
import type { LogBatch, Metric, StringMap } from '../tracking-store.ts'
import { batchBody } from './request-codec.ts'

/** MLflow's bounds of one call. */
export const CALL_LIMITS = {
  metrics: 1000,
  params: 100,
  tags: 100,
  entities: 1000,
  bytes: 1_000_000,
} as const

/** Stands in for a run's id, and for the brackets around what a call holds. */
const FRAME_BYTES = 1000

/** @throws {TickerflowError} TRACKING_INVALID before anything is sent: a batch is logged whole or not at all. */
export function assertBatch({ metrics = [], params = {}, tags = {} }: LogBatch): void {
  for (const metric of metrics) assertMetric(metric)
  for (const key of Object.keys(params)) assertKey('param', key)
  assertTagKeys(tags)
}

/** Too long values cut off, as the server would. */
export function shortened({ metrics, params = {}, tags = {} }: LogBatch): LogBatch {
  const cut = (entries: StringMap, limit: number) =>
    Object.fromEntries(
      Object.entries(entries).map(([key, value]) => [key, truncated(value, limit)]),
    )
  return {
    ...(metrics === undefined ? {} : { metrics }),
    params: cut(params, LIMITS.paramValue),
    tags: cut(tags, LIMITS.tagValue),
  }
}

/**
 * The calls that log a batch, in its order: params first, as MLflow writes them. One call, of
 * nothing, for an empty batch.
 */
export function callsOf(batch: LogBatch): readonly LogBatch[] {
  const calls: OpenCall[] = []
  let call = new OpenCall()
  for (const item of itemsOf(batch)) {
    if (!call.hasRoomFor(item)) {
      calls.push(call)
      call = new OpenCall()
    }
    call.add(item)
  }
  return [...calls, call].map((one) => one.batch())
}

type Item =
  | { readonly kind: 'metrics'; readonly metric: Metric; readonly bytes: number }
  | {
      readonly kind: 'params' | 'tags'
      readonly entry: readonly [string, string]
      readonly bytes: number
    }

function* itemsOf({ metrics = [], params = {}, tags = {} }: LogBatch): Generator<Item> {
  for (const entry of Object.entries(params)) {
    yield { kind: 'params', entry, bytes: bytesOf({ params: Object.fromEntries([entry]) }) }
  }
  for (const metric of metrics)
    yield { kind: 'metrics', metric, bytes: bytesOf({ metrics: [metric] }) }
  for (const entry of Object.entries(tags)) {
    yield { kind: 'tags', entry, bytes: bytesOf({ tags: Object.fromEntries([entry]) }) }
  }
}

/** As JSON, with a comma; a little more than it takes in the company of others. */
function bytesOf(batch: LogBatch): number {
  return Buffer.byteLength(JSON.stringify(batchBody('', batch)))
}

class OpenCall {
  readonly #metrics: Metric[] = []
  readonly #params: (readonly [string, string])[] = []
  readonly #tags: (readonly [string, string])[] = []
  #bytes = FRAME_BYTES

  hasRoomFor({ kind, bytes }: Item): boolean {
    const counts = {
      metrics: this.#metrics.length,
      params: this.#params.length,
      tags: this.#tags.length,
    }
    const total = counts.metrics + counts.params + counts.tags
    return (
      counts[kind] < CALL_LIMITS[kind] &&
      total < CALL_LIMITS.entities &&
      this.#bytes + bytes <= CALL_LIMITS.bytes
    )
  }

  add(item: Item): void {
    if (item.kind === 'metrics') this.#metrics.push(item.metric)
    else if (item.kind === 'params') this.#params.push(item.entry)
    else this.#tags.push(item.entry)
    this.#bytes += item.bytes
  }

  batch(): LogBatch {
    return {
      metrics: this.#metrics,
      params: Object.fromEntries(this.#params),
      tags: Object.fromEntries(this.#tags),
    }
  }
}
