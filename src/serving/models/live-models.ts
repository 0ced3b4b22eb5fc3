/**
 * Which version answers for a registered model: the one whose promotion was committed last, followed
 * without a restart. Requests never wait for a swap: the version before answers until the next one
 * is loaded, and stays when it cannot be.
 */
import { isTickerflowError, TickerflowError } from '../../errors.ts'
import type { BarStore } from '../../market/bar-store.ts'
import { loadModelVersion } from '../../pipeline/model-file.ts'
import { trainingBars } from '../../pipeline/training-bars.ts'
import type { GuardedEnvironment } from '../../registry/environments.ts'
import { reasonsAgainstHorizon } from '../../registry/horizon-verdicts.ts'
import type { Slot as PromotionSlot } from '../../registry/promotion-journal.ts'
import type { StateDatabase } from '../../state/state-database.ts'
import type { TrackingStore } from '../../tracking/tracking-store.ts'
import { createServedModel, type ServedModel } from './served-model.ts'

/** What the server does about its models, for logs and metrics. */
export type ModelEvent =
  | {
      readonly event: 'model-loaded'
      readonly name: string
      readonly version: number
      readonly ms: number
    }
  | { readonly event: 'model-evicted'; readonly name: string; readonly version: number }
  | {
      readonly event: 'model-load-failed'
      readonly name: string
      readonly version: number
      readonly error: unknown
      readonly retryInMs: number
    }
  | { readonly event: 'registry-unreachable'; readonly error: unknown }

export interface LiveModelsOptions {
  /** For the gate's verdicts on further horizons. */
  readonly database: StateDatabase
  readonly liveVersion: (slot: PromotionSlot) => number | undefined
  readonly tracking: TrackingStore
  /** Where the prices of training are looked for; without it no request's inputs are judged. */
  readonly bars?: BarStore | undefined
  /** Milliseconds that only ever grow. */
  readonly stopwatch: () => number
  readonly onEvent: (event: ModelEvent) => void
  /** Of all loaded models together; the one that was asked for longest ago goes first. */
  readonly maxBytes: number
  /** A registry that has not given a version by then is taken as unreachable. */
  readonly loadTimeoutMs: number
}

export interface LiveModels {
  /**
   * The version that answers now; `undefined` when none was promoted to the environment.
   *
   * @throws {TickerflowError} What loading throws, when there is no version to fall back to.
   */
  answering(name: string, environment?: GuardedEnvironment): Promise<ServedModel | undefined>
  /** Frees the memory of a model's versions; the next question for it loads what is live again. */
  unload(name: string): void
  /** Models in memory, the one that was asked for longest ago first. */
  loaded(): readonly ServedModel[]
}

/** A version that could not be loaded is tried again after a second, then ever later. */
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 60_000

interface Slot {
  serving?: ServedModel
  loading?: { readonly version: number; readonly model: Promise<ServedModel> }
  failure?: {
    readonly version: number
    readonly error: unknown
    readonly attempts: number
    readonly retryAtMs: number
  }
}

