/** Results in Redis under their keys: each computed by one worker at a time, and written once. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { ChildResult } from '../job-queue.ts'
import type { RedisNames } from './redis-names.ts'

export interface ResultStoreOptions {
  readonly connection: Redis
  readonly names: RedisNames
  readonly leaseMs: number
  readonly keepMs: number
  readonly newId: () => string
}

const LOOK_AGAIN_MS = 200
/** Renewed and given back by its holder alone. */
const RENEW = `if redis.call('get', KEYS[1]) == ARGV[1] then
  return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`
const GIVE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`

export function createResultStore(options: ResultStoreOptions) {
  const { connection, names, leaseMs, keepMs, newId } = options

  /** Waits while another worker computes the same; takes over from one that has died. */
  async function locked<T>(key: string, signal: AbortSignal, work: () => Promise<T>) {
    const name = names.lock(key)
    const token = newId()
    while ((await connection.set(name, token, 'PX', leaseMs, 'NX')) !== 'OK') {
      await sleep(LOOK_AGAIN_MS, undefined, { signal })
      const result = await connection.getBuffer(names.result(key))
      if (result !== null) return result
    }
    const renewal = setInterval(() => {
      connection.eval(RENEW, 1, name, token, leaseMs).catch(() => {})
    }, leaseMs / 4)
    try {
      return await work()
    } finally {
      clearInterval(renewal)
      await connection.eval(GIVE, 1, name, token)
    }
  }

  return {
    /** @returns The SHA-256 of the result, which is computed unless it is there. */
    async once(
      key: string,
      signal: AbortSignal,
      compute: () => Promise<Uint8Array>,
    ): Promise<string> {
      const name = names.result(key)
      const known = await connection.getBuffer(name)
      if (known !== null) return sha256(known)
      const result = await locked(key, signal, async () => {
        const computed = Buffer.from(await compute())
        // Who comes late with the same result changes nothing.
        await connection.set(name, computed, 'PX', keepMs, 'NX')
        return computed
      })
      return sha256(result)
    },
    async all(keys: readonly string[]): Promise<readonly ChildResult[]> {
      if (keys.length === 0) return []
      const found = await connection.mgetBuffer(keys.map(names.result))
      return found.map((result, i) => {
        const key = keys[i] as string
        if (result === null) throw new Error(`The result of ${key} is gone from Redis`)
        return { key, result }
      })
    },
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
