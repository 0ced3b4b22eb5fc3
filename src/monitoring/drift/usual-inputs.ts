/** Is one row of inputs like any that a model has learnt from? */

import type { FeatureFrame } from '../../features/feature-frame.ts'
import { lowerBound } from '../../features/windows.ts'
import { longestRunOf } from './drift-reference.ts'
import { fitPrincipalAxes, type PrincipalAxes, squaredDistance } from './principal-axes.ts'

/** What the training span says of rows. */
export interface UsualInputs {
  readonly axes: PrincipalAxes
  readonly sessions: number
  /** Largest squared Mahalanobis distance of a training session from their mean. */
  readonly farthest: number
}

/** Fewer sessions know too little of what is usual. */
const LEAST_SESSIONS = 250

/**
 * @param names Features that the model reads; those that do not vary are left out.
 * @param lastDay Of the training span, days since 1970-01-01.
 * @returns `undefined` when nothing is left to judge by.
 *
 * Cost: O(sessions · F²), some milliseconds, once per version.
 */
export function learnUsualInputs(
  frame: FeatureFrame,
  names: readonly string[],
  lastDay: number,
): UsualInputs | undefined {
  const to = lowerBound(frame.date, lastDay + 1)
  const complete: number[] = []
  for (let row = 0; row < to; row++) {
    if (names.every((name) => Number.isFinite(frame.columns.get(name)?.[row]))) complete.push(row)
  }
  if (complete.length < LEAST_SESSIONS) return undefined
  const columns = names.flatMap((name) => {
    const values = Float64Array.from(complete, (row) => frame.columns.get(name)?.[row] as number)
    return longestRunOf(values) < values.length ? [[name, values] as const] : []
  })
  if (columns.length === 0) return undefined
  const axes = fitPrincipalAxes(new Map(columns))
  let farthest = 0
  for (const row of complete) {
    const distance = squaredDistance(axes, (name) => frame.columns.get(name)?.[row])
    farthest = Math.max(farthest, distance)
  }
  return { axes, sessions: complete.length, farthest }
}

/**
 * Distance of a row from the training sessions' mean, over that of the farthest of them: above 1 it is
 * unlike any of them. NaN where an input is missing.
 *
 * Cost: O(F²), a few microseconds.
 */
export function outlyingness(usual: UsualInputs, frame: FeatureFrame, at: number): number {
  const distance = squaredDistance(usual.axes, (name) => frame.columns.get(name)?.[at])
  return Math.sqrt(distance / usual.farthest)
}
