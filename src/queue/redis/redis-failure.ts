/** Failures as BullMQ keeps them: one text. */
import { deadlyFailure } from '../attempts.ts'
import type { JobFailure } from '../job-queue.ts'

export const CANCELLED = 'CANCELLED'

export function failureText({ code, message }: JobFailure): string {
  return `${code}: ${message}`
}

export function failureIn(text: string): JobFailure | 'cancelled' {
  if (text === CANCELLED) return 'cancelled'
  const stalls = /stalled more than/.test(text)
  if (stalls)
    return { ...deadlyFailure(0), message: 'its worker ended again and again while at it' }
  const [, code, message] = /^([A-Z_]+): ([\s\S]*)$/.exec(text) ?? []
  return code === undefined || message === undefined
    ? { code: 'UNEXPECTED', message: text }
    : { code, message }
}
