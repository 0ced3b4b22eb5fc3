/** The job queue's contract on BullMQ and a real Redis. */
import { randomUUID } from 'node:crypto'
import type { JobQueue } from '../../../src/queue/job-queue.ts'
import { createRedisJobQueue } from '../../../src/queue/redis/redis-job-queue.ts'
import { describeJobQueue } from '../../contract/job-queue.contract.ts'
import { forgetKeys, redisUrl } from './redis-server.ts'

describeJobQueue('the job queue on Redis', async () => {
  const url = await redisUrl()
  const prefix = `tickerflow-test-${randomUUID()}`
  const opened: JobQueue[] = []
  return {
    async open(change) {
      const queue = await createRedisJobQueue({
        url,
        prefix,
        program: 'test',
        rules: { attempts: 3, backOffMs: 100 },
        leaseMs: 1000,
        keepMs: 3_600_000,
        wallClock: () => Date.now(),
        newId: randomUUID,
        ...change,
      })
      opened.push(queue)
      return queue
    },
    async remove() {
      await Promise.all(opened.map((queue) => queue.close()))
      await forgetKeys(url, prefix)
    },
  }
})
