/** A way to Redis that can be cut: a network namespace of its own for the worker. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface CuttableWay {
  readonly url: string
  /** What a command that goes this way begins with. */
  readonly through: readonly string[]
  cut(): void
  restore(): void
  remove(): void
}

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'ignore' })

/** Whether this process may make network namespaces. */
export function canSeparateNetworks(): boolean {
  try {
    ip('netns', 'add', 'tickerflow-probe')
    ip('netns', 'del', 'tickerflow-probe')
    return true
  } catch {
    return false
  }
}

/** A namespace whose only link is to this machine; while it is down, packets are lost without a word. */
export function separateNetwork(port: number): CuttableWay {
  const name = `tf${process.pid}`
  const subnet = `10.213.${process.pid % 250}`
  ip('netns', 'add', name)
  ip('link', 'add', `${name}h`, 'type', 'veth', 'peer', 'name', `${name}w`, 'netns', name)
  ip('addr', 'add', `${subnet}.1/24`, 'dev', `${name}h`)
  ip('link', 'set', `${name}h`, 'up')
  ip('-n', name, 'addr', 'add', `${subnet}.2/24`, 'dev', `${name}w`)
  ip('-n', name, 'link', 'set', `${name}w`, 'up')
  return {
    url: `redis://${subnet}.1:${port}`,
    through: ['ip', 'netns', 'exec', name],
    cut: () => ip('link', 'set', `${name}h`, 'down'),
    restore: () => ip('link', 'set', `${name}h`, 'up'),
    remove: () => ip('netns', 'del', name),
  }
}

/** Where namespaces may not be made: a proxy that stops passing anything on. */
export async function proxiedNetwork(port: number): Promise<CuttableWay> {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    const far = connect({ port, host: '127.0.0.1' })
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => {})
      from.on('close', () => to.destroy())
      from.on('data', (bytes) => to.write(bytes))
      if (isCut) from.pause()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const own = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `redis://127.0.0.1:${own}`,
    through: [],
    cut() {
      isCut = true
      for (const socket of sockets) socket.pause()
    },
    restore() {
      isCut = false
      for (const socket of sockets) socket.resume()
    },
    remove() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
