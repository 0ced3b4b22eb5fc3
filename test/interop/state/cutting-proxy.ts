/**
 * Stands between the program and PostgreSQL and cuts connections at the worst moment. It runs in a thread
 * of its own: the program's may stand still.
 */
import { createConnection, createServer, type Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

/** What it does next. Two numbers, shared: the mode, and how often it has cut. */
export const PASS = 0
/** Cuts everything now. */
export const CUT_NOW = 1
/** Lets the next commit through, keeps the server's answer to itself, and cuts. */
export const CUT_AFTER_COMMIT = 2
/** Cuts before the server hears of the next commit. */
export const CUT_BEFORE_COMMIT = 3

export interface ProxyStart {
  readonly target: number
  readonly control: Int32Array
}

const POLL_MS = 2

function serve({ target, control }: ProxyStart): void {
  const open = new Set<Socket>()
  const cut = (...sockets: readonly Socket[]) => {
    Atomics.store(control, 0, PASS)
    Atomics.add(control, 1, 1)
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer((client) => {
    const upstream = createConnection(target, '127.0.0.1')
    let isMute = false
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
    }
    client.on('data', (bytes) => {
      const mode = Atomics.load(control, 0)
      const isCommit = /commit/i.test(bytes.toString('latin1'))
      if (isCommit && mode === CUT_BEFORE_COMMIT) {
        cut(client, upstream)
        return
      }
      if (isCommit && mode === CUT_AFTER_COMMIT) isMute = true
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (isMute) cut(client, upstream)
      else client.write(bytes)
    })
  })
  setInterval(() => {
    if (Atomics.load(control, 0) === CUT_NOW) cut(...open)
  }, POLL_MS)
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address()))
}

if (parentPort !== null && workerData?.control instanceof Int32Array) serve(workerData)
