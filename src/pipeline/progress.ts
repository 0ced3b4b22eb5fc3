/** How long work shows itself: named steps, each able to say how far it is. */

/** Says how far a step is; the last note before its end stands as its result. */
export type Report = (note: string) => void

export interface Progress {
  /** Runs one step of the work, visibly. */
  step<T>(title: string, work: (report: Report) => Promise<T>): Promise<T>
}

/**
 * The time left as a note, `, about 20 s left`; empty at first.
 *
 * @param fraction Share of the work that is done.
 * @param before Share that was done before the clock ran.
 */
export type Countdown = (fraction: number, before?: number) => string

/** Elapsed time below which an estimate would be a guess. */
const WARM_UP_MS = 2000

/** Estimates the time left from the pace so far. @param stopwatch Milliseconds. */
export function createCountdown(stopwatch: () => number): Countdown {
  const startMs = stopwatch()
  return (fraction, before = 0) => {
    const elapsedMs = stopwatch() - startMs
    const done = fraction - before
    if (done <= 0 || fraction >= 1 || elapsedMs < WARM_UP_MS) return ''
    return `, about ${spoken((elapsedMs / done) * (1 - fraction))} left`
  }
}

const BAR_LENGTH = 20

/** A share of work as a bar, `[=====               ]`. */
export function progressBar(fraction: number): string {
  const done = Math.floor(Math.min(1, Math.max(0, fraction)) * BAR_LENGTH)
  return `[${'='.repeat(done).padEnd(BAR_LENGTH)}]`
}

function spoken(durationMs: number): string {
  const seconds = Math.ceil(durationMs / 1000)
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}
