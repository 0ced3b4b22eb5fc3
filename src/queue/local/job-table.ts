/** The local queue's table: what is asked of it, one transaction each. */
import { numberOf, optionalTextOf, type Row, textOf, wordOf } from '../../sqlite/row.ts'
import type { SqliteConnection } from '../../sqlite/sqlite-connection.ts'
import { type AttemptRules, backOffMs, deadlyFailure } from '../attempts.ts'
import {
  type ChildResult,
  JOB_STATES,
  type JobCounts,
  type JobEnd,
  type JobFailure,
  type JobFlow,
  type JobRecord,
  type JobRequest,
  type JobState,
} from '../job-queue.ts'

export interface JobTableOptions {
  readonly database: SqliteConnection
  /** UTC milliseconds. */
  readonly wallClock: () => number
  readonly rules: AttemptRules
  /** At most so many jobs begin within the time, on all workers together. */
  readonly rate?: { readonly jobs: number; readonly perMs: number } | undefined
}

/** A job under way, as its holder names it. */
export interface Held {
  readonly key: string
  readonly holder: string
  readonly attempts: number
}

/** A waiting time longer than this was written by a clock that ran ahead. */
const LONGEST_WAIT_MS = 10 * 60_000

export type JobTable = ReturnType<typeof createJobTable>

