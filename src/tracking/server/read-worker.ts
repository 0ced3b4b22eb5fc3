/** The thread for reads: runs routes on a connection of its own, and replies with finished JSON. */
import { parentPort, workerData } from 'node:worker_threads'
import { isTickerflowError } from '../../errors.ts'
import { openSqliteTrackingStore } from '../store/sqlite.ts'
import type { ReadReply, ReadRequest } from './read-messages.ts'
import { READ_ROUTES } from './routes/all-routes.ts'
import { WireRequest } from './wire-request.ts'

const port = parentPort
if (port === null) throw new TypeError('This module is a worker thread, not a program.')

/** Reads ask for no time and make no ids. */
const store = openSqliteTrackingStore({
  directory: String(workerData.directory),
  clock: () => 0,
  newId: () => '',
})
const encoder = new TextEncoder()

port.on('message', async (request: ReadRequest) => {
  const reply = await replyTo(request)
  port.postMessage(reply, 'json' in reply ? [reply.json.buffer as ArrayBuffer] : [])
})

async function replyTo({ id, path, fields }: ReadRequest): Promise<ReadReply> {
  try {
    const route = READ_ROUTES.get(path)
    if (route === undefined) throw new RangeError(`${path} is no route of the thread for reads.`)
    const reply = await route.handle(new WireRequest(fields), store)
    return { id, json: encoder.encode(JSON.stringify(reply)) }
  } catch (error) {
    if (isTickerflowError(error)) {
      const { code, message, details } = error
      return { id, failure: { code, message, details } }
    }
    return { id, fault: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
