/** `tickerflow worker` and `tickerflow jobs …`: work that other processes have sent to be done. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { JOB_STATES } from '../../queue/job-queue.ts'
import { globalFlags, numberFlag } from '../flags.ts'

export function queueCommands(): readonly Command[] {
  return [workerCommand(), jobsCommand()]
}

function workerCommand(): Command {
  const command = new Command('worker')
    .description('do the fits that other processes send to the queue')
    .option('--concurrency <count>', 'jobs at the same time (default: one per core)', countFlag)
    .option('--threads <count>', 'worker threads (default: as many as jobs)', countFlag)
    .option(
      '--metrics-port <port>',
      "serve the queue's depth to Prometheus at /metrics",
      numberFlag,
    )
    .option('--host <address>', 'address of the metrics', '127.0.0.1')
    .action(async (options) => (await import('../worker.ts')).work(options))
  return globalFlags(command)
}

function jobsCommand(): Command {
  const list = new Command('list')
    .description('jobs of the queue: under way, given up, waiting, done')
    .addOption(new Option('--state <state...>', 'only those').choices(JOB_STATES))
    .option('--limit <count>', 'jobs to show', countFlag, 30)
    .action(async (options) => (await import('../jobs.ts')).listJobs(options))
  const retry = new Command('retry')
    .description('let a job that was given up or cancelled be done after all')
    .argument('<key>', 'key of the job, or its beginning; those below it come with it')
    .action(async (key, options) => (await import('../jobs.ts')).retryJob(key, options))
  const cancel = new Command('cancel')
    .description('take a job back')
    .argument('<key>', 'key of the job, or its beginning; those below it come with it')
    .action(async (key, options) => (await import('../jobs.ts')).cancelJob(key, options))
  return new Command('jobs')
    .description('the queue of fits: list, retry, cancel')
    .addCommand(globalFlags(list), { isDefault: true })
    .addCommand(globalFlags(retry))
    .addCommand(globalFlags(cancel))
}

function countFlag(text: string): number {
  const count = numberFlag(text)
  if (count >= 1) return count
  throw new InvalidArgumentError('Expected a whole number from 1.')
}
