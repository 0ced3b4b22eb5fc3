/** MLflow's limits on names, keys and values, and the checks that enforce them before anything is written. */
import { TickerflowError } from '../errors.ts'
import type { Metric, StringMap } from './tracking-store.ts'

export const LIMITS = {
  key: 250,
  paramValue: 6000,
  tagValue: 8000,
  experimentTagValue: 5000,
  modelTagValue: 5000,
  versionTagValue: 100_000,
  experimentName: 500,
  artifactLocation: 256,
  runName: 250,
  modelName: 256,
  alias: 255,
  description: 5000,
  source: 500,
  datasetName: 500,
  datasetDigest: 36,
  inputTagKey: 255,
  inputTagValue: 500,
} as const

/** Run tag that MLflow keeps equal to the run's name. */
export const RUN_NAME_TAG = 'mlflow.runName'

const KEY_CHARACTERS = /^[\p{L}\p{N}_\-./ :]+$/u
const ALIAS_CHARACTERS = /^[\w-]+$/
const VERSION_LIKE_ALIAS = /^v\d+$/i

/** @throws {TickerflowError} TRACKING_INVALID, as do all checks of this file. */
export function assertKey(kind: 'metric' | 'param' | 'tag', key: string): void {
  assertLength(`${kind} key`, key, LIMITS.key)
  if (!KEY_CHARACTERS.test(key)) {
    throw invalid(
      `The ${kind} key '${key}' has characters that MLflow refuses; use letters, digits, _ - . / : and spaces.`,
    )
  }
  if (key.startsWith('/') || key.split('/').some((part) => ['', '.', '..'].includes(part))) {
    throw invalid(
      `The ${kind} key '${key}' reads as a path that is not in its simplest form; drop empty, '.' and '..' parts.`,
    )
  }
}

/** Longer values are cut off, as MLflow does by default. */
export function truncated(value: string, limit: number): string {
  return value.length > limit ? value.slice(0, limit) : value
}

export function assertMetric(metric: Metric): void {
  assertKey('metric', metric.key)
  const { key, value, timestampMs, step } = metric
  if (typeof value !== 'number') throw invalid(`Metric '${key}' is ${String(value)}, not a number.`)
  if (!Number.isSafeInteger(step))
    throw invalid(`Metric '${key}' has step ${step}, not an integer.`)
  if (!Number.isSafeInteger(timestampMs) || timestampMs < 0) {
    throw invalid(
      `Metric '${key}' has timestamp ${timestampMs}; expected whole milliseconds since 1970.`,
    )
  }
}

export function assertTagKeys(tags: StringMap): void {
  for (const key of Object.keys(tags)) assertKey('tag', key)
}

export function assertExperimentName(name: string): void {
  assertLength('experiment name', name, LIMITS.experimentName)
}

export function assertModelName(name: string): void {
  assertLength('registered model name', name, LIMITS.modelName)
  if (/[/:]/.test(name)) {
    throw invalid(
      `The registered model name '${name}' has '/' or ':'; MLflow's model URIs need both.`,
    )
  }
}

export function assertAlias(alias: string): void {
  assertLength('alias', alias, LIMITS.alias)
  if (!ALIAS_CHARACTERS.test(alias)) {
    throw invalid(`The alias '${alias}' has characters other than letters, digits, _ and -.`)
  }
  if (alias.toLowerCase() === 'latest' || VERSION_LIKE_ALIAS.test(alias)) {
    throw invalid(
      `The alias '${alias}' is reserved; choose one that is not 'latest' or 'v<number>'.`,
    )
  }
}

/** Not empty, and not longer than its column. */
export function assertLength(what: string, text: string, limit: number): void {
  if (text.length === 0) throw invalid(`The ${what} is empty.`)
  assertAtMost(what, text, limit)
}

export function assertAtMost(what: string, text: string, limit: number): void {
  if (text.length > limit) {
    const start = text.slice(0, 40)
    throw invalid(
      `The ${what} '${start}…' has ${text.length} characters; at most ${limit} are allowed.`,
    )
  }
}

/** A TRACKING_INVALID failure with this message. */
export function invalid(message: string, details: Readonly<Record<string, unknown>> = {}): Error {
  return new TickerflowError('TRACKING_INVALID', message, { details })
}

/** A NOT_FOUND failure: `what` names the thing, e.g. `Run 'abc'`. */
export function missing(what: string): Error {
  return new TickerflowError('NOT_FOUND', `${what} does not exist in this tracking store.`)
}
