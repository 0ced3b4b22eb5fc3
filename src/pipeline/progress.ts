/** How long work shows itself: named steps, each able to say how far it is. */

/** Says how far a step is; the last note before its end stands as its result. */
export type Report = (note: string) => void

export interface Progress {
  /** Runs one step of the work, visibly. */
  step<T>(title: string, work: (report: Report) => Promise<T>): Promise<T>
}

/** A note such as `12 of 48, about 20 s left`; call it as each task ends. */
export type Countdown = (done: number, total: number) => string

/** Estimates the time left from the pace so far. @param clock Milliseconds since the epoch. */
export function createCountdown(clock: () => number): Countdown {
  const startMs = clock()
  return (done, total) => {
    const elapsedMs = clock() - startMs
    const leftMs = (elapsedMs / Math.max(1, done)) * (total - done)
    const note = `${done} of ${total}`
    return done < total && elapsedMs > 2000 ? `${note}, about ${spoken(leftMs)} left` : note
  }
}

function spoken(durationMs: number): string {
  const seconds = Math.ceil(durationMs / 1000)
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}
