/** How far this machine's clock is ahead of Redis's. */
import type { Redis } from 'ioredis'

const MEASURED_EVERY_MS = 60_000
/** Less is what a question takes on its way. */
const NOTICED_MS = 2_000

export async function createClockSkew(connection: Redis, wallClock: () => number) {
  let skewMs = 0
  const measure = async () => {
    const [seconds = 0, microseconds = 0] = (await connection.time()).map(Number)
    const ahead = wallClock() - (seconds * 1000 + microseconds / 1000)
    skewMs = Math.abs(ahead) < NOTICED_MS ? 0 : ahead
  }
  await measure()
  const timer = setInterval(() => measure().catch(() => {}), MEASURED_EVERY_MS)
  timer.unref()
  return { ms: () => skewMs, stop: () => clearInterval(timer) }
}
