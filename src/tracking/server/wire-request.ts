/** Reads a request of MLflow's API: lenient in form (numbers as text, unknown fields), strict in kind. */
import { invalid } from '../tracking-rules.ts'
import type { Metric, StringMap } from '../tracking-store.ts'

/** The fields of a JSON body or of a query. Every failure is TRACKING_INVALID and names the field. */
export class WireRequest {
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #place: string

  /** @param place Where these fields lie, e.g. `metrics[3].`. */
  constructor(fields: unknown, place = '') {
    if (fields !== undefined && fields !== null && !isRecord(fields)) {
      throw invalid(`The request${place === '' ? '' : ` at ${place}`} is not a JSON object.`)
    }
    this.#fields = fields ?? {}
    this.#place = place
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined
  }

  /** @throws {TickerflowError} When it is absent or empty, too. */
  text(name: string): string {
    const value = this.optionalText(name)
    if (value === undefined || value === '') throw this.#missing(name)
    return value
  }

  optionalText(name: string): string | undefined {
    const value = this.#value(name)
    if (value === undefined || typeof value === 'string') return value
    throw this.#wrong(name, value, 'a string')
  }

  /** A list, or one alone as queries write it. */
  texts(name: string): readonly string[] {
    const value = this.#value(name) ?? []
    const list = Array.isArray(value) ? value : [value]
    if (list.every((item) => typeof item === 'string')) return list
    throw this.#wrong(name, value, 'a list of strings')
  }

  integer(name: string): number {
    const value = this.optionalInteger(name)
    if (value === undefined) throw this.#missing(name)
    return value
  }

  /** An int64, as a number or as text. */
  optionalInteger(name: string): number | undefined {
    const value = this.#value(name)
    if (value === undefined) return undefined
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
    if (Number.isSafeInteger(number)) return number as number
    throw this.#wrong(name, value, 'an integer between -(2^53 - 1) and 2^53 - 1')
  }

  /** A double; `NaN` and `±Infinity` come as text. */
  double(name: string): number {
    const value = this.#value(name)
    if (value === undefined) throw this.#missing(name)
    if (typeof value === 'number') return value
    if (typeof value === 'string' && DOUBLE.test(value)) return Number(value)
    throw this.#wrong(name, value, 'a number')
  }

  flag(name: string): boolean {
    const value = this.#value(name)
    if (typeof value === 'boolean') return value
    if (value === 'true' || value === 'false') return value === 'true'
    throw value === undefined ? this.#missing(name) : this.#wrong(name, value, 'true or false')
  }

  /** One of these words; `undefined` when absent. */
  word<T>(name: string, words: Readonly<Record<string, T>>): T | undefined {
    const value = this.optionalText(name)
    if (value === undefined) return undefined
    if (Object.hasOwn(words, value)) return words[value]
    throw this.#wrong(name, value, `one of ${Object.keys(words).join(', ')}`)
  }

  record(name: string): WireRequest {
    return new WireRequest(this.#value(name), `${this.#place}${name}.`)
  }

  records(name: string): readonly WireRequest[] {
    const value = this.#value(name) ?? []
    if (!Array.isArray(value)) throw this.#wrong(name, value, 'a list')
    return value.map((item, index) => new WireRequest(item, `${this.#place}${name}[${index}].`))
  }

  /** A list of `{key, value}`; the same key with two values is refused for params. */
  entries(name: string, repeated: 'last-wins' | 'refused' = 'last-wins'): StringMap {
    const entries = new Map<string, string>()
    for (const item of this.records(name)) {
      const key = item.text('key')
      const value = item.optionalText('value') ?? ''
      if (repeated === 'refused' && (entries.get(key) ?? value) !== value) {
        throw invalid(`The key '${key}' stands in ${this.#place}${name} with two values.`)
      }
      entries.set(key, value)
    }
    return Object.fromEntries(entries)
  }

  #value(name: string): unknown {
    const value = Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined
    return value === null ? undefined : value
  }

  #missing(name: string): Error {
    return invalid(
      `Missing value for required parameter '${this.#place}${name}'. See the API docs for more information about request parameters.`,
    )
  }

  #wrong(name: string, value: unknown, expected: string): Error {
    const received = JSON.stringify(value)?.slice(0, 100)
    return invalid(
      `Invalid value ${received} for parameter '${this.#place}${name}': expected ${expected}.`,
    )
  }
}

const DOUBLE = /^(NaN|[+-]?Infinity|[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)$/

export function metricOfRequest(request: WireRequest): Metric {
  const modelId = request.optionalText('model_id')
  const datasetName = request.optionalText('dataset_name')
  const datasetDigest = request.optionalText('dataset_digest')
  return {
    key: request.text('key'),
    value: request.double('value'),
    timestampMs: request.integer('timestamp'),
    step: request.optionalInteger('step') ?? 0,
    ...(modelId ? { modelId } : {}),
    ...(datasetName ? { datasetName } : {}),
    ...(datasetDigest ? { datasetDigest } : {}),
  }
}

/** MLflow's page, within its bounds. */
export function pageOfRequest(
  request: WireRequest,
  { defaultLimit, mostLimit }: { readonly defaultLimit: number; readonly mostLimit: number },
): { readonly limit: number; readonly pageToken?: string } {
  const limit = request.optionalInteger('max_results') ?? defaultLimit
  if (limit < 1 || limit > mostLimit) {
    throw invalid(
      `Invalid value ${limit} for parameter 'max_results': expected an integer from 1 to ${mostLimit}.`,
    )
  }
  const pageToken = request.optionalText('page_token')
  return pageToken ? { limit, pageToken } : { limit }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
