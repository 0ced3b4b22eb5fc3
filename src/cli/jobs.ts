/** `tickerflow jobs`: what is in the queue, and what a person does about it. */
import { TickerflowError } from '../errors.ts'
import type { JobQueue, JobRecord, JobState } from '../queue/job-queue.ts'
import { type GlobalOptions, withContext } from './context.ts'
import { table } from './words.ts'

export interface ListOptions extends GlobalOptions {
  readonly state?: JobState[]
  readonly limit: number
}

/** Of a key, as the table shows it. */
const SHORT = 12
const WHOLE = /^[0-9a-f]{64}$/

export async function listJobs(options: ListOptions): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const queue = await app.queue.open()
    const { state: states, limit } = options
    const jobs = await queue.list({ limit, ...(states === undefined ? {} : { states }) })
    const counts = await queue.counts()
    const document = { queue: queue.place, counts, jobs: jobs.map(entryOf) }
    answer(document, () => {
      const total = Object.entries(counts).filter(([, count]) => count > 0)
      const summary = total.map(([state, count]) => `${count} ${state}`).join(', ')
      return [
        `${queue.place}: ${summary === '' ? 'no jobs' : summary}`,
        ...(jobs.length === 0 ? [] : ['', jobTable(jobs)]),
      ].join('\n')
    })
  })
}

export async function retryJob(key: string, options: GlobalOptions): Promise<void> {
  await move(key, options, { verb: 'retry', done: 'wait again', from: ['dead', 'cancelled'] })
}

export async function cancelJob(key: string, options: GlobalOptions): Promise<void> {
  const from = ['running', 'waiting', 'blocked'] as const
  await move(key, options, { verb: 'cancel', done: 'will not be done', from })
}

interface Move {
  readonly verb: 'retry' | 'cancel'
  readonly done: string
  readonly from: readonly JobState[]
}

async function move(given: string, options: GlobalOptions, { verb, done, from }: Move) {
  await withContext(options, {}, async ({ app, answer }) => {
    const queue = await app.queue.open()
    const key = WHOLE.test(given) ? given : await wholeKey(queue, given)
    const jobs = await queue[verb](key)
    if (jobs.length === 0) throw notFound(given, from)
    answer({ jobs }, () => `${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'} ${done}.`)
  })
}

async function wholeKey(queue: JobQueue, given: string): Promise<string> {
  const jobs = await queue.list({ limit: Number.MAX_SAFE_INTEGER })
  const keys = jobs.map(({ key }) => key).filter((key) => key.startsWith(given))
  const [key] = keys
  if (key === undefined) throw notFound(given, [])
  if (keys.length === 1) return key
  throw new TickerflowError(
    'CONFIG_INVALID',
    `The keys of ${keys.length} jobs begin with '${given}'. Give more of the one that is meant.`,
    { details: { keys } },
  )
}

function notFound(given: string, states: readonly JobState[]): TickerflowError {
  const wanted = states.length === 0 ? '' : ` that is ${states.join(' or ')}`
  return new TickerflowError(
    'NOT_FOUND',
    `There is no job '${given}'${wanted}. tickerflow jobs list shows them.`,
    { details: { job: given } },
  )
}

function entryOf({ key, kind, label, state, attempts, progress, failure }: JobRecord) {
  return { key, kind, label, state, attempts, progress, failure: failure ?? null }
}

function jobTable(jobs: readonly JobRecord[]): string {
  return table(
    ['job', 'state', 'what', 'attempts', 'done', 'failure'],
    jobs.map(({ key, state, kind, label, attempts, progress, failure }) => [
      key.slice(0, SHORT),
      state,
      `${kind} ${label}`,
      String(attempts),
      `${Math.round(100 * progress)} %`,
      failure === undefined ? '–' : `${failure.code}: ${failure.message}`,
    ]),
  )
}
