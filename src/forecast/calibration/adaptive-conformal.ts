/** Adaptive conformal inference: the level of an interval follows the misses, whatever the world does. */

/** Widest and narrowest central interval that is ever asked for. */
const HIGHEST_LEVEL = 0.999
const LOWEST_LEVEL = 0.01

export const DEFAULT_ADAPTIVE_RATE = 0.01

/** Everything that an adaptive calibration remembers; JSON-safe. */
export interface AdaptiveConformalState {
  /** Promised coverages, such as 0.8 and 0.95. */
  readonly nominal: readonly number[]
  /** Step of an update, > 0: the larger, the faster and the noisier. */
  readonly rate: number
  /** Where each level stands, uncut: it may pass 1 while misses pile up. */
  readonly standing: readonly number[]
}

export interface AdaptiveConformal {
  /**
   * Levels to ask the next forecast for, one per promised coverage: its central interval at that
   * level is the calibrated one. They differ from the promise by what past misses have taught.
   */
  levels(): readonly number[]
  /**
   * Learns from an outcome.
   *
   * @param pit Probability integral transform of the outcome under its forecast.
   * @param issued The levels that `levels()` gave when that forecast was issued, which for several
   *   sessions ahead are not the present ones.
   */
  observe(pit: number, issued: readonly number[]): void
  /** To go on from with `restoreAdaptiveConformal`. */
  readState(): AdaptiveConformalState
}

export interface AdaptiveConformalOptions {
  readonly nominal: readonly number[]
  readonly rate?: number
}

/**
 * After a miss the level rises by rate · nominal, after a hit it falls by rate · (1 − nominal), so
 * that over n outcomes the share of hits is the promised one to within 1 / (rate · n), whatever the
 * forecasts are, as long as the level does not stay beyond the widest interval.
 *
 * @throws {RangeError} On a promise outside (0, 1) or a rate that is not positive.
 *
 * Source: Gibbs & Candès 2021, with the forecast's own quantiles as the fitted ones.
 */
export function createAdaptiveConformal(options: AdaptiveConformalOptions): AdaptiveConformal {
  const { nominal, rate = DEFAULT_ADAPTIVE_RATE } = options
  return restoreAdaptiveConformal({ nominal, rate, standing: nominal })
}

export function restoreAdaptiveConformal(state: AdaptiveConformalState): AdaptiveConformal {
  const { nominal, rate } = state
  if (!(rate > 0 && nominal.every((level) => level > 0 && level < 1))) {
    throw new RangeError(`Expected levels in (0, 1) and a rate > 0, received ${nominal}, ${rate}`)
  }
  let standing = [...state.standing]
  return {
    levels: () => standing.map(cut),
    observe(pit, issued) {
      const score = 2 * Math.abs(pit - 0.5)
      standing = standing.map((level, i) => {
        const missed = score > (issued[i] as number) ? 1 : 0
        return level + rate * (missed - (1 - (nominal[i] as number)))
      })
    },
    readState: () => ({ nominal, rate, standing: [...standing] }),
  }
}

function cut(level: number): number {
  return Math.min(HIGHEST_LEVEL, Math.max(LOWEST_LEVEL, level))
}
