/** Requests counted in Redis, so that a limit holds for all replicas together. */
import type { Redis } from 'ioredis'
import { TickerflowError } from '../../errors.ts'

export interface SharedCounts {
  readonly redis: Redis
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 2_000
/** Counting must not make an answer wait. */
const COMMAND_TIMEOUT_MS = 250

/**
 * Connects in the background, and again after each loss. While Redis cannot be reached, requests are
 * answered uncounted.
 *
 * @param onError Told when the connection fails.
 * @throws {TickerflowError} CONFIG_INVALID when the client is not installed.
 */
export async function openSharedCounts(
  url: string,
  onError: (error: Error) => void,
): Promise<SharedCounts> {
  const { Redis } = await import('ioredis').catch((cause: unknown) => {
    const message = 'state.redis needs a package beside this one: npm install ioredis.'
    throw new TickerflowError('CONFIG_INVALID', message, { cause })
  })
  const redis = new Redis(url, {
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
  })
  redis.on('error', onError)
  return {
    redis,
    async close() {
      redis.disconnect()
    },
  }
}
