/** Cuts the text of a filter into tokens; it knows spelling, not grammar. */
import { invalid } from '../tracking-rules.ts'

export type FilterToken =
  /** A bare word: keyword, identifier, or part of one. */
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  /** Quoted with backticks or double quotes; the text is without them. */
  | {
      readonly kind: 'quoted'
      readonly text: string
      readonly mark: '"' | '`'
      readonly at: number
    }
  /** In single quotes, where two of them stand for one. */
  | { readonly kind: 'string'; readonly text: string; readonly at: number }
  | { readonly kind: 'number'; readonly text: string; readonly at: number }
  | { readonly kind: 'sign'; readonly text: Sign; readonly at: number }

type Sign = (typeof SIGNS)[number]

const SIGNS = ['<=', '>=', '!=', '=', '<', '>', '(', ')', ','] as const
const SPACE = /\s+/y
const STRING = /'((?:[^']|'')*)'/y
const QUOTED = /"([^"]*)"|`([^`]*)`/y
const NUMBER = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![^\s'"`<>=!(),;])/y
const WORD = /[^\s'"`<>=!(),;]+/y
const LONGEST_FILTER = 100_000

/** @throws {TickerflowError} TRACKING_INVALID for an unclosed quote or a stray character. */
export function tokensOf(text: string): readonly FilterToken[] {
  if (text.length > LONGEST_FILTER) {
    throw invalid(`The filter has ${text.length} characters; at most ${LONGEST_FILTER} are read.`)
  }
  const tokens: FilterToken[] = []
  for (let at = skipSpace(text, 0); at < text.length; ) {
    const { token, end } = tokenAt(text, at)
    tokens.push(token)
    at = skipSpace(text, end)
  }
  return tokens
}

/** Where the token ends in the text: tells whether the next one touches it. */
export function endOf(token: FilterToken): number {
  const marks = token.kind === 'quoted' ? 2 : 0
  return token.at + token.text.length + marks
}

function skipSpace(text: string, at: number): number {
  return at + (matchAt(SPACE, text, at)?.[0].length ?? 0)
}

function tokenAt(text: string, at: number): { readonly token: FilterToken; readonly end: number } {
  const sign = SIGNS.find((candidate) => text.startsWith(candidate, at))
  if (sign !== undefined) {
    return { token: { kind: 'sign', text: sign, at }, end: at + sign.length }
  }
  const string = matchAt(STRING, text, at)
  if (string !== null) {
    const content = (string[1] ?? '').replaceAll("''", "'")
    return { token: { kind: 'string', text: content, at }, end: at + string[0].length }
  }
  const quoted = matchAt(QUOTED, text, at)
  if (quoted !== null) {
    const mark = quoted[1] === undefined ? '`' : '"'
    const content = quoted[1] ?? quoted[2] ?? ''
    return { token: { kind: 'quoted', text: content, mark, at }, end: at + quoted[0].length }
  }
  return bareTokenAt(text, at)
}

function bareTokenAt(text: string, at: number): { token: FilterToken; end: number } {
  const number = matchAt(NUMBER, text, at)?.[0]
  if (number !== undefined) {
    return { token: { kind: 'number', text: number, at }, end: at + number.length }
  }
  const word = matchAt(WORD, text, at)?.[0]
  if (word === undefined) {
    const rest = text.slice(at, at + 20)
    throw invalid(
      `Invalid clause(s) in filter string: '${rest}' at character ${at} is no identifier, operator or closed string.`,
    )
  }
  return { token: { kind: 'word', text: word, at }, end: at + word.length }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
