/** A tracking store over a server whose writes to runs never wait for the network. */
import { randomUUID } from 'node:crypto'
import { artifactPathParts } from '../artifact-path.ts'
import { invalid, LIMITS, missing, RUN_NAME_TAG } from '../tracking-rules.ts'
import type { LogBatch, Run, RunStatus, RunUpdate } from '../tracking-store.ts'
import { assertBatch, shortened } from './log-batches.ts'
import { createMlflowClient, type MlflowClient, type MlflowClientOptions } from './mlflow-client.ts'
import { Outbox, type SpoolEvent } from './spool/outbox.ts'
import { SpoolDirectory } from './spool/spool-directory.ts'

export interface BufferedStoreOptions extends MlflowClientOptions {
  /** Where writes are kept until the server has them; made when needed. */
  readonly spoolDirectory: string
  /** How long a write waits for others to be sent with it. */
  readonly flushIntervalMs?: number
  /** What is larger than this together is sent at once. */
  readonly flushBytes?: number
  /** How long `close` tries to send the rest. */
  readonly closeTimeoutMs?: number
  readonly onEvent?: (event: SpoolEvent) => void
  /** The process that the spool's files belong to; tests play several. */
  readonly processId?: number
}

export interface BufferedStore extends MlflowClient {
  /** @throws {TickerflowError} TRACKING_UNAVAILABLE; nothing is lost then. */
  flush(): Promise<void>
  /** What the server does not have yet. */
  readonly pendingBytes: number
}

const DEFAULTS = { flushIntervalMs: 1000, flushBytes: 100_000, closeTimeoutMs: 10_000 } as const
const UNFINISHED: readonly (RunStatus | undefined)[] = [undefined, 'RUNNING', 'SCHEDULED']

/**
 * A client of an MLflow server that keeps writes to runs on the disk and sends them in batches.
 *
 * `logBatch`, `updateRun`, `logInputs`, `logOutputs` and `writeArtifact` return as soon as the write
 * is in the spool, and survive the end of the process, of the server and of the network. Every other
 * call first sends what is in the spool, so that it sees it, and fails while the server is away.
 * What an earlier process left is sent from the start on.
 */
export async function openBufferedStore(options: BufferedStoreOptions): Promise<BufferedStore> {
  const { processId = process.pid, onEvent = () => {} } = options
  const closing = new AbortController()
  const client = createMlflowClient(options)
  const impatient = createMlflowClient({
    ...options,
    signal: anyOf(closing.signal, options.signal),
    retry: { ...options.retry, retries: 0, retriesAtFirst: 0 },
  })
  const nonce = randomUUID().replaceAll('-', '').slice(0, 12)
  const owner = { processId, nonce, isAlive }
  const directory = new SpoolDirectory(options.spoolDirectory, client.uri, owner)
  const { flushIntervalMs, flushBytes, closeTimeoutMs } = { ...DEFAULTS, ...options }
  const outbox = new Outbox({
    directory,
    impatient,
    patient: client,
    flushIntervalMs,
    flushBytes,
    onEvent,
  })
  await outbox.resume()
  const runs = new KnownRuns(client)
  return {
    ...behindSpool(client, outbox, runs),
    uri: client.uri,
    get pendingBytes() {
      return outbox.pendingBytes
    },
    flush: () => outbox.flush(),
    async logBatch(runId, batch) {
      assertBatch(batch)
      const kept = shortened(batch)
      await runs.log(runId, kept)
      await outbox.append(runId, { kind: 'batch', batch: kept })
    },
    async updateRun(runId, update) {
      const ends = !UNFINISHED.includes(update.status)
      const dated = ends ? { endTimeMs: options.clock(), ...update } : update
      const run = await runs.update(runId, dated)
      await outbox.append(runId, { kind: 'update', update: dated })
      return run
    },
    async logInputs(runId, inputs, modelIds = []) {
      for (const { dataset } of inputs) assertDigest(dataset.digest)
      await runs.active(runId)
      await outbox.append(runId, { kind: 'inputs', inputs, modelIds })
    },
    async logOutputs(runId, models) {
      await runs.active(runId)
      for (const { modelId } of models) await runs.assertModel(modelId)
      await outbox.append(runId, { kind: 'outputs', models })
    },
    async writeArtifact(runId, path, content) {
      artifactPathParts(path)
      const run = await runs.active(runId)
      await client.artifactsAt(run.artifactUri) // Says at once what cannot be written to.
      const file = `${randomUUID()}.artifact`
      await directory.keepBytes(file, content)
      await outbox.append(runId, { kind: 'artifact', path, file })
    },
    async close() {
      const timer = setTimeout(() => closing.abort(), closeTimeoutMs)
      await outbox.close()
      clearTimeout(timer)
      await client.close()
    },
  }
}