export function createJobTable({ database, wallClock, rules, rate }: JobTableOptions) {
  database.execute('CREATE TEMP TABLE own_jobs (key TEXT PRIMARY KEY) WITHOUT ROWID')
  const run = (sql: string, ...values: (string | number | null | Uint8Array)[]) =>
    Number(database.prepare(sql).run(...values).changes)

  function insert(flow: JobFlow, found: Set<string>): void {
    const { key, kind, label, payload, priority, children = [] } = flow
    run('INSERT INTO own_jobs (key) VALUES (?) ON CONFLICT DO NOTHING', key)
    for (const child of children) insert(child, found)
    const isNew = run(
      `INSERT INTO queue_jobs (key, kind, label, payload, priority, state, added_at)
       VALUES (?, ?, ?, ?, ?, 'blocked', ?) ON CONFLICT (key) DO NOTHING`,
      ...[key, kind, label, JSON.stringify(payload), priority, wallClock()],
    )
    if (isNew === 1) {
      children.forEach((child, place) => {
        run(
          'INSERT INTO queue_children (parent, place, child) VALUES (?, ?, ?)',
          key,
          place,
          child.key,
        )
      })
      run(`UPDATE queue_jobs SET state = 'waiting' WHERE key = ? AND ${ALL_CHILDREN_DONE}`, key)
    } else if (stateOf(key) === 'done') found.add(key)
  }

  function stateOf(key: string): JobState | undefined {
    const row = database.prepare('SELECT state FROM queue_jobs WHERE key = ?').get(key)
    return row === undefined ? undefined : wordOf(row, 'state', JOB_STATES)
  }

  function mayBegin(): boolean {
    if (rate === undefined) return true
    const since = wallClock() - rate.perMs
    const sql = 'SELECT count(*) AS begun FROM queue_jobs WHERE begun_at > ?'
    return numberOf(database.prepare(sql).get(since) ?? {}, 'begun') < rate.jobs
  }

  /** Jobs below one, and itself. */
  function family(key: string): string[] {
    const sql = `WITH RECURSIVE below (key) AS
      (SELECT ? UNION SELECT child FROM queue_children JOIN below ON parent = below.key)
      SELECT key FROM below`
    return database
      .prepare(sql)
      .all(key)
      .map((row) => textOf(row, 'key'))
  }

  return {
    add(flow: JobFlow): ReadonlySet<string> {
      const found = new Set<string>()
      database.transaction(() => insert(flow, found))
      return found
    },
    claim(holder: string, onlyOwn: boolean): (JobRequest & Held) | undefined {
      const nowMs = wallClock()
      // Most looks find nothing: they write nothing either.
      const next = () => {
        const row = database.prepare(onlyOwn ? NEXT_OWN : NEXT).get(nowMs, nowMs + LONGEST_WAIT_MS)
        return row === undefined ? undefined : textOf(row, 'key')
      }
      if (next() === undefined) return undefined
      return database.transaction(() => {
        const key = mayBegin() ? next() : undefined
        if (key === undefined) return undefined
        run(
          `UPDATE queue_jobs SET state = 'running', holder = ?, attempts = attempts + 1, beat = beat + 1,
             progress = 0, begun_at = ? WHERE key = ?`,
          ...[holder, nowMs, key],
        )
        const row = database.prepare('SELECT * FROM queue_jobs WHERE key = ?').get(key) ?? {}
        const payload: unknown = JSON.parse(textOf(row, 'payload'))
        return { ...recordOf(row), payload, holder }
      })
    },
    /** @returns Whether it was still the holder's to end. */
    finish({ key, holder, attempts }: Held, result: Uint8Array): boolean {
      return database.transaction(() => {
        const changes = run(
          `UPDATE queue_jobs SET state = 'done', result = ?, progress = 1, ended_at = ?, holder = NULL
           WHERE key = ? AND ${HELD}`,
          ...[result, wallClock(), key, holder, attempts],
        )
        if (changes === 0) return false
        run(
          `UPDATE queue_jobs SET state = 'waiting' WHERE state = 'blocked' AND ${ALL_CHILDREN_DONE}
             AND key IN (SELECT parent FROM queue_children WHERE child = ?)`,
          key,
        )
        return true
      })
    },
    fail({ key, holder, attempts }: Held, failure: JobFailure, again: boolean): boolean {
      const state = again && attempts < rules.attempts ? 'waiting' : 'dead'
      const nowMs = wallClock()
      const changes = run(
        `UPDATE queue_jobs SET state = ?, ready_at = ?, ended_at = ?, failure_code = ?,
           failure_message = ?, holder = NULL WHERE key = ? AND ${HELD}`,
        ...[state, nowMs + backOffMs(attempts, rules), nowMs, failure.code, failure.message],
        ...[key, holder, attempts],
      )
      return changes === 1
    },
    release({ key, holder, attempts }: Held): void {
      run(
        `UPDATE queue_jobs SET state = 'waiting', holder = NULL, attempts = attempts - 1
         WHERE key = ? AND ${HELD}`,
        ...[key, holder, attempts],
      )
    },
    progress({ key, holder, attempts }: Held, share: number): void {
      run(
        `UPDATE queue_jobs SET progress = ? WHERE key = ? AND ${HELD}`,
        share,
        key,
        holder,
        attempts,
      )
    },
    /** Says that the holder lives. @returns Keys of what it still holds. */
    beat(holder: string): ReadonlySet<string> {
      run(`UPDATE queue_jobs SET beat = beat + 1 WHERE state = 'running' AND holder = ?`, holder)
      const rows = database
        .prepare(`SELECT key FROM queue_jobs WHERE state = 'running' AND holder = ?`)
        .all(holder)
      return new Set(rows.map((row) => textOf(row, 'key')))
    },
    /** What is under way elsewhere, with the beat of its holder. */
    running(): readonly (Held & { readonly beat: number })[] {
      return database
        .prepare(`SELECT key, holder, attempts, beat FROM queue_jobs WHERE state = 'running'`)
        .all()
        .map((row) => ({
          key: textOf(row, 'key'),
          holder: textOf(row, 'holder'),
          attempts: numberOf(row, 'attempts'),
          beat: numberOf(row, 'beat'),
        }))
    },
    /** Takes a job from a holder whose beat has stopped. */
    takeFromDead({ key, holder, attempts, beat }: Held & { readonly beat: number }): void {
      const { code, message } = deadlyFailure(attempts)
      const givenUp = attempts >= rules.attempts
      run(
        `UPDATE queue_jobs SET state = ?, holder = NULL, failure_code = ?, failure_message = ?
         WHERE key = ? AND ${HELD} AND beat = ?`,
        ...[givenUp ? 'dead' : 'waiting', code, message, key, holder, attempts, beat],
      )
    },
    children(key: string): readonly ChildResult[] {
      return database
        .prepare(
          `SELECT child AS key, result FROM queue_children JOIN queue_jobs ON queue_jobs.key = child
           WHERE parent = ? ORDER BY place`,
        )
        .all(key)
        .map((row) => ({ key: textOf(row, 'key'), result: bytesOf(row) }))
    },
    /** The end of a job, or how far it is; undefined for one that is not there. */
    look(key: string): JobEnd | { readonly state: 'open'; readonly share: number } | undefined {
      const sql = `SELECT state, progress, failure_code, failure_message, result FROM queue_jobs
        WHERE key = ?`
      const row = database.prepare(sql).get(key)
      if (row === undefined) return undefined
      const state = wordOf(row, 'state', JOB_STATES)
      if (state === 'done') return { state, result: bytesOf(row) }
      if (state === 'dead') return { state, failure: failureIn(row) ?? deadlyFailure(0) }
      if (state === 'cancelled') return { state }
      return { state: 'open', share: numberOf(row, 'progress') }
    },
    list(states: readonly JobState[], limit: number): JobRecord[] {
      return database
        .prepare(
          `SELECT * FROM queue_jobs WHERE state IN (SELECT value FROM json_each(?1))
           ORDER BY instr('running,dead,cancelled,waiting,blocked,done', state), priority, added_at
           LIMIT ?2`,
        )
        .all(JSON.stringify(states), limit)
        .map(recordOf)
    },
    counts(): JobCounts {
      const rows = database
        .prepare('SELECT state, count(*) AS n FROM queue_jobs GROUP BY state')
        .all()
      const found = new Map(rows.map((row) => [textOf(row, 'state'), numberOf(row, 'n')]))
      const entries = JOB_STATES.map((state) => [state, found.get(state) ?? 0] as const)
      return Object.fromEntries(entries) as JobCounts
    },
    /** @returns The keys of the family that were in one of the states, and are in the other now. */
    move(key: string, from: readonly JobState[], to: 'waiting' | 'cancelled'): readonly string[] {
      return database.transaction(() => {
        const moved = family(key).filter((one) => from.some((state) => state === stateOf(one)))
        for (const one of moved) {
          run(
            `UPDATE queue_jobs SET state = ?, attempts = 0, ready_at = 0, holder = NULL WHERE key = ?`,
            ...[to, one],
          )
          if (to === 'cancelled') continue
          run(
            `UPDATE queue_jobs SET state = 'blocked' WHERE key = ? AND NOT ${ALL_CHILDREN_DONE}`,
            one,
          )
        }
        return moved
      })
    },
    /** Forgets what ended or was added before an instant, unless somebody is at it. */
    forgetBefore(instantMs: number): void {
      run(
        `DELETE FROM queue_jobs WHERE state <> 'running' AND coalesce(ended_at, added_at) < ?`,
        instantMs,
      )
    },
  }
}

