/** The label of every model: the log return over the horizon. */
import type { FeatureFrame } from '../features/feature-frame.ts'
import { log } from '../numerics/elementary.ts'

/** log(close[row + horizon] / close[row]); NaN where that session lies beyond the frame. */
export function forwardReturn(frame: FeatureFrame, row: number, horizon: number): number {
  const later = frame.close[row + horizon]
  const now = frame.close[row]
  return later === undefined || now === undefined ? Number.NaN : log(later / now)
}
