/** A tracking server's refusals as failures of the program. */
import { type ErrorCode, TickerflowError } from '../../errors.ts'

/** MLflow's codes that say more than their status. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  RESOURCE_DOES_NOT_EXIST: 'NOT_FOUND',
  RESOURCE_ALREADY_EXISTS: 'ALREADY_EXISTS',
  INVALID_PARAMETER_VALUE: 'TRACKING_INVALID',
  BAD_REQUEST: 'TRACKING_INVALID',
  INVALID_STATE: 'TRACKING_INVALID',
  PERMISSION_DENIED: 'TRACKING_DENIED',
  UNAUTHENTICATED: 'TRACKING_DENIED',
}

/** How the databases behind MLflow say that something is there already. */
const TAKEN = /UNIQUE constraint failed|duplicate key value|Duplicate entry/

/** MLflow answers some faults of the client with 500, which would otherwise be tried again for minutes. */
export function isClientFault(text: string): boolean {
  const { code, errorClass } = bodyOf(text)
  return code === 'INVALID_STATE' || errorClass.startsWith('CLIENT_')
}

/** @param text The body of a reply whose status is a final failure. */
export function failureOfReply(status: number, text: string, uri: string): TickerflowError {
  const { code: mlflowCode, message, errorClass } = bodyOf(text)
  const details = { uri, status, mlflowCode }
  if (status === 401 || status === 403 || CODES[mlflowCode] === 'TRACKING_DENIED') {
    const advice =
      'Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, to credentials that it takes.'
    const words = `The tracking server at ${uri} refuses the request (HTTP status ${status}). ${advice}`
    return new TickerflowError('TRACKING_DENIED', words, { details })
  }
  if (TAKEN.test(message)) return new TickerflowError('ALREADY_EXISTS', message, { details })
  const isOurs = errorClass.startsWith('CLIENT_')
  const code = CODES[mlflowCode] ?? (isOurs ? 'TRACKING_INVALID' : codeOfStatus(status, mlflowCode))
  if (code === 'TRACKING_REPLY_INVALID') {
    const words = `${uri} answers with HTTP status ${status} and not as MLflow's API does. Check the address, and that the server is MLflow 3 or newer.`
    return new TickerflowError(code, words, { details })
  }
  return new TickerflowError(code, message, { details })
}

function codeOfStatus(status: number, mlflowCode: string): ErrorCode {
  if (mlflowCode === '' || mlflowCode === 'ENDPOINT_NOT_FOUND') {
    return status === 413 ? 'TRACKING_INVALID' : 'TRACKING_REPLY_INVALID'
  }
  if (status === 404) return 'NOT_FOUND'
  return status < 500 ? 'TRACKING_INVALID' : 'TRACKING_UNAVAILABLE'
}

interface FailureBody {
  readonly code: string
  readonly message: string
  readonly errorClass: string
}

function bodyOf(text: string): FailureBody {
  const plain = { code: '', message: text.slice(0, 500), errorClass: '' }
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body !== 'object' || body === null || !('error_code' in body)) return plain
    return {
      code: String(body.error_code),
      message: 'message' in body ? String(body.message) : '',
      errorClass: 'error_class' in body ? String(body.error_class) : '',
    }
  } catch {
    return plain
  }
}
