/** What a worker does with fits: reads the bars that a message names, fits, and gathers what others did. */
import type { FoldTask } from '../../evaluation/fold-task.ts'
import { buildFeatureFrame } from '../../features/build-frame.ts'
import type { FeatureFrame } from '../../features/feature-frame.ts'
import { sliceBars } from '../../market/create-bars.ts'
import type { JobHandlers } from '../../queue/job-queue.ts'
import type { Application } from '../application.ts'
import { encodeFoldResult } from '../fold-result-bytes.ts'
import { type BarRows, type FitMessage, sha256 } from './fit-message.ts'

/** Symbols whose features a worker keeps from one fit to the next. */
const KEPT_FRAMES = 256

export function createFitHandlers(app: Pick<Application, 'bars' | 'pool'>): JobHandlers {
  const frameOf = createFrameReader(app)
  return {
    async fit({ payload }, { signal, progress }) {
      // The key is the digest of the message: it is as it was sent.
      const { bars, ...message } = payload as FitMessage
      const frames = await Promise.all(bars.map(frameOf))
      const task: FoldTask = { ...message, frames }
      return encodeFoldResult(await app.pool.executeFold(task, signal, progress))
    },
    /** Digests of the results, by key: one digest for all that was done below. */
    async gather(_, { children }) {
      const gathered = (await children()).map(({ key, result }) => ({
        key,
        sha256: sha256(result),
      }))
      return new TextEncoder().encode(JSON.stringify(gathered))
    },
  }
}

function createFrameReader({ bars }: Pick<Application, 'bars'>) {
  const frames = new Map<string, Promise<FeatureFrame>>()
  async function read({ symbol, digest, rows }: BarRows): Promise<FeatureFrame> {
    const all = await bars.load(symbol, digest)
    return buildFeatureFrame(rows === all.date.length ? all : sliceBars(all, 0, rows))
  }
  return (wanted: BarRows): Promise<FeatureFrame> => {
    const name = `${wanted.symbol} ${wanted.digest} ${wanted.rows}`
    const frame = frames.get(name) ?? read(wanted)
    // The one used last is the last to go.
    frames.delete(name)
    frames.set(name, frame)
    frame.catch(() => frames.delete(name))
    for (const oldest of frames.keys()) {
      if (frames.size <= KEPT_FRAMES) break
      frames.delete(oldest)
    }
    return frame
  }
}
