/** BullMQ and the Redis client, loaded when a queue on Redis is asked for: they need not be there. */
import type { Redis } from 'ioredis'
import { TickerflowError } from '../../errors.ts'

export interface RedisDriver {
  readonly bullmq: typeof import('bullmq')
  /** A connection that comes back by itself. */
  connect(): Redis
}

const CONNECT_PATIENCE_MS = 5_000
const LONGEST_RETRY_MS = 2_000
const SILENCE_MS = 30_000

/** @throws {TickerflowError} QUEUE_UNAVAILABLE when the packages are missing or Redis does not answer. */
export async function openRedisDriver(url: string, password?: string): Promise<RedisDriver> {
  const [bullmq, { Redis: Client }] = await loadPackages()
  const connect = () =>
    new Client(url, {
      ...(password === undefined ? {} : { password }),
      // What is asked while the connection is away waits until it is back.
      maxRetriesPerRequest: null,
      retryStrategy: (times: number) => Math.min(LONGEST_RETRY_MS, 100 * times),
      connectTimeout: CONNECT_PATIENCE_MS,
      // A peer that has vanished without a word is noticed: BullMQ asks for something every 10 seconds.
      keepAlive: 5_000,
      socketTimeout: SILENCE_MS,
    })
  await assertReachable(connect(), url)
  return { bullmq, connect }
}

async function loadPackages() {
  try {
    return await Promise.all([import('bullmq'), import('ioredis')])
  } catch (cause) {
    throw new TickerflowError(
      'QUEUE_UNAVAILABLE',
      'A queue on Redis needs two packages that are not installed: npm install bullmq ioredis.',
      { cause },
    )
  }
}

async function assertReachable(client: Redis, url: string): Promise<void> {
  let lastFault: Error | undefined
  client.on('error', (error: Error) => {
    lastFault = error
  })
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('it did not answer')), CONNECT_PATIENCE_MS)
  try {
    await Promise.race([client.ping(), late.promise])
  } catch (error) {
    const cause = lastFault ?? (error as Error)
    throw new TickerflowError(
      'QUEUE_UNAVAILABLE',
      `Redis at ${placeOf(url)} cannot be reached: ${cause.message}. Start it, or correct queue.redis.`,
      { details: { place: placeOf(url) }, cause },
    )
  } finally {
    clearTimeout(timer)
    client.disconnect()
  }
}

/** The address without user and password. */
export function placeOf(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//')
}
