/** The queue as the lifecycle knows it: opened when it is first asked for. */
import { selectEngine } from '../lstm/engines.ts'
import type { JobQueue } from '../queue/job-queue.ts'
import { programDigest } from './program-digest.ts'

export interface WorkQueue {
  /** Worked off by the process that sends, too; else by `tickerflow worker` alone. */
  readonly isLocal: boolean
  /** Of this process's pool; undefined: one per core. */
  readonly threads: number | undefined
  /** What computes here: only equal programs with equal engines give equal bits. */
  program(): Promise<string>
  open(): Promise<JobQueue>
  close(): Promise<void>
}

export interface WorkQueueOptions {
  readonly isLocal: boolean
  readonly threads: number | undefined
  readonly open: (program: string) => Promise<JobQueue>
}

export function createWorkQueue({ isLocal, threads, open }: WorkQueueOptions): WorkQueue {
  let digest: Promise<string> | undefined
  let queue: Promise<JobQueue> | undefined
  const program = () => {
    digest ??= programDigest().then(
      (source) => `${source} ${selectEngine('auto').binaryDigest ?? 'no engine of its own'}`,
    )
    return digest
  }
  return {
    isLocal,
    threads,
    program,
    open() {
      queue ??= program().then(open)
      return queue
    },
    async close() {
      const opened = await queue?.catch(() => undefined)
      await opened?.close()
    },
  }
}
