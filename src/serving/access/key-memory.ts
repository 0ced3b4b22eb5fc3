/** Whose key a text is, remembered for a moment where the records of keys are on another machine. */
import { createHash } from 'node:crypto'
import { isTickerflowError } from '../../errors.ts'
import type { StateDatabase } from '../../state/state-database.ts'
import { principalOfKey } from './api-keys.ts'
import type { Principal } from './principal.ts'

export interface KeyMemoryOptions {
  readonly database: StateDatabase
  /** For how long a key is not looked up again: a revoked one ends so much later. */
  readonly rememberMs: number
  /** UTC milliseconds. */
  readonly clock: () => number
  /** Milliseconds that only ever grow. */
  readonly stopwatch: () => number
}

export type PrincipalOfKey = (text: string) => Principal | undefined

/** A key that was good goes on so long while its record cannot be reached. */
const UNREACHABLE_MS = 60_000
const MOST_KEPT = 10_000

/** Without `rememberMs` each question is looked up. Texts are kept as hashes. */
export function createKeyMemory(options: KeyMemoryOptions): PrincipalOfKey {
  const { database, clock, stopwatch, rememberMs } = options
  if (rememberMs === 0) return (text) => principalOfKey(database, text, clock())
  const kept = new Map<string, { readonly atMs: number; readonly principal: Principal }>()
  return (text) => {
    const name = createHash('sha256').update(text).digest('base64')
    const known = kept.get(name)
    const ageMs = known === undefined ? Infinity : stopwatch() - known.atMs
    if (ageMs < rememberMs) return known?.principal
    try {
      const principal = principalOfKey(database, text, clock())
      if (kept.size >= MOST_KEPT) kept.clear()
      if (principal === undefined) kept.delete(name)
      else kept.set(name, { atMs: stopwatch(), principal })
      return principal
    } catch (error) {
      const isAway = isTickerflowError(error) && error.code === 'STATE_UNREACHABLE'
      if (isAway && ageMs < UNREACHABLE_MS) return known?.principal
      throw error
    }
  }
}
