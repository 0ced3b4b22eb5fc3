/** What is live, for a process that shares its journal with others and may not wait for each look. */
import type { StateDatabase } from '../state/state-database.ts'
import { liveVersion, type Slot } from './promotion-journal.ts'

export interface LiveVersionsOptions {
  readonly database: StateDatabase
  /** Every slot in which something is live, read without holding up the process. */
  readonly readAll: () => Promise<readonly (Slot & { readonly version: number })[]>
  /** A promotion is known so long after its commit, and the time of the look. */
  readonly everyMs: number
}

export interface LiveVersions {
  readonly of: (slot: Slot) => number | undefined
  stop(): void
}

/**
 * Looks at the journal once for each slot, when it is first asked for, and at all of it every
 * `everyMs` from then on. The last answer stands while the journal cannot be read.
 */
export function watchLiveVersions({
  database,
  readAll,
  everyMs,
}: LiveVersionsOptions): LiveVersions {
  let known = new Map<string, number | undefined>()
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  const look = async () => {
    const all = await readAll().catch(() => undefined)
    if (all !== undefined) {
      const asked = [...known.keys()].map((name) => [name, undefined] as const)
      const found = all.map((one) => [nameOf(one), one.version] as const)
      known = new Map<string, number | undefined>([...asked, ...found])
    }
    if (!isStopped) timer = setTimeout(look, everyMs).unref()
  }

  return {
    of(slot) {
      const name = nameOf(slot)
      if (!known.has(name)) known.set(name, liveVersion(database, slot))
      timer ??= setTimeout(look, everyMs).unref()
      return known.get(name)
    },
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}

function nameOf({ model, environment }: Slot): string {
  return `${environment}/${model}`
}
