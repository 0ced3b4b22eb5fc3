/** What a replay puts in the place of the wall clock, chance and the source of prices. */
import { createHash } from 'node:crypto'
import type { Application, PriceHistory } from '../application.ts'
import type { FoldCheckpoints } from '../fold-checkpoints.ts'
import type { TaskPool } from '../task-pool.ts'

export interface Simulation {
  /** UTC milliseconds. */
  readonly clock: () => number
  readonly newId: () => string
  /** Who asks for promotions and owns the runs. */
  readonly user: string
  readonly history: PriceHistory
  readonly keptFolds: FoldCheckpoints
  /** The caller's; the replay does not close it. */
  readonly pool: TaskPool
}

/** Opens an application on a store of its own, with the simulation inside. */
export type OpenSimulated = (store: string, simulation: Simulation) => Promise<Application>

/** A clock that only the replay moves. */
export interface SimulatedClock {
  readonly now: () => number
  /** @throws {RangeError} On a time before the one that it shows. */
  moveTo(instantMs: number): void
}

export function createSimulatedClock(startMs: number): SimulatedClock {
  let nowMs = startMs
  return {
    now: () => nowMs,
    moveTo(instantMs) {
      if (instantMs < nowMs) throw new RangeError(`Time runs forward: ${instantMs} after ${nowMs}`)
      nowMs = instantMs
    },
  }
}

/** Names in the order in which they are asked for: the same replay gives the same ones again. */
export interface CountedIds {
  readonly next: () => string
  readonly count: () => number
}

export function createCountedIds(plan: string, from: number): CountedIds {
  let count = from
  return {
    next() {
      count++
      return createHash('sha256').update(`${plan}/${count}`).digest('hex').slice(0, 32)
    },
    count: () => count,
  }
}
