/** Page tokens in MLflow's form: base64 of `{"offset": N}`. */

import { invalid } from './tracking-rules.ts'
import type { Page, PageRequest } from './tracking-store.ts'

export interface PageSpan {
  readonly limit: number
  readonly offset: number
}

/** @throws {TickerflowError} TRACKING_INVALID for a limit that is no positive integer or a bad token. */
export function pageSpan(request: PageRequest, defaultLimit: number): PageSpan {
  const limit = request.limit ?? defaultLimit
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw invalid(`A page limit of ${limit} was asked for; expected an integer from 1.`)
  }
  return { limit, offset: request.pageToken === undefined ? 0 : offsetOf(request.pageToken) }
}

/** @param rows One more than the limit when another page follows. */
export function pageOf<T>(rows: readonly T[], span: PageSpan): Page<T> {
  if (rows.length <= span.limit) return { items: rows }
  return {
    items: rows.slice(0, span.limit),
    nextPageToken: tokenOf(span.offset + span.limit),
  }
}

function tokenOf(offset: number): string {
  return Buffer.from(JSON.stringify({ offset })).toString('base64')
}

function offsetOf(token: string): number {
  try {
    const { offset } = JSON.parse(Buffer.from(token, 'base64').toString('utf8'))
    if (Number.isSafeInteger(offset) && offset >= 0) return offset
  } catch {
    // Not base64 of JSON: falls through to the one message for every bad token.
  }
  throw invalid(`The page token '${token}' is not one that this store gave out.`)
}
