/**
 * Turns parsed filters and orders into SQL. The text of the SQL comes from constants of this folder
 * alone; whatever a request says, keys included, is bound as a value.
 */
import type { SQLInputValue } from 'node:sqlite'
import type { Row } from '../../sqlite/row.ts'
import { pageOf, pageSpan } from '../page-token.ts'
import {
  type Comparison,
  type FilterIdentifier,
  type FilterOperator,
  type FilterValue,
  type OrderTerm,
  parseFilter,
  parseOrderTerm,
} from '../search/filter-grammar.ts'
import { invalid } from '../tracking-rules.ts'
import type { Page, PageRequest } from '../tracking-store.ts'
import type { StoreContext } from './store-context.ts'

export interface SqlPart {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
}

/** Something that can be compared and ordered by. */
export interface SearchField {
  readonly kind: 'text' | 'number'
  readonly operators: readonly FilterOperator[]
  /** SQL expression of the value. */
  readonly value: string
  /** `table WHERE …` of a value that lies in rows of its own; absent for a column. */
  readonly rows?: SqlPart
  /** SQL expression that is 1 where the value stands for NaN. */
  readonly isNan?: string
}

/** @throws {TickerflowError} TRACKING_INVALID for an identifier that the entity does not have. */
export type ResolveField = (identifier: FilterIdentifier) => SearchField

export interface Search extends PageRequest {
  readonly resolve: ResolveField
  readonly table: string
  readonly filter: string | undefined
  readonly orderBy: readonly string[] | undefined
  /** Conditions besides the filter. */
  readonly conditions: readonly SqlPart[]
  /** What `orderBy` leaves open, e.g. `name, version DESC`. */
  readonly lastOrder: string
  readonly defaultLimit: number
}

export const TEXT_OPERATORS: readonly FilterOperator[] = ['=', '!=', 'LIKE', 'ILIKE']
export const LISTED_OPERATORS: readonly FilterOperator[] = [...TEXT_OPERATORS, 'IN', 'NOT IN']
export const ENTRY_OPERATORS: readonly FilterOperator[] = [
  ...TEXT_OPERATORS,
  'IS NULL',
  'IS NOT NULL',
]
export const NUMBER_OPERATORS: readonly FilterOperator[] = ['=', '!=', '<', '<=', '>', '>=']

export function searchRows(context: StoreContext, search: Search): Page<Row> {
  const span = pageSpan(search, search.defaultLimit)
  const where = joined(
    [...search.conditions, ...parseFilter(search.filter ?? '').map(conditionOf(search.resolve))],
    ' AND ',
  )
  const order = orderOf(search)
  const sql = `SELECT ${search.table}.* FROM ${search.table}
    WHERE ${where.sql === '' ? '1' : where.sql}
    ORDER BY ${order.sql} LIMIT ? OFFSET ?`
  const rows: readonly Row[] = context.connection
    .prepareOnce(sql)
    .all(...where.values, ...order.values, span.limit + 1, span.offset)
  return pageOf(rows, span)
}

export function textField(value: string, operators = TEXT_OPERATORS): SearchField {
  return { kind: 'text', operators, value }
}

export function numberField(value: string): SearchField {
  return { kind: 'number', operators: NUMBER_OPERATORS, value }
}

/** A field of a fixed set, by its key. */
export function fieldNamed(
  fields: Readonly<Record<string, SearchField>>,
  key: string,
  what: string,
): SearchField {
  const field = Object.hasOwn(fields, key) ? fields[key] : undefined
  if (field !== undefined) return field
  const known = Object.keys(fields).join(', ')
  throw invalid(`Invalid ${what} key '${key}' specified. Valid keys are: ${known}.`)
}

/** The refusal of a prefix such as `colour.` in `colour.x = 'y'`. */
export function unknownPrefix(prefix: string, known: readonly string[]): Error {
  return invalid(`Invalid entity type '${prefix}'. Valid values are: ${known.join(', ')}.`)
}

export function conditionOf(resolve: ResolveField): (comparison: Comparison) => SqlPart {
  return (comparison) => {
    const field = resolve(comparison)
    assertComparable(field, comparison)
    const { rows } = field
    if (rows === undefined) return testOf(field.value, comparison)
    if (comparison.operator === 'IS NOT NULL') return existing(rows, 'EXISTS')
    if (comparison.operator === 'IS NULL') return existing(rows, 'NOT EXISTS')
    return existing(joined([rows, testWithNan(field, comparison)], ' AND '), 'EXISTS')
  }
}

