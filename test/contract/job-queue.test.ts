/** The job queue's contract on one machine's own queue; on Redis: test/interop/queue. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JobQueue } from '../../src/queue/job-queue.ts'
import { createLocalJobQueue } from '../../src/queue/local/local-job-queue.ts'
import { describeJobQueue } from './job-queue.contract.ts'

describeJobQueue('the local job queue', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tickerflow-queue-'))
  const opened: JobQueue[] = []
  return {
    async open(change) {
      const queue = createLocalJobQueue({
        file: join(directory, 'tickerflow.db'),
        wallClock: () => Date.now(),
        stopwatch: () => performance.now(),
        holder: randomUUID(),
        rules: { attempts: 3, backOffMs: 100 },
        leaseMs: 1000,
        keepMs: 3_600_000,
        ...change,
      })
      opened.push(queue)
      return queue
    },
    async remove() {
      await Promise.all(opened.map((queue) => queue.close()))
      await rm(directory, { recursive: true, force: true })
    },
  }
})
