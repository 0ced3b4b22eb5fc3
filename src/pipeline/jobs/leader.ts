/** One leader among any number of processes; the others stand by and take over when it has gone. */
import { type LeaseOptions, takeLease, withLease } from './lease.ts'

export interface LeaderOptions extends LeaseOptions {
  readonly leaseMs: number
  readonly signal: AbortSignal
  /** Waits, and comes back early when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** Told once at each change, and at the start. */
  readonly onChange?: (place: 'leading' | 'standing by') => void
}

/** How often, in the time of a lease, one that stands by looks whether it is free. */
const LOOKS = 3

/**
 * Does the work while this process leads, and again when it leads again, until the signal is aborted.
 *
 * @param work Its signal is aborted when the lead is lost, too.
 */
export async function whileLeader(
  name: string,
  options: LeaderOptions,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { signal, sleep, leaseMs, onChange } = options
  let place: 'leading' | 'standing by' | undefined
  const change = (to: 'leading' | 'standing by') => {
    if (place !== to) onChange?.(to)
    place = to
  }
  while (!signal.aborted) {
    if (!takeLease(name, options)) {
      change('standing by')
      await sleep(leaseMs / LOOKS, signal)
      continue
    }
    change('leading')
    await withLease(name, options, async (lost) => await work(AbortSignal.any([signal, lost])))
  }
}
