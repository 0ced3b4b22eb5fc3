/** The queue of jobs in `tickerflow.db`, shared by every process that works on the store. */
import {
  numberOf,
  optionalNumberOf,
  optionalTextOf,
  type Row,
  textOf,
  wordOf,
} from '../../sqlite/row.ts'
import type { StateDatabase } from '../../state/state-database.ts'
import type { ClaimedJob, DueJobs, Job, JobName, JobState } from './due-jobs.ts'
import { JOB_KINDS } from './job-kinds.ts'
import { LEASE_MS } from './lease.ts'

/** A job whose process has died so often is not tried again. */
const MOST_ATTEMPTS = 3
const STATES: readonly JobState[] = ['waiting', 'running', 'done', 'failed', 'missed']

export interface SqliteDueJobsOptions {
  readonly database: StateDatabase
  /** The machine's, for leases and durations. UTC milliseconds. */
  readonly wallClock: () => number
  readonly leaseMs?: number
}

export function createSqliteDueJobs(options: SqliteDueJobsOptions): DueJobs {
  const { database, wallClock, leaseMs = LEASE_MS } = options

  function giveUpDead(): void {
    const nowMs = wallClock()
    database
      .prepare(
        `UPDATE jobs SET state = 'failed', ended_at = ?1, outcome = 'its process ended ' || attempts || ' times'
         WHERE state = 'running' AND lease_until <= ?1 AND attempts >= ?2`,
      )
      .run(nowMs, MOST_ATTEMPTS)
    database
      .prepare(
        `UPDATE jobs SET state = 'waiting', holder = NULL WHERE state = 'running' AND lease_until <= ?`,
      )
      .run(nowMs)
  }

  return {
    advance({ kind, symbol }, nowMs, dueTimes) {
      return database.transaction(() => {
        const row = database
          .prepare('SELECT seen_to FROM schedules WHERE kind = ? AND symbol = ?')
          .get(kind, symbol)
        const seenTo = row === undefined ? nowMs : numberOf(row, 'seen_to')
        const due = nowMs > seenTo ? dueTimes(seenTo, nowMs) : []
        for (const [i, dueAtMs] of due.entries()) {
          insertJob(database, { kind, symbol, dueAtMs }, i === due.length - 1)
        }
        database
          .prepare(
            `INSERT INTO schedules (kind, symbol, seen_to) VALUES (?1, ?2, ?3)
             ON CONFLICT (kind, symbol) DO UPDATE SET seen_to = excluded.seen_to
               WHERE schedules.seen_to < excluded.seen_to`,
          )
          .run(kind, symbol, nowMs)
        return due.length > 0
      })
    },
    claim(holder) {
      return database.transaction(() => {
        giveUpDead()
        const row = database
          .prepare(
            `SELECT job FROM jobs AS own WHERE state = 'waiting' AND NOT EXISTS
               (SELECT 1 FROM jobs AS other WHERE other.state = 'running'
                AND other.symbol = own.symbol)
             ORDER BY due_at, job LIMIT 1`,
          )
          .get()
        if (row === undefined) return undefined
        const job = numberOf(row, 'job')
        const nowMs = wallClock()
        database
          .prepare(
            `UPDATE jobs SET state = 'running', holder = ?, lease_until = ?, started_at = ?,
               attempts = attempts + 1 WHERE job = ?`,
          )
          .run(holder, nowMs + leaseMs, nowMs, job)
        return claimed(getJob(database, job), holder)
      })
    },
    list(limit) {
      return database
        .prepare('SELECT * FROM jobs ORDER BY due_at DESC, job DESC LIMIT ?')
        .all(limit)
        .map(jobOf)
    },
  }

  function claimed(job: Job, holder: string): ClaimedJob {
    const own = `WHERE job = ? AND state = 'running' AND holder = ? AND attempts = ?`
    const key = [job.job, holder, job.attempts] as const
    return {
      job,
      renew() {
        const until = wallClock() + leaseMs
        const sql = `UPDATE jobs SET lease_until = ? ${own}`
        return database.prepare(sql).run(until, ...key).changes === 1
      },
      finish({ state, outcome }) {
        const sql = `UPDATE jobs SET state = ?, outcome = ?, ended_at = ? ${own}`
        return database.prepare(sql).run(state, outcome, wallClock(), ...key).changes === 1
      },
      release() {
        const sql = `UPDATE jobs SET state = 'waiting', holder = NULL, attempts = attempts - 1 ${own}`
        database.prepare(sql).run(...key)
      },
    }
  }
}

function insertJob(database: StateDatabase, name: JobName, isLatest: boolean): void {
  const { kind, symbol, dueAtMs } = name
  // What still waited for its turn is overtaken by the one that is due now.
  if (isLatest) {
    database
      .prepare(
        `UPDATE jobs SET state = 'missed' WHERE kind = ? AND symbol = ? AND state = 'waiting'`,
      )
      .run(kind, symbol)
  }
  database
    .prepare(
      `INSERT INTO jobs (kind, symbol, due_at, state) VALUES (?, ?, ?, ?)
       ON CONFLICT (kind, symbol, due_at) DO NOTHING`,
    )
    .run(kind, symbol, dueAtMs, isLatest ? 'waiting' : 'missed')
}

function getJob(database: StateDatabase, job: number): Job {
  return jobOf(database.prepare('SELECT * FROM jobs WHERE job = ?').get(job) ?? {})
}

function jobOf(row: Row): Job {
  return {
    job: numberOf(row, 'job'),
    kind: wordOf(row, 'kind', JOB_KINDS),
    symbol: textOf(row, 'symbol'),
    dueAtMs: numberOf(row, 'due_at'),
    state: wordOf(row, 'state', STATES),
    attempts: numberOf(row, 'attempts'),
    startedAtMs: optionalNumberOf(row, 'started_at'),
    endedAtMs: optionalNumberOf(row, 'ended_at'),
    outcome: optionalTextOf(row, 'outcome'),
  }
}
