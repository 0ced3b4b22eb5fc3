/** Whether a model is due for retraining, and why: a pure function of what is known. */
import type { Config } from '../../config.ts'
import { formatDay, monthOf, yearOf } from '../../market/trading-date.ts'

export type RetrainPolicy = Config['retrain']

/** What made a retraining come about. */
export const RETRAIN_TRIGGERS = [
  'first',
  'schedule',
  'drift',
  'performance',
  'age',
  'new-data',
  'hand',
] as const
export type RetrainTrigger = (typeof RETRAIN_TRIGGERS)[number]

export interface RetrainReason {
  readonly trigger: RetrainTrigger
  readonly reason: string
}

export interface ModelStanding {
  /** Last complete session, days since 1970-01-01. */
  readonly today: number
  /** Last session of the challenger or version that was trained last; `undefined`: none ever. */
  readonly trainedTo: number | undefined
  /** Sessions since `trainedTo`. */
  readonly newSessions: number
  /** A challenger is in training or in the shadow of the live version. */
  readonly isChallenged: boolean
  /** When this model was retrained, UTC milliseconds. */
  readonly retrainedAtMs: readonly number[]
  readonly nowMs: number
  /** From the latest monitoring report that was made after the last retraining. */
  readonly alarms: { readonly drift: readonly string[]; readonly performance: readonly string[] }
}

export type RetrainDecision =
  | ({ readonly due: true } & RetrainReason)
  | { readonly due: false; readonly reason: string; readonly trigger?: RetrainTrigger }

const DAY_MS = 86_400_000

/** The first reason that holds, unless a challenger is under way or the budget is used up. */
export function retrainDue(standing: ModelStanding, policy: RetrainPolicy): RetrainDecision {
  if (standing.isChallenged) return { due: false, reason: 'a challenger is under way' }
  const found = reasonFor(standing, policy)
  if (found === undefined) return { due: false, reason: 'nothing asks for it' }
  const { nowMs, retrainedAtMs } = standing
  const since = nowMs - policy.budgetDays * DAY_MS
  const recent = retrainedAtMs.filter((atMs) => atMs > since).length
  if (recent < policy.budget) return { due: true, ...found }
  const spent = `${recent} of ${policy.budget} retrainings in ${policy.budgetDays} days are used up`
  return { due: false, trigger: found.trigger, reason: `${found.reason}, but ${spent}` }
}

function reasonFor(standing: ModelStanding, policy: RetrainPolicy): RetrainReason | undefined {
  const { today, trainedTo, newSessions, alarms } = standing
  if (trainedTo === undefined) return { trigger: 'first', reason: 'there is no version yet' }
  // What was seen up to this very session cannot be learnt from any better.
  if (newSessions === 0) return undefined
  const [drift] = policy.onDrift ? alarms.drift : []
  if (drift !== undefined) return { trigger: 'drift', reason: drift }
  const [worse] = policy.onPerformance ? alarms.performance : []
  if (worse !== undefined) return { trigger: 'performance', reason: worse }
  if (startsPeriod(today, trainedTo, policy.schedule)) {
    const last = `the last training ended at ${formatDay(trainedTo)}`
    return { trigger: 'schedule', reason: `${policy.schedule}, and ${last}` }
  }
  if (policy.maximumAgeDays !== undefined && today - trainedTo > policy.maximumAgeDays) {
    return { trigger: 'age', reason: `the training ended ${today - trainedTo} days ago` }
  }
  if (policy.newSessions !== undefined && newSessions >= policy.newSessions) {
    return { trigger: 'new-data', reason: `${newSessions} sessions have not been learnt from` }
  }
  return undefined
}

/** Whether the schedule asks for a training on a day, after a session that it was trained on. */
export function startsPeriod(
  day: number,
  before: number,
  schedule: RetrainPolicy['schedule'],
): boolean {
  return periodOf(day, schedule) !== periodOf(before, schedule)
}

const MONTHS: Record<Exclude<RetrainPolicy['schedule'], 'never'>, number> = {
  monthly: 1,
  quarterly: 3,
  yearly: 12,
}

/** A number for each stretch of the schedule; `undefined` where there is none. */
function periodOf(day: number, schedule: RetrainPolicy['schedule']): number | undefined {
  if (schedule === 'never') return undefined
  return Math.floor((12 * yearOf(day) + monthOf(day) - 1) / MONTHS[schedule])
}
