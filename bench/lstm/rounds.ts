/** Rounds of measurements side by side, so that a slow moment of the machine slows both. */
import type { Peer, PeerRequest } from './peers.ts'
import { median, type Workload } from './workloads.ts'

/** How long one side of a round takes. */
export const ROUND_MS = 200

export interface Rounds {
  /** Milliseconds per step, one per round. */
  readonly ours: readonly number[]
  /** The same of each of the peer's ways of running. */
  readonly theirs: readonly (readonly number[])[]
}

type Measurement = () => Promise<number> | number

/** Measures in pairs: in even rounds ours comes first, in odd ones theirs. */
export async function pairedRounds(
  rounds: number,
  ours: Measurement,
  theirs: readonly Measurement[],
): Promise<Rounds> {
  const result = { ours: [] as number[], theirs: theirs.map(() => [] as number[]) }
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) result.ours.push(await ours())
    for (const [index, ask] of theirs.entries()) result.theirs[index]?.push(await ask())
    if (round % 2 === 1) result.ours.push(await ours())
  }
  return result
}

/** One way of running PyTorch per entry: oneDNN on or off, on so many threads. */
export function pytorchWays(
  peer: Peer | undefined,
  workload: Workload,
  threadCounts: readonly number[],
): Measurement[] {
  if (!peer) return []
  return threadCounts.flatMap((threads) =>
    [true, false].map((oneDnn) => {
      const request: PeerRequest = {
        ...{ do: 'train', workload, threads, oneDnn },
        milliseconds: ROUND_MS,
      }
      return async () => median(await peer.time(request))
    }),
  )
}

export interface Ratio {
  /** Median over the rounds of our time by theirs. */
  readonly median: number
  readonly least: number
  readonly most: number
}

/** Our time by that of their fastest way; null without a peer. */
export function ratioToBest(
  ours: readonly number[],
  theirs: readonly (readonly number[])[],
): Ratio | null {
  if (theirs.length === 0) return null
  const best = theirs.reduce((least, ms) => (median(ms) < median(least) ? ms : least))
  const ratios = ours.map((ms, round) => ms / (best[round] ?? NaN))
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) }
}
