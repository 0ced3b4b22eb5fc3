/**
 * Finished folds on disk while an evaluation is under way, so that one that was stopped goes on where
 * it was: each result under the digest of everything that it was computed from.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../atomic-file.ts'
import { digestOf } from '../canonical-json.ts'
import type { FoldExecutor, FoldResult, FoldTask } from '../evaluation/fold-task.ts'
import type { FeatureFrame } from '../features/feature-frame.ts'
import { createForecaster } from '../forecast/model-catalogue.ts'
import { selectEngine } from '../lstm/engines.ts'
import type { StoreDirectory } from '../store-directory.ts'
import { encodeFoldResult, readFoldResult } from './fold-result-bytes.ts'
import { programDigest } from './program-digest.ts'

export interface FoldCheckpoints {
  /** Executes tasks whose results are not there yet, and keeps those of the others. */
  readonly execute: FoldExecutor
  /** Waits until all results are on disk. */
  settle(): Promise<void>
  /** Forgets the tasks of this evaluation: it has come to its end. */
  clear(): Promise<void>
}

/** What evaluations that nobody took up again may leave behind; the oldest results go first. */
export const MOST_BYTES = 64 * 1024 * 1024
const EXTENSION = '.fold'

export async function openFoldCheckpoints(
  { checkpoints, tmp }: Pick<StoreDirectory, 'checkpoints' | 'tmp'>,
  execute: FoldExecutor,
): Promise<FoldCheckpoints> {
  await mkdir(checkpoints, { recursive: true })
  await prune(checkpoints)
  const keyOf = await createKeys()
  const used = new Set<string>()
  const writes: Promise<void>[] = []

  return {
    async execute(task, signal, onPart) {
      const path = join(checkpoints, `${keyOf(task)}${EXTENSION}`)
      used.add(path)
      const kept = await readResult(path)
      if (kept !== undefined) return { ...kept, resumed: true }
      const result = await execute(task, signal, onPart)
      const write = writeFileAtomic(path, encodeFoldResult(result), { temporaryDirectory: tmp })
      writes.push(write)
      await write
      return result
    },
    async settle() {
      await Promise.allSettled(writes)
    },
    async clear() {
      await Promise.all([...used].map((path) => rm(path, { force: true })))
    },
  }
}

/** Digests of tasks: program, engine, data, model with its options spelt out, span, seed. */
async function createKeys(): Promise<(task: FoldTask) => string> {
  const program = await programDigest()
  const engine = selectEngine('auto').binaryDigest ?? null
  const digests = new WeakMap<FeatureFrame, string>()
  const digestOfFrame = (frame: FeatureFrame) => {
    const digest = digests.get(frame) ?? frameDigest(frame)
    digests.set(frame, digest)
    return digest
  }
  return ({ spec, frames, symbols, fold, horizon, seed, initial }) => {
    const { name, options } = createForecaster(spec)
    const data = frames.map(digestOfFrame)
    const start = initial === undefined ? {} : { initial: digestOf(initial) }
    return digestOf({
      program,
      engine,
      data,
      name,
      options,
      symbols,
      fold,
      horizon,
      seed,
      ...start,
    })
  }
}

function frameDigest({ symbol, date, close, columns }: FeatureFrame): string {
  const hash = createHash('sha256').update(symbol)
  for (const [name, values] of [['date', date] as const, ['close', close] as const, ...columns]) {
    hash.update(` ${name} ${values.length};`)
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  }
  return hash.digest('hex')
}

/** `undefined` for a file that is not there, or damaged: the task is then done again. */
async function readResult(path: string): Promise<FoldResult | undefined> {
  const bytes = await readFile(path).catch(() => undefined)
  return bytes === undefined ? undefined : readFoldResult(bytes)
}

/** Removes the oldest results beyond `MOST_BYTES`. */
async function prune(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(EXTENSION))
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name)
      const { mtimeMs, size } = await stat(path).catch(() => ({ mtimeMs: 0, size: 0 }))
      return { path, mtimeMs, size }
    }),
  )
  let kept = 0
  for (const { path, size } of files.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
    kept += size
    if (kept > MOST_BYTES) await rm(path, { force: true })
  }
}
