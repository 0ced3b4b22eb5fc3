/**
 * Every evaluation of every recipe that this store has seen, with its daily results: who tries a
 * hundred recipes has had a hundred chances, and the gate has to know.
 */
import { createHash } from 'node:crypto'
import { numberOf, type Row, textOf, wordOf } from '../sqlite/row.ts'
import type { StateDatabase } from '../state/state-database.ts'
import { bytesOf, daysFrom, floatsFrom } from './trial-ledger-bytes.ts'

/** A candidate could have been chosen; a benchmark is there to be beaten, whatever its score. */
export type TrialRole = 'candidate' | 'benchmark'

const ROLES: readonly TrialRole[] = ['candidate', 'benchmark']

/** One recipe evaluated out of sample on the test days of one symbol. */
export interface Trial {
  readonly symbol: string
  /** Digest of the symbol's bars. */
  readonly dataDigest: string
  /** Digest of everything that shapes the model but the data span. */
  readonly recipe: string
  /** What the model is called, for people. */
  readonly model: string
  readonly role: TrialRole
  /** Sessions ahead. */
  readonly horizon: number
  /** Test days, ascending, days since 1970-01-01 [n], n >= 1. */
  readonly date: Int32Array
  /** CRPS of each day [n]; kept to 24 bits. */
  readonly losses: Float64Array
  /** Return of the probability-edge strategy of each day, costs included [n]; kept to 24 bits. */
  readonly returns: Float64Array
  readonly atMs: number
}

export interface RecordedTrial extends Trial {
  /** Order of recording; later ones are larger. */
  readonly id: number
}

/**
 * Adds the trial, unless it is there already: the same recipe with the same losses on the same days
 * is the same trial, whoever repeats it.
 *
 * @returns The trial's number: which attempt at this symbol and horizon it was, from 1, among the
 *   candidates whose test days overlap with its own. It never changes afterwards.
 * @throws {RangeError} On no days, or columns of different lengths.
 */
export function recordTrial(database: StateDatabase, trial: Trial): number {
  assertColumns(trial)
  const identity = identityOf(trial)
  const { symbol, dataDigest, recipe, model, role, horizon, date, losses, returns, atMs } = trial
  return database.transaction(() => {
    database
      .prepare(
        `INSERT INTO trials (identity, symbol, data, recipe, model, role, horizon,
           first_day, last_day, days, losses, returns, at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (identity) DO NOTHING`,
      )
      .run(
        ...[
          identity,
          symbol,
          dataDigest,
          recipe,
          model,
          role,
          horizon,
          firstOf(date),
          lastOf(date),
        ],
        ...[bytesOf(date), bytesOf(Float32Array.from(losses))],
        ...[bytesOf(Float32Array.from(returns)), atMs],
      )
    return numberOfTrial(database, identity)
  })
}

/** Every trial on the data with this digest, in the order of recording. */
export function trialsOf(database: StateDatabase, dataDigest: string): readonly RecordedTrial[] {
  const rows = database.prepare('SELECT * FROM trials WHERE data = ? ORDER BY id').all(dataDigest)
  return rows.map(trialOf)
}

/** Days that trials have looked at. */
export interface TrialSpan {
  readonly symbol: string
  readonly horizon: number
  readonly firstDay: number
  readonly lastDay: number
}

/** The candidates tried on any of these days, whatever the data's digest was then, oldest first. */
export function candidatesTriedOn(
  database: StateDatabase,
  { symbol, horizon, firstDay, lastDay }: TrialSpan,
): readonly RecordedTrial[] {
  const rows = database
    .prepare(
      `SELECT * FROM trials WHERE symbol = ? AND horizon = ? AND role = 'candidate'
         AND last_day >= ? AND first_day <= ? ORDER BY id`,
    )
    .all(symbol, horizon, firstDay, lastDay)
  return rows.map(trialOf)
}

function numberOfTrial(database: StateDatabase, identity: string): number {
  const row = database
    .prepare(
      `SELECT count(*) AS number FROM trials AS own JOIN trials AS earlier
         ON earlier.symbol = own.symbol AND earlier.horizon = own.horizon
         AND earlier.last_day >= own.first_day AND earlier.first_day <= own.last_day
         AND earlier.id <= own.id AND (earlier.role = 'candidate' OR earlier.id = own.id)
       WHERE own.identity = ?`,
    )
    .get(identity)
  return numberOf(row ?? {}, 'number')
}

function identityOf({ symbol, recipe, role, horizon, date, losses }: Trial): string {
  return createHash('sha256')
    .update(`${symbol}\n${recipe}\n${role}\n${horizon}\n${date.length}\n`)
    .update(bytesOf(date))
    .update(bytesOf(losses))
    .digest('hex')
}

function trialOf(row: Row): RecordedTrial {
  return {
    id: numberOf(row, 'id'),
    symbol: textOf(row, 'symbol'),
    dataDigest: textOf(row, 'data'),
    recipe: textOf(row, 'recipe'),
    model: textOf(row, 'model'),
    role: wordOf(row, 'role', ROLES),
    horizon: numberOf(row, 'horizon'),
    date: daysFrom(row.days),
    losses: floatsFrom(row.losses),
    returns: floatsFrom(row.returns),
    atMs: numberOf(row, 'at'),
  }
}

function assertColumns({ date, losses, returns }: Trial): void {
  const lengths = [date.length, losses.length, returns.length]
  if (date.length > 0 && new Set(lengths).size === 1) return
  throw new RangeError(
    `Expected days, losses and returns of one length, at least 1; received ${lengths.join(', ')}`,
  )
}

function firstOf(date: Int32Array): number {
  return date[0] as number
}

function lastOf(date: Int32Array): number {
  return date[date.length - 1] as number
}
