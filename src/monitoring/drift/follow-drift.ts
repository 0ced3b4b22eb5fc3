/** From the verdict on one window to an alarm: it takes several sessions to raise it, and to clear it. */

export interface PersistenceRule {
  /** Sessions that are looked back on. */
  readonly of: number
  /** An alarm is raised when the window of at least so many of them has drifted. */
  readonly raiseAt: number
  /** It is cleared when at most so many of them are still near the threshold. */
  readonly clearAt: number
  /** Share of the threshold that counts as near it. */
  readonly near: number
}

/** More than two weeks of sessions to raise an alarm; three weeks of calm to clear it. */
export const DEFAULT_PERSISTENCE: PersistenceRule = { of: 15, raiseAt: 13, clearAt: 0, near: 0.9 }

export interface DriftAlarm {
  /** Whether an alarm stands after the last session. */
  readonly raised: boolean
  /** Index of the session at which the standing alarm was raised. */
  readonly since: number | undefined
  /** Of the last sessions, those whose window has drifted. */
  readonly drifted: number
  /** Times that an alarm was raised in all. */
  readonly times: number
}

/**
 * Follows an alarm through the sessions, from none.
 *
 * @param ratios Of each session in turn, its window's largest statistic over its threshold.
 */
export function followDrift(
  ratios: ArrayLike<number>,
  rule: PersistenceRule = DEFAULT_PERSISTENCE,
): DriftAlarm {
  let since: number | undefined
  let times = 0
  let drifted = 0
  for (let session = 0; session < ratios.length; session++) {
    const from = Math.max(0, session + 1 - rule.of)
    drifted = countAbove(ratios, 1, { from, to: session + 1 })
    if (since === undefined && drifted >= rule.raiseAt) {
      since = session
      times++
    } else if (since !== undefined) {
      const near = countAbove(ratios, rule.near, { from, to: session + 1 })
      if (near <= rule.clearAt) since = undefined
    }
  }
  return { raised: since !== undefined, since, drifted, times }
}

function countAbove(
  ratios: ArrayLike<number>,
  bound: number,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  let count = 0
  for (let at = from; at < to; at++) if ((ratios[at] as number) > bound) count++
  return count
}
