/** Tags by which `tickerflow reproduce` knows what a run has computed with, and from. */
import type { FeatureFrame } from '../features/feature-frame.ts'
import { frameDigest } from '../features/frame-digest.ts'
import type { StringMap } from '../tracking/tracking-store.ts'

export const PROGRAM_TAG = 'tickerflow.program'
const FEATURES_TAG = 'tickerflow.features'

/** `tickerflow.features.AAPL` and so on: digests of the tables that models read. */
export function featureTags(frames: readonly FeatureFrame[]): StringMap {
  return Object.fromEntries(frames.map((frame) => [featuresTag(frame.symbol), frameDigest(frame)]))
}

/** `^` and `=` are not for names of tags. */
export function featuresTag(symbol: string): string {
  return `${FEATURES_TAG}.${symbol.replaceAll(/[^A-Za-z0-9._-]/g, '_')}`
}
