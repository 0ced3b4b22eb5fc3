/** `tickerflow schedule`: what happens by itself after each session. */
import { setTimeout as wait } from 'node:timers/promises'
import { TickerflowError } from '../errors.ts'
import { raiseJobAlert } from '../pipeline/alerts/raise-alerts.ts'
import type { Job } from '../pipeline/jobs/due-jobs.ts'
import { JOB_KINDS, type JobKind } from '../pipeline/jobs/job-kinds.ts'
import { whileLeader } from '../pipeline/jobs/leader.ts'
import { runJob } from '../pipeline/jobs/run-job.ts'
import { scheduledJobs } from '../pipeline/jobs/scheduled-jobs.ts'
import { type JobEnd, runScheduler, workOff } from '../pipeline/jobs/scheduler.ts'
import { createSqliteDueJobs } from '../pipeline/jobs/sqlite-due-jobs.ts'
import type { Progress } from '../pipeline/progress.ts'
import { tellChannels } from './alerts.ts'
import { type CommandContext, withContext } from './context.ts'
import { configOf, type ModelOptions } from './flags.ts'
import { holderName } from './holder-name.ts'
import { table } from './words.ts'

export interface StartOptions extends ModelOptions {
  readonly once?: boolean
}

const JOBS_LISTED = 20
/** A scheduler that stands by leads at the latest so long after the one that led has died. */
const LEAD_MS = 20_000

export async function start(options: StartOptions): Promise<void> {
  await withContext(options, configOf(options), async (context) => {
    const { app, config, signal, answer } = context
    const holder = holderName()
    const ended: { kind: string; symbol: string; dueAt: string; state: string; outcome: string }[] =
      []
    const scheduler = {
      ...queueAndEntries(context),
      clock: app.clock,
      holder,
      signal,
      run: (job: Job, stop: AbortSignal) =>
        watchJob(context, job, stop, () =>
          runJob({ app, config, progress: QUIET, holder }, job, stop),
        ),
      sleep: async (ms: number, stop: AbortSignal) => {
        // What a channel has not taken is tried again, also while nothing is due.
        await tellChannels(app)
        await wait(ms, undefined, { signal: stop }).catch(() => {})
      },
      onEnd: (job: Job, { state, outcome }: JobEnd) => {
        const { kind, symbol, dueAtMs } = job
        const dueAt = new Date(dueAtMs).toISOString()
        ended.push({ kind, symbol, dueAt, state, outcome })
        process.stderr.write(`${kind} ${symbol}, due ${dueAt}: ${state}, ${outcome}\n`)
      },
    }
    if (options.once) await workOff(scheduler)
    else {
      process.stderr.write(`Scheduler of ${app.directory.root}; Ctrl-C ends it.\n`)
      const { database, wallClock } = app
      const lead = { database, wallClock, holder, leaseMs: LEAD_MS, signal, sleep: scheduler.sleep }
      const onChange = (place: string) =>
        process.stderr.write(
          `${holder} is ${place}${place === 'leading' ? '' : ': another one leads'}.\n`,
        )
      await whileLeader('scheduler', { ...lead, onChange }, async (leading) => {
        await runScheduler({ ...scheduler, signal: leading })
      })
    }
    answer({ jobs: ended }, () => `${ended.length} jobs done.`)
  })
}

export async function list(options: ModelOptions): Promise<void> {
  await withContext(options, configOf(options), async (context) => {
    const { app, answer } = context
    const { queue, entries } = queueAndEntries(context)
    const schedules = entries.map(({ kind, symbol, rule, due }) => {
      const next = due.next(app.clock())
      return { kind, symbol, rule, next: next === undefined ? null : new Date(next).toISOString() }
    })
    const jobs = queue.list(JOBS_LISTED).map(({ kind, symbol, dueAtMs, state, outcome }) => {
      return {
        kind,
        symbol,
        dueAt: new Date(dueAtMs).toISOString(),
        state,
        outcome: outcome ?? null,
      }
    })
    answer({ schedules, jobs }, () =>
      [
        table(
          ['job', 'symbol', 'when', 'next'],
          schedules.map((one) => Object.values(one).map(String)),
        ),
        '',
        jobs.length === 0
          ? 'No job has been due yet: tickerflow schedule start begins.'
          : table(
              ['job', 'symbol', 'due', 'state', 'outcome'],
              jobs.map(({ outcome, ...one }) => [...Object.values(one), outcome ?? '–']),
            ),
      ].join('\n'),
    )
  })
}

export async function runNow(job: string, options: ModelOptions): Promise<void> {
  const kind = JOB_KINDS.find((known) => known === job)
  if (kind === undefined) throw unknownJob(job)
  await withContext(options, configOf(options), async (context) => {
    const { app, config, progress, signal, answer } = context
    const symbols = config.schedule.symbols ?? [config.symbol]
    const results: { kind: JobKind; symbol: string; outcome: string }[] = []
    for (const symbol of kind === 'backup' ? symbols.slice(0, 1) : symbols) {
      const work = { app, config, progress, holder: holderName() }
      results.push({ kind, symbol, outcome: await runJob(work, { kind, symbol }, signal) })
    }
    answer({ jobs: results }, () =>
      results.map(({ symbol, outcome }) => `${kind} ${symbol}: ${outcome}.`).join('\n'),
    )
  })
}

/** A failure becomes an alert, and the next success ends it. */
async function watchJob(
  { app, config }: CommandContext,
  { kind, symbol }: Job,
  stop: AbortSignal,
  work: () => Promise<string>,
): Promise<string> {
  try {
    const outcome = await work()
    raiseJobAlert(app, config, { kind, symbol, failure: undefined })
    return outcome
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    if (!stop.aborted) raiseJobAlert(app, config, { kind, symbol, failure })
    throw error
  } finally {
    await tellChannels(app)
  }
}

const QUIET: Progress = { step: async (_, work) => await work(() => {}) }

function queueAndEntries({ app, config }: CommandContext) {
  const { database, wallClock } = app
  return { queue: createSqliteDueJobs({ database, wallClock }), entries: scheduledJobs(config) }
}

function unknownJob(job: string): TickerflowError {
  return new TickerflowError(
    'CONFIG_INVALID',
    `There is no job '${job}'. Known jobs: ${JOB_KINDS.join(', ')}.`,
    { details: { job } },
  )
}
