/** The Redis that the tests use: the machine's own where it runs, else one that is started for them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { programInPath } from '../../team/processes.ts'

const OWN_PORT = 6379
let started: Promise<string> | undefined

/** Redis on the usual port; where none answers there, one is started, which ends with the tests. */
export function redisUrl(): Promise<string> {
  started ??= findOrStart()
  return started
}

async function findOrStart(): Promise<string> {
  if (await answers(OWN_PORT)) return `redis://127.0.0.1:${OWN_PORT}`
  const server = await startRedis()
  process.once('exit', () => server.child.kill('SIGKILL'))
  return server.url
}

export interface RedisServer {
  readonly url: string
  readonly port: number
  readonly child: ChildProcess
  /** Ends it as a power cut would, and starts it again on what it had written. */
  restart(): Promise<void>
  end(): Promise<void>
}

/** A Redis of one's own, which writes every change down before it answers. */
export async function startRedis(address = '127.0.0.1'): Promise<RedisServer> {
  const program = programInPath('redis-server', 'redis-server')
  const directory = await mkdtemp(join(tmpdir(), 'tickerflow-redis-'))
  const port = await freePort()
  const begin = async () => {
    const args = ['--port', String(port), '--bind', address, '--dir', directory, '--save', '']
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--protected-mode', 'no']
    const child = spawn(program, [...args, ...durable], { stdio: 'ignore' })
    while (!(await answers(port, address))) await sleep(50)
    return child
  }
  let child = await begin()
  const end = async (signal: NodeJS.Signals) => {
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  return {
    url: `redis://${address}:${port}`,
    port,
    get child() {
      return child
    },
    async restart() {
      await end('SIGKILL')
      child = await begin()
    },
    async end() {
      await end('SIGTERM')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Removes everything under a prefix. */
export async function forgetKeys(url: string, prefix: string): Promise<void> {
  const client = new Redis(url)
  for await (const keys of client.scanStream({ match: `${prefix}*`, count: 1000 })) {
    if (keys.length > 0) await client.unlink(...keys)
  }
  client.disconnect()
}

async function answers(port: number, host = '127.0.0.1'): Promise<boolean> {
  const socket = connect({ port, host: host === '0.0.0.0' ? '127.0.0.1' : host })
  socket.on('error', () => {})
  socket.write('PING\r\n')
  const reply = once(socket, 'data').then(([bytes]) => String(bytes).startsWith('+PONG'))
  try {
    return await Promise.race([reply, sleep(500).then(() => false)])
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}
