/** Reads typed cells from SQLite rows; a cell of another type means a foreign or damaged file. */
import type { SQLOutputValue } from 'node:sqlite'
import { TickerflowError } from '../errors.ts'

export type Row = Readonly<Record<string, SQLOutputValue>>

export function textOf(row: Row, column: string): string {
  const value = row[column]
  if (typeof value === 'string') return value
  throw wrongType(column, 'text', value)
}

/** The text, or `undefined` for NULL. */
export function optionalTextOf(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : textOf(row, column)
}

export function numberOf(row: Row, column: string): number {
  const value = row[column]
  if (typeof value === 'number') return value
  throw wrongType(column, 'a number', value)
}

/** The number, or `undefined` for NULL. */
export function optionalNumberOf(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : numberOf(row, column)
}

/** One of a closed set of words. */
export function wordOf<T extends string>(row: Row, column: string, words: readonly T[]): T {
  const value = row[column]
  const word = words.find((candidate) => candidate === value)
  if (word === undefined) throw wrongType(column, `one of ${words.join(', ')}`, value)
  return word
}

/** The rows' `key` and `value` columns as a record; NULL values read as empty text. */
export function stringMapOf(rows: readonly Row[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    rows.map((row) => [textOf(row, 'key'), optionalTextOf(row, 'value') ?? '']),
  )
}

function wrongType(column: string, expected: string, value: SQLOutputValue | undefined): Error {
  const message = `Column '${column}' holds ${String(value)} where ${expected} was expected; the database was written by something else or is damaged.`
  return new TickerflowError('STORE_DAMAGED', message, { details: { column } })
}
