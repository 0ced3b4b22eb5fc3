/** How long work shows itself: named steps, each able to say how far it is. */

/** Says how far a step is; the last note before its end stands as its result. */
export type Report = (note: string) => void

export interface Progress {
  /** Runs one step of the work, visibly. */
  step<T>(title: string, work: (report: Report) => Promise<T>): Promise<T>
}

/** The time left as a note, `, about 20 s left`, from the share of the work done; empty at first. */
export type Countdown = (fraction: number) => string

/** Elapsed time below which an estimate would be a guess. */
const WARM_UP_MS = 2000

/** Estimates the time left from the pace so far. @param stopwatch Milliseconds. */
export function createCountdown(stopwatch: () => number): Countdown {
  const startMs = stopwatch()
  return (fraction) => {
    const elapsedMs = stopwatch() - startMs
    if (fraction <= 0 || fraction >= 1 || elapsedMs < WARM_UP_MS) return ''
    return `, about ${spoken((elapsedMs / fraction) * (1 - fraction))} left`
  }
}

function spoken(durationMs: number): string {
  const seconds = Math.ceil(durationMs / 1000)
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}