/** Every method sends the spool first; what it tells of runs is remembered. */
function behindSpool(client: MlflowClient, outbox: Outbox, runs: KnownRuns): MlflowClient {
  const methods = Object.entries(client).filter(([, member]) => typeof member === 'function')
  const waiting = methods.map(([name, method]) => [
    name,
    async (...args: readonly unknown[]) => {
      await outbox.flush()
      return await method(...args)
    },
  ])
  const store: MlflowClient = { ...client, ...Object.fromEntries(waiting) }
  const forgetting =
    <A extends readonly unknown[], T>(method: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      runs.forget()
      return await method(...args)
    }
  return {
    ...store,
    artifactsAt: client.artifactsAt,
    serverVersion: client.serverVersion,
    createRun: async (request) => runs.remember(await store.createRun(request)),
    getRun: async (id) => runs.remember(await store.getRun(id)),
    deleteRun: forgetting(store.deleteRun),
    restoreRun: forgetting(store.restoreRun),
    deleteExperiment: forgetting(store.deleteExperiment),
    restoreExperiment: forgetting(store.restoreExperiment),
  }
}

/** What is known here of runs, so that a wrong write is refused at once and without a question. */
class KnownRuns {
  readonly #client: MlflowClient
  readonly #runs = new Map<string, Run>()
  readonly #models = new Set<string>()

  constructor(client: MlflowClient) {
    this.#client = client
  }

  remember(run: Run): Run {
    this.#runs.set(run.id, { ...run, metrics: [] })
    return run
  }

  forget(): void {
    this.#runs.clear()
    this.#models.clear()
  }

  /** @throws {TickerflowError} NOT_FOUND, or TRACKING_INVALID when it is deleted. */
  async active(id: string): Promise<Run> {
    const run = await this.#get(id)
    if (run.lifecycleStage === 'active') return run
    throw invalid(`Run '${id}' is deleted; restore it before writing to it.`)
  }

  async log(id: string, { params = {}, tags = {} }: LogBatch): Promise<void> {
    const run = await this.active(id)
    for (const [key, value] of Object.entries(params)) {
      const before = Object.hasOwn(run.params, key) ? run.params[key] : undefined
      if (before === undefined || before === value) continue
      throw invalid(
        `The param '${key}' of run '${id}' is '${before}' and cannot become '${value}'.`,
      )
    }
    const name = tags[RUN_NAME_TAG] ?? run.name
    this.#runs.set(id, {
      ...run,
      name,
      params: { ...run.params, ...params },
      tags: { ...run.tags, ...tags },
    })
  }

  /** The run as far as it is known here; its metrics are the server's to tell. */
  async update(id: string, { status, endTimeMs, name }: RunUpdate): Promise<Run> {
    const run = await this.active(id)
    const updated: Run = {
      ...run,
      ...(status === undefined ? {} : { status }),
      ...(endTimeMs === undefined ? {} : { endTimeMs }),
      ...(name ? { name, tags: { ...run.tags, [RUN_NAME_TAG]: name } } : {}),
    }
    this.#runs.set(id, updated)
    return updated
  }

  async assertModel(id: string): Promise<void> {
    if (this.#models.has(id)) return
    await this.#client.getLoggedModel(id)
    this.#models.add(id)
  }

  async #get(id: string): Promise<Run> {
    const known = this.#runs.get(id)
    if (known !== undefined) return known
    if (id === '') throw missing("Run ''")
    return this.remember(await this.#client.getRun(id))
  }
}

function assertDigest(digest: string): void {
  if (digest.length <= LIMITS.datasetDigest) return
  throw invalid(
    `The digest '${digest}' has ${digest.length} characters; at most ${LIMITS.datasetDigest} are allowed.`,
  )
}

function anyOf(one: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  return other === undefined ? one : AbortSignal.any([one, other])
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
