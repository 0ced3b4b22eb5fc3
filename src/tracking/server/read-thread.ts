/**
 * Searches and histories in a thread of their own, so that a long one does not keep writes waiting:
 * `node:sqlite` works in the thread that calls it, and JSON of many runs takes as long again.
 */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { TickerflowError } from '../../errors.ts'
import type { ReadReply, ReadRequest } from './read-messages.ts'

export interface ReadThread {
  /**
   * @param path A route's, as in its definition.
   * @returns The JSON of its reply, in UTF-8.
   */
  read(path: string, fields: ReadRequest['fields']): Promise<Uint8Array>
  close(): Promise<void>
}

/** Beside this file, in src and in dist alike. */
const WORKER = new URL(`./read-worker${extname(import.meta.url)}`, import.meta.url)

interface Waiting {
  readonly resolve: (json: Uint8Array) => void
  readonly reject: (error: unknown) => void
}

/**
 * The thread starts with the first read, and again after it has died; reads that it took with it fail.
 *
 * @param directory The store's; it has to exist with its tables.
 */
export function createReadThread(directory: string): ReadThread {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | undefined
  let lastId = 0

  function start(): Worker {
    const started = new Worker(WORKER, { workerData: { directory } })
    started.unref()
    started.on('message', (reply: ReadReply) => {
      const asker = waiting.get(reply.id)
      waiting.delete(reply.id)
      if (asker !== undefined) settle(asker, reply)
    })
    let cause: unknown
    started.on('error', (error) => {
      cause = error
    })
    started.on('exit', () => {
      if (worker === started) worker = undefined
      const lost = [...waiting.values()]
      waiting.clear()
      for (const { reject } of lost) reject(lostRead(cause))
    })
    return started
  }

  return {
    read: (path, fields) =>
      new Promise((resolve, reject) => {
        worker ??= start()
        const id = ++lastId
        waiting.set(id, { resolve, reject })
        worker.postMessage({ id, path, fields } satisfies ReadRequest)
      }),
    close: async () => {
      await worker?.terminate()
    },
  }
}

function settle({ resolve, reject }: Waiting, reply: ReadReply): void {
  if ('json' in reply) resolve(reply.json)
  else if ('fault' in reply) reject(new Error(reply.fault))
  else {
    const { code, message, details } = reply.failure
    reject(new TickerflowError(code, message, { details }))
  }
}

function lostRead(cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : 'it was stopped'
  return new TickerflowError(
    'WORKER_FAILED',
    `The thread for searches ended before this one was done: ${reason}. Ask for fewer at once with max_results.`,
    { cause },
  )
}