/** NaN is unequal to everything, though the database holds a number for it. */
function testWithNan({ value, isNan }: SearchField, comparison: Comparison): SqlPart {
  const { sql, values } = testOf(value, comparison)
  if (isNan === undefined) return { sql, values }
  return {
    sql: comparison.operator === '!=' ? `(${sql} OR ${isNan})` : `(${sql} AND NOT ${isNan})`,
    values,
  }
}

function existing(rows: SqlPart, quantifier: 'EXISTS' | 'NOT EXISTS'): SqlPart {
  return { sql: `${quantifier} (SELECT 1 FROM ${rows.sql})`, values: rows.values }
}

function assertComparable(field: SearchField, comparison: Comparison): void {
  const { key, operator } = comparison
  if (!field.operators.includes(operator)) {
    throw invalid(
      `Invalid comparator '${operator}' for '${key}'; it takes one of ${field.operators.join(', ')}.`,
    )
  }
  assertPattern(comparison)
  const expected = field.kind === 'text' ? 'string' : 'number'
  for (const value of valuesOf(comparison)) {
    if (typeof value === expected) continue
    const form = field.kind === 'text' ? "a string in '…'" : 'a number without quotes'
    throw invalid(`Expected ${form} for '${key}', but got ${JSON.stringify(value)}.`)
  }
}

/** SQLite gives up on patterns of more than 50,000 bytes. */
function assertPattern(comparison: Comparison): void {
  if (comparison.operator !== 'LIKE' && comparison.operator !== 'ILIKE') return
  if (typeof comparison.value !== 'string' || comparison.value.length <= LONGEST_PATTERN) return
  throw invalid(
    `The pattern for '${comparison.key}' has ${comparison.value.length} characters; at most ${LONGEST_PATTERN} are taken.`,
  )
}

const LONGEST_PATTERN = 10_000

function valuesOf(comparison: Comparison): readonly FilterValue[] {
  if ('values' in comparison) return comparison.values
  return 'value' in comparison ? [comparison.value] : []
}

/** One test per operator: the words of the SQL are these and no others. */
function testOf(value: string, comparison: Comparison): SqlPart {
  const values = valuesOf(comparison)
  const list = JSON.stringify(values)
  switch (comparison.operator) {
    case 'LIKE':
      return { sql: `${value} LIKE ?`, values }
    case 'ILIKE':
      return { sql: `lower(${value}) LIKE lower(?)`, values }
    case 'IN':
      return { sql: `${value} IN (SELECT value FROM json_each(?))`, values: [list] }
    case 'NOT IN':
      return { sql: `${value} NOT IN (SELECT value FROM json_each(?))`, values: [list] }
    case 'IS NULL':
      return { sql: `${value} IS NULL`, values: [] }
    case 'IS NOT NULL':
      return { sql: `${value} IS NOT NULL`, values: [] }
    case '=':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return { sql: `${value} ${SIGNS[comparison.operator]} ?`, values }
  }
}

const SIGNS = { '=': '=', '!=': '!=', '<': '<', '<=': '<=', '>': '>', '>=': '>=' } as const

/** Numbers first, then NaN, then what is missing, whichever the direction. */
function orderOf({ orderBy, resolve, lastOrder }: Search): SqlPart {
  const terms = (orderBy ?? []).map(parseOrderTerm)
  assertDistinct(terms)
  const parts = terms.map((term) => orderTermOf(resolve(term), term.descending))
  return joined([...parts, { sql: lastOrder, values: [] }], ', ')
}

export function orderTermOf(field: SearchField, descending: boolean): SqlPart {
  const value = selected(field, field.value)
  const nan = field.isNan === undefined ? undefined : selected(field, field.isNan)
  const direction = descending ? 'DESC' : 'ASC'
  const sql = `CASE WHEN ${value.sql} IS NULL THEN 2 ${nan === undefined ? '' : `WHEN ${nan.sql} THEN 1`} ELSE 0 END, ${value.sql} ${direction}`
  return { sql, values: [...value.values, ...(nan?.values ?? []), ...value.values] }
}

function selected({ rows }: SearchField, expression: string): SqlPart {
  if (rows === undefined) return { sql: expression, values: [] }
  return { sql: `(SELECT ${expression} FROM ${rows.sql} LIMIT 1)`, values: rows.values }
}

function assertDistinct(terms: readonly OrderTerm[]): void {
  const seen = new Set(terms.map(({ prefix, key }) => `${prefix ?? ''}.${key}`))
  if (seen.size < terms.length) throw invalid('`order_by` contains duplicate fields.')
  if (terms.length > 20) throw invalid(`\`order_by\` has ${terms.length} clauses of at most 20.`)
}

export function joined(parts: readonly SqlPart[], between: string): SqlPart {
  return {
    sql: parts.map(({ sql }) => sql).join(between),
    values: parts.flatMap(({ values }) => values),
  }
}
