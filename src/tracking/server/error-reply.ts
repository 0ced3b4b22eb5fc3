/** Failures as MLflow answers them: `{error_code, message}` and a status. */
import { type ErrorCode, isTickerflowError } from '../../errors.ts'

export interface ErrorReply {
  readonly status: number
  readonly error_code: string
  readonly message: string
}

/** Whatever is not here is a fault of the server. */
const REPLIES: Readonly<Partial<Record<ErrorCode, readonly [status: number, code: string]>>> = {
  TRACKING_INVALID: [400, 'INVALID_PARAMETER_VALUE'],
  ALREADY_EXISTS: [400, 'RESOURCE_ALREADY_EXISTS'],
  NOT_FOUND: [404, 'RESOURCE_DOES_NOT_EXIST'],
  STORE_BUSY: [503, 'TEMPORARILY_UNAVAILABLE'],
  /** Not 500: clients would repeat the request for minutes, and the disk stays full. */
  STORE_UNWRITABLE: [507, 'INTERNAL_ERROR'],
}

/** @param error What a route or the HTTP library threw. */
export function errorReplyOf(error: unknown): ErrorReply {
  if (isTickerflowError(error)) {
    const [status, code] = REPLIES[error.code] ?? [500, 'INTERNAL_ERROR']
    return { status, error_code: code, message: error.message }
  }
  const status = statusOf(error)
  if (status !== undefined && status < 500 && error instanceof Error) {
    return { status, error_code: 'INVALID_PARAMETER_VALUE', message: error.message }
  }
  const message = 'The server failed in a way that was not foreseen; its log says more.'
  return { status: 500, error_code: 'INTERNAL_ERROR', message }
}

/** The HTTP library's own refusals, such as 413, carry a status. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined
  return typeof error.statusCode === 'number' ? error.statusCode : undefined
}
