/** Keeps writes on the disk and sends them in the background, by size and by time. */
import { appendFile } from 'node:fs/promises'
import { isTickerflowError } from '../../../errors.ts'
import type { MlflowClient } from '../mlflow-client.ts'
import { backoffMs, DEFAULT_RETRY_POLICY } from '../retry-policy.ts'
import { systemRandom } from '../tracking-http.ts'
import { type Delivery, deliver, type RefusedRecord } from './delivery.ts'
import type { SpoolDirectory } from './spool-directory.ts'
import type { SpoolFile } from './spool-file.ts'
import type { SpoolRecord } from './spool-record.ts'

/** What a person may want to know. */
export type SpoolEvent =
  | { readonly kind: 'server-away'; readonly reason: string }
  | { readonly kind: 'server-back' }
  | ({ readonly kind: 'refused' } & RefusedRecord)
  | { readonly kind: 'left-behind'; readonly directory: string; readonly bytes: number }

export interface OutboxOptions {
  readonly directory: SpoolDirectory
  /** Tries once: the outbox itself has patience. */
  readonly impatient: MlflowClient
  /** Used when somebody waits for everything to be sent. */
  readonly patient: MlflowClient
  /** How long the first write of a batch waits for more to come. */
  readonly flushIntervalMs: number
  /** So many bytes are sent at once. */
  readonly flushBytes: number
  readonly onEvent: (event: SpoolEvent) => void
}

export class Outbox {
  readonly #options: OutboxOptions
  readonly #files = new Map<string, SpoolFile>()
  #orphans: readonly SpoolFile[] = []
  #timer: NodeJS.Timeout | undefined
  #lane: Promise<unknown> = Promise.resolve()
  #failures = 0
  #isClosed = false

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Takes over what earlier processes left, and begins to send it. */
  async resume(): Promise<void> {
    this.#orphans = await this.#options.directory.adopt()
    if (this.#orphans.length > 0) this.#schedule(0)
  }

  async append(runId: string, record: SpoolRecord): Promise<void> {
    const file = await this.#fileOf(runId)
    await file.append(record)
    if (this.#isClosed) return
    const isFull = file.pendingBytes >= this.#options.flushBytes && this.#failures === 0
    this.#schedule(isFull ? 0 : this.#options.flushIntervalMs)
  }

  get pendingBytes(): number {
    return this.#all().reduce((sum, file) => sum + file.pendingBytes, 0)
  }

  /** @throws {TickerflowError} TRACKING_UNAVAILABLE and the like; everything stays in the spool. */
  async flush(): Promise<void> {
    while (this.pendingBytes > 0) await this.#sendAll(this.#options.patient)
  }

  /** One more try; what is not sent then waits on the disk for the next start. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#sendAll(this.#options.impatient).catch(() => undefined)
    const bytes = this.pendingBytes
    for (const file of this.#all()) {
      const isEmpty = file.pendingBytes === 0
      await file.close()
      if (isEmpty) await this.#options.directory.remove(file.path.split(/[\\/]/).at(-1) ?? '')
    }
    const { onEvent, directory } = this.#options
    if (bytes > 0) onEvent({ kind: 'left-behind', directory: directory.path, bytes })
  }

  #all(): readonly SpoolFile[] {
    return [...this.#orphans, ...this.#files.values()]
  }

  readonly #opening = new Map<string, Promise<SpoolFile>>()

  async #fileOf(runId: string): Promise<SpoolFile> {
    const opening = this.#opening.get(runId) ?? this.#options.directory.create(runId)
    this.#opening.set(runId, opening)
    const file = await opening
    this.#files.set(runId, file)
    return file
  }

  /** An earlier time that is set already stands. */
  #schedule(afterMs: number): void {
    if (this.#timer !== undefined && afterMs > 0) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.#sendInBackground()
    }, afterMs).unref()
  }

  async #sendInBackground(): Promise<void> {
    const { onEvent, impatient } = this.#options
    try {
      await this.#sendAll(impatient)
      if (this.#failures > 0) onEvent({ kind: 'server-back' })
      this.#failures = 0
    } catch (error) {
      if (this.#isClosed) return
      if (!isTickerflowError(error)) throw error
      if (this.#failures === 0) onEvent({ kind: 'server-away', reason: error.message })
      const waitMs = backoffMs(DEFAULT_RETRY_POLICY, this.#failures, systemRandom)
      this.#failures += 1
      this.#schedule(Math.max(waitMs, 1))
    }
  }

  /** One after the other: a run's writes keep their order. */
  #sendAll(client: MlflowClient): Promise<void> {
    const { directory } = this.#options
    const delivery: Delivery = {
      client,
      directory,
      onRefused: (refused) => this.#setAside(refused),
    }
    const sent = this.#lane.then(async () => {
      for (const file of this.#all()) await deliver(delivery, file)
    })
    this.#lane = sent.catch(() => undefined)
    return sent
  }

  async #setAside(refused: RefusedRecord): Promise<void> {
    const { directory, onEvent } = this.#options
    await appendFile(directory.pathOf('refused.json.log'), `${JSON.stringify(refused)}\n`)
    onEvent({ kind: 'refused', ...refused })
  }
}