export function createLiveModels(options: LiveModelsOptions): LiveModels {
  const versionOf = createVersionReader(options.liveVersion)
  // In the order of use: the first is the one that was asked for longest ago.
  const slots = new Map<string, Slot>()

  const slotOf = (key: string): Slot => {
    const slot = slots.get(key) ?? {}
    slots.delete(key)
    slots.set(key, slot)
    return slot
  }

  const load = async (slot: Slot, name: string, version: number): Promise<ServedModel> => {
    const startedMs = options.stopwatch()
    try {
      const model = await loadVersion(options, name, version)
      if (slot.loading?.version === version) slot.serving = model
      delete slot.failure
      const ms = Math.round(options.stopwatch() - startedMs)
      options.onEvent({ event: 'model-loaded', name, version, ms })
      evict(slots, slot, options)
      return model
    } catch (error) {
      const attempts = slot.failure?.version === version ? slot.failure.attempts + 1 : 1
      const retryInMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * (1 << Math.min(attempts - 1, 10)))
      slot.failure = { version, error, attempts, retryAtMs: options.stopwatch() + retryInMs }
      options.onEvent({ event: 'model-load-failed', name, version, error, retryInMs })
      throw error
    } finally {
      if (slot.loading?.version === version) delete slot.loading
    }
  }

  return {
    async answering(name, environment = 'production') {
      const slot = slotOf(`${environment}/${name}`)
      const version = promotedVersion(options, { versionOf, name, environment, slot })
      if (version === undefined) {
        slots.delete(`${environment}/${name}`)
        return undefined
      }
      if (slot.serving?.version === version) return slot.serving
      const { failure } = slot
      const waits = failure?.version === version && options.stopwatch() < failure.retryAtMs
      if (!waits && slot.loading?.version !== version) {
        slot.loading = { version, model: load(slot, name, version) }
        slot.loading.model.catch(() => {})
      }
      if (slot.serving !== undefined) return slot.serving
      if (slot.loading !== undefined) return await slot.loading.model
      throw failure?.error
    },
    unload(name) {
      for (const environment of ['production', 'staging'] as const) {
        const serving = slots.get(`${environment}/${name}`)?.serving
        if (serving === undefined) continue
        slots.delete(`${environment}/${name}`)
        options.onEvent({ event: 'model-evicted', name, version: serving.version })
      }
    },
    loaded: () => [...slots.values()].flatMap(({ serving }) => serving ?? []),
  }
}

type VersionReader = (name: string, environment: GuardedEnvironment) => number | undefined

/** Requests of one turn of the event loop have arrived at the same moment: the journal is read once. */
function createVersionReader(liveVersion: LiveModelsOptions['liveVersion']): VersionReader {
  const known = new Map<string, number | undefined>()
  return (name, environment) => {
    const key = `${environment}/${name}`
    if (known.has(key)) return known.get(key)
    const version = liveVersion({ model: name, environment })
    if (known.size === 0) setImmediate(() => known.clear())
    known.set(key, version)
    return version
  }
}

/** The last answer stands while the journal cannot be read. */
function promotedVersion(
  options: LiveModelsOptions,
  asked: {
    readonly versionOf: VersionReader
    readonly name: string
    readonly environment: GuardedEnvironment
    readonly slot: Slot
  },
): number | undefined {
  try {
    return asked.versionOf(asked.name, asked.environment)
  } catch (error) {
    options.onEvent({ event: 'registry-unreachable', error })
    if (asked.slot.serving === undefined) throw error
    return asked.slot.serving.version
  }
}

async function loadVersion(
  { database, tracking, bars, loadTimeoutMs }: LiveModelsOptions,
  name: string,
  version: number,
): Promise<ServedModel> {
  const loading = (async () => {
    const found = await tracking.getModelVersion({ name, version })
    const ref = { name, version }
    const loaded = await loadModelVersion(tracking, found)
    const training = bars && (await trainingBars(bars, found, loaded.recipe.symbol))
    return createServedModel(ref, loaded, {
      reasonsAgainst: (horizon) => reasonsAgainstHorizon(database, ref, horizon),
      trainingBars: typeof training === 'string' ? undefined : training,
    })
  })()
  return await withTimeout(loading, loadTimeoutMs, `${name} version ${version}`)
}

async function withTimeout<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(
      new TickerflowError(
        'MODEL_UNAVAILABLE',
        `The registry has not given ${what} within ${timeoutMs} ms; it is asked again later.`,
      ),
    )
  }, timeoutMs)
  try {
    return await Promise.race([work, promise])
  } catch (error) {
    if (isTickerflowError(error)) throw error
    const message = `${what} cannot be loaded: ${error instanceof Error ? error.message : error}.`
    throw new TickerflowError('MODEL_UNAVAILABLE', message, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

/** Drops what was asked for longest ago until the rest fits; never the one just loaded. */
function evict(slots: Map<string, Slot>, kept: Slot, options: LiveModelsOptions): void {
  let total = [...slots.values()].reduce((sum, { serving }) => sum + (serving?.bytes ?? 0), 0)
  for (const [key, slot] of slots) {
    if (total <= options.maxBytes) return
    if (slot === kept || slot.serving === undefined) continue
    total -= slot.serving.bytes
    const { name, version } = slot.serving
    slots.delete(key)
    options.onEvent({ event: 'model-evicted', name, version })
  }
}