const ALL_CHILDREN_DONE = `NOT EXISTS (SELECT 1 FROM queue_children
  LEFT JOIN queue_jobs AS own ON own.key = child
  WHERE parent = queue_jobs.key AND own.state IS NOT 'done')`
const HELD = `state = 'running' AND holder = ? AND attempts = ?`
const READY = `state = 'waiting' AND (ready_at <= ?1 OR ready_at > ?2)`
const NEXT = `SELECT key FROM queue_jobs WHERE ${READY} ORDER BY priority, added_at LIMIT 1`
const NEXT_OWN = `SELECT key FROM queue_jobs WHERE ${READY} AND key IN (SELECT key FROM own_jobs)
  ORDER BY priority, added_at LIMIT 1`

function recordOf(row: Row): JobRecord & { readonly attempts: number } {
  return {
    key: textOf(row, 'key'),
    kind: textOf(row, 'kind'),
    label: textOf(row, 'label'),
    priority: numberOf(row, 'priority'),
    state: wordOf(row, 'state', JOB_STATES),
    attempts: numberOf(row, 'attempts'),
    progress: numberOf(row, 'progress'),
    failure: failureIn(row),
  }
}

function failureIn(row: Row): JobFailure | undefined {
  const code = optionalTextOf(row, 'failure_code')
  return code === undefined
    ? undefined
    : { code, message: optionalTextOf(row, 'failure_message') ?? '' }
}

function bytesOf({ result }: Row): Uint8Array {
  return result instanceof Uint8Array ? result : new Uint8Array()
}
