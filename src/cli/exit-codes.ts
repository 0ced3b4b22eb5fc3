/** What a process ends with; the meanings are a contract with scripts. */
import { type ErrorCode, isTickerflowError } from '../errors.ts'

export const EXIT = {
  done: 0,
  fault: 1,
  usage: 2,
  blockedByData: 3,
  promotionUnmet: 4,
  interrupted: 130,
} as const

const EXIT_BY_CODE: Partial<Record<ErrorCode, number>> = {
  CONFIG_INVALID: EXIT.usage,
  SYMBOL_INVALID: EXIT.usage,
  CSV_UNREADABLE: EXIT.blockedByData,
  UNIVERSE_INVALID: EXIT.blockedByData,
  DATA_BLOCKED: EXIT.blockedByData,
  DATA_INSUFFICIENT: EXIT.blockedByData,
  LEAKAGE_FOUND: EXIT.blockedByData,
  INTERRUPTED: EXIT.interrupted,
}

/** The exit code of a failed command. */
export function exitCodeOf(error: unknown): number {
  return isTickerflowError(error) ? (EXIT_BY_CODE[error.code] ?? EXIT.fault) : EXIT.fault
}
