/**
 * MLflow's filter language: comparisons joined by AND.
 *
 *     filter     = [ comparison { AND comparison } ]
 *     comparison = identifier ( operator value | [NOT] IN list | IS [NOT] NULL )
 *     identifier = [ prefix "." ] key        key: bare, "quoted" or `quoted`
 *     operator   = = | != | < | <= | > | >= | LIKE | ILIKE
 *     value      = 'text' | "text" | number
 *     list       = "(" value { "," value } ")"
 */
import { invalid } from '../tracking-rules.ts'
import { endOf, type FilterToken, tokensOf } from './filter-lexer.ts'

export type ValueOperator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'ILIKE'
export type ListOperator = 'IN' | 'NOT IN'
export type NullOperator = 'IS NULL' | 'IS NOT NULL'
export type FilterOperator = ValueOperator | ListOperator | NullOperator
export type FilterValue = string | number

/** What stands left of an operator, or in an `order_by`: `metrics.loss`, `start_time`. */
export interface FilterIdentifier {
  /** As written; `undefined` without one. */
  readonly prefix: string | undefined
  readonly key: string
}

export type Comparison = FilterIdentifier &
  (
    | { readonly operator: ValueOperator; readonly value: FilterValue }
    | { readonly operator: ListOperator; readonly values: readonly FilterValue[] }
    | { readonly operator: NullOperator }
  )

export interface OrderTerm extends FilterIdentifier {
  readonly descending: boolean
}

const SIGN_OPERATORS: readonly string[] = ['=', '!=', '<', '<=', '>', '>=']
const MOST_COMPARISONS = 200

/** @throws {TickerflowError} TRACKING_INVALID, and nothing else, for any text that is no filter. */
export function parseFilter(text: string): readonly Comparison[] {
  const reader = new TokenReader(text)
  if (reader.atEnd) return []
  const comparisons = [readComparison(reader)]
  while (!reader.atEnd) {
    if (!reader.takeKeyword('AND')) throw reader.unexpected('AND')
    comparisons.push(readComparison(reader))
  }
  if (comparisons.length > MOST_COMPARISONS) {
    throw invalid(
      `The filter has ${comparisons.length} comparisons of at most ${MOST_COMPARISONS}.`,
    )
  }
  return comparisons
}

/**
 * One `order_by` clause: an identifier, then ASC (the default) or DESC.
 *
 * @throws {TickerflowError} TRACKING_INVALID.
 */
export function parseOrderTerm(text: string): OrderTerm {
  const reader = new TokenReader(text, 'order_by clause')
  const identifier = readIdentifier(reader)
  const descending = reader.takeKeyword('DESC')
  if (!descending) reader.takeKeyword('ASC')
  if (!reader.atEnd) throw reader.unexpected('ASC, DESC or nothing')
  return { ...identifier, descending }
}

function readComparison(reader: TokenReader): Comparison {
  const identifier = readIdentifier(reader)
  if (reader.takeKeyword('IS')) {
    const operator = reader.takeKeyword('NOT') ? 'IS NOT NULL' : 'IS NULL'
    reader.expectKeyword('NULL')
    return { ...identifier, operator }
  }
  if (reader.takeKeyword('NOT')) {
    reader.expectKeyword('IN')
    return { ...identifier, operator: 'NOT IN', values: readList(reader) }
  }
  if (reader.takeKeyword('IN')) return { ...identifier, operator: 'IN', values: readList(reader) }
  return { ...identifier, operator: readOperator(reader), value: readValue(reader) }
}

function readOperator(reader: TokenReader): ValueOperator {
  if (reader.takeKeyword('LIKE')) return 'LIKE'
  if (reader.takeKeyword('ILIKE')) return 'ILIKE'
  const sign = reader.takeSign(SIGN_OPERATORS)
  if (sign === undefined) throw reader.unexpected('a comparison operator')
  return sign as ValueOperator
}

function readValue(reader: TokenReader): FilterValue {
  const token = reader.take()
  if (token?.kind === 'string') return token.text
  if (token?.kind === 'quoted' && token.mark === '"') return token.text
  if (token?.kind === 'number' && Number.isFinite(Number(token.text))) return Number(token.text)
  throw reader.unexpected("a number or a string in '…'", token)
}

function readList(reader: TokenReader): readonly FilterValue[] {
  if (reader.takeSign(['(']) === undefined) throw reader.unexpected("'('")
  const values = [readValue(reader)]
  while (reader.takeSign([',']) !== undefined) values.push(readValue(reader))
  if (reader.takeSign([')']) === undefined) throw reader.unexpected("',' or ')'")
  return values
}

/** Bare `a.b.c` splits at its first dot, and `a."b.c"` at the one before the quote. */
function readIdentifier(reader: TokenReader): FilterIdentifier {
  const token = reader.take()
  if (token?.kind === 'quoted' && token.text !== '') return { prefix: undefined, key: token.text }
  if (token?.kind !== 'word') throw reader.unexpected('an identifier', token)
  const dot = token.text.indexOf('.')
  if (dot < 0) return { prefix: undefined, key: token.text }
  const prefix = token.text.slice(0, dot)
  const rest = token.text.slice(dot + 1)
  const key = rest === '' ? reader.takeQuotedAfter(token) : rest
  if (prefix === '' || key === undefined || key === '') {
    throw reader.unexpected('a key after the dot', token)
  }
  return { prefix, key }
}

class TokenReader {
  readonly #tokens: readonly FilterToken[]
  readonly #text: string
  readonly #what: string
  #next = 0

  constructor(text: string, what = 'filter string') {
    this.#text = text
    this.#what = what
    this.#tokens = tokensOf(text)
  }

  get atEnd(): boolean {
    return this.#next >= this.#tokens.length
  }

  take(): FilterToken | undefined {
    return this.#tokens[this.#next++]
  }

  takeKeyword(keyword: string): boolean {
    const token = this.#tokens[this.#next]
    if (token?.kind !== 'word' || token.text.toUpperCase() !== keyword) return false
    this.#next++
    return true
  }

  expectKeyword(keyword: string): void {
    if (!this.takeKeyword(keyword)) throw this.unexpected(keyword)
  }

  takeSign(signs: readonly string[]): string | undefined {
    const token = this.#tokens[this.#next]
    if (token?.kind !== 'sign' || !signs.includes(token.text)) return undefined
    this.#next++
    return token.text
  }

  /** The quoted key that touches the dot before it. */
  takeQuotedAfter(dot: FilterToken): string | undefined {
    const token = this.#tokens[this.#next]
    if (token?.kind !== 'quoted' || token.at !== endOf(dot)) return undefined
    this.#next++
    return token.text
  }

  unexpected(expected: string, found = this.#tokens[this.#next]): Error {
    const place = found === undefined ? 'its end' : `'${this.#text.slice(found.at, found.at + 30)}'`
    return invalid(
      `Invalid clause(s) in ${this.#what}: expected ${expected} at ${place} of '${this.#text.slice(0, 200)}'.`,
    )
  }
}
