/** Lets only so many pieces of work go on at once; the others wait in line. */

export interface Turns {
  /**
   * Waits for a turn, and runs the work in it.
   *
   * @param signal Gives the place in line up. What is running already looks at it by itself.
   * @param place Where in the line to wait: work that others have been done for goes first.
   * @throws What the work throws; the signal's reason when it is aborted first.
   */
  run<T>(work: () => Promise<T>, signal?: AbortSignal, place?: 'first' | 'last'): Promise<T>
}

/** @param count Turns at the same time. */
export function createTurns(count: number): Turns {
  const waiting: (() => void)[] = []
  let free = count

  async function take(signal: AbortSignal | undefined, place: 'first' | 'last'): Promise<void> {
    signal?.throwIfAborted()
    if (free > 0) {
      free--
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    if (place === 'first') waiting.unshift(resolve)
    else waiting.push(resolve)
    const leave = () => {
      const place = waiting.indexOf(resolve)
      if (place < 0) return
      waiting.splice(place, 1)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', leave, { once: true })
    await promise.finally(() => signal?.removeEventListener('abort', leave))
  }

  /** The turn goes to the next in line, or back. */
  function give(): void {
    const next = waiting.shift()
    if (next === undefined) free++
    else next()
  }

  return {
    async run(work, signal, place = 'last') {
      await take(signal, place)
      try {
        return await work()
      } finally {
        give()
      }
    },
  }
}
