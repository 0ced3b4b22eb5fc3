/** Failures as RFC 9457 problem details: what the status alone does not say. */
import { type Static, Type } from 'typebox'
import { type ErrorCode, isTickerflowError } from '../../errors.ts'
import { Refusal } from '../refusal.ts'

export const PROBLEM_TYPE = 'application/problem+json'

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'What kind of problem, as a URN.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String({ description: 'The id of the request, as in the access log.' }),
  },
  { description: 'RFC 9457 problem details.' },
)
export type Problem = Static<typeof Problem>

export interface Failure {
  readonly status: number
  /** Last part of the type. */
  readonly type: string
  readonly detail: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Whatever is not here is a fault of the server. */
const STATUS_BY_CODE: Readonly<Partial<Record<ErrorCode, number>>> = {
  SYMBOL_INVALID: 400,
  CONFIG_INVALID: 400,
  TRACKING_INVALID: 400,
  SNAPSHOT_MISSING: 404,
  SYMBOL_UNKNOWN: 404,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PROMOTION_CONFLICT: 409,
  APPROVAL_REFUSED: 403,
  EVIDENCE_MISSING: 409,
  DATA_BLOCKED: 422,
  DATA_INSUFFICIENT: 422,
  STORE_BUSY: 503,
  MODEL_UNAVAILABLE: 503,
  MODEL_DAMAGED: 503,
  SNAPSHOT_DAMAGED: 503,
  STORE_UNWRITABLE: 507,
}

/** Names by status for what the HTTP library refuses. */
const TYPE_BY_STATUS: Readonly<Record<number, string>> = {
  400: 'request-invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'no-such-route',
  405: 'method-not-allowed',
  408: 'request-timeout',
  413: 'body-too-large',
  414: 'path-too-long',
  415: 'media-type-unsupported',
  422: 'unprocessable',
  429: 'too-many-requests',
  431: 'headers-too-large',
  503: 'overloaded',
}

const UNFORESEEN: Failure = {
  status: 500,
  type: 'unforeseen',
  detail: 'The server failed in a way that was not foreseen; its log says more.',
}

/** What a caller may know of an error: never a stack, a path or anything else of the inside. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Refusal) {
    const { status, type, message: detail, headers } = error
    return { status, type, detail, headers }
  }
  if (isTickerflowError(error)) {
    const status = STATUS_BY_CODE[error.code]
    if (status === undefined) return UNFORESEEN
    const detail = status < 500 ? error.message : SERVER_SIDE_WORDS[error.code]
    const headers = status === 503 ? { headers: { 'retry-after': '5' } } : {}
    return { status, type: slugOf(error.code), detail: detail ?? UNFORESEEN.detail, ...headers }
  }
  return libraryFailure(error) ?? UNFORESEEN
}

/** In place of messages that name files of the server. */
const SERVER_SIDE_WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  STORE_BUSY: 'The store is held by another process; try again.',
  MODEL_UNAVAILABLE: 'The registry does not give the model at the moment; try again.',
  MODEL_DAMAGED: 'The model in Production cannot be loaded; its owner has to repair or replace it.',
  SNAPSHOT_DAMAGED: 'The stored bars of the symbol are damaged; their owner has to restore them.',
  STORE_UNWRITABLE: 'The store cannot be written; its disk may be full.',
}

function slugOf(code: ErrorCode): string {
  return code.toLowerCase().replaceAll('_', '-')
}

/** The HTTP library's own refusals carry a status. */
function libraryFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined
  const { statusCode: status, message: detail } = error
  if (typeof status !== 'number' || status < 400) return undefined
  const type = TYPE_BY_STATUS[status]
  if (type === undefined || (status >= 500 && status !== 503)) return undefined
  const headers = status === 503 ? { headers: { 'retry-after': '1' } } : {}
  return { status, type, detail, ...headers }
}

export function problemOf({ status, type, detail }: Failure, requestId: string): Problem {
  const title = type.replaceAll('-', ' ')
  return {
    type: `urn:tickerflow:problem:${type}`,
    title: `${title.charAt(0).toUpperCase()}${title.slice(1)}`,
    status,
    detail,
    instance: requestId,
  }
}

/** The statuses that a route may answer besides its own, for its schema and the documentation. */
export function problemResponses(...statuses: readonly number[]) {
  const content = { [PROBLEM_TYPE]: { schema: Problem } }
  return Object.fromEntries(
    [...ANY_ROUTE, ...statuses].map((status) => [
      status,
      { description: STATUS_WORDS[status] ?? 'Refused', content },
    ]),
  )
}

/** What any route may answer. */
const ANY_ROUTE = [400, 401, 403, 405, 429, 500, 503]

const STATUS_WORDS: Readonly<Record<number, string>> = {
  400: 'The request is malformed.',
  401: 'No valid key or token came with the request.',
  403: 'The key or token lacks the scope, or the Host or Origin is foreign.',
  404: 'What was asked for is not there.',
  405: 'The path does not take this method.',
  409: 'What the store holds stands against it.',
  413: 'The body is too large.',
  415: 'The body has a media type that is not taken.',
  422: 'The request is well formed, and no forecast follows from it.',
  429: 'Too many requests; Retry-After says when to come back.',
  500: 'A fault of the server.',
  503: 'Overloaded or without its model; Retry-After says when to come back.',
}
