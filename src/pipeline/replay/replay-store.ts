/**
 * The store of a replay and its checkpoints, from which one that was stopped goes on.
 *
 * A replay computes; it answers to nobody while it runs. So what it did after its last checkpoint is
 * thrown away and done again, the same to the bit, instead of being repaired.
 */
import { copyFile, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../atomic-file.ts'
import { SqliteConnection } from '../../sqlite/sqlite-connection.ts'
import { type StoreDirectory, storeLayout } from '../../store-directory.ts'

/** Where a replay stands, beside its two databases. */
export interface ReplayState {
  /** Sessions lived through. */
  readonly sessions: number
  /** UTC milliseconds. */
  readonly nowMs: number
  /** Names given so far. */
  readonly ids: number
  /** Last session that the baselines have learnt from, days since 1970-01-01. */
  readonly baselinesTo: number
}

export interface ReplayStore {
  readonly directory: StoreDirectory
  /** Where an earlier run of the same plan was stopped. */
  readonly resumed: ReplayState | undefined
  checkpoint(state: ReplayState): Promise<void>
  /** It has come to its end: the next replay of this plan begins anew. */
  finish(): Promise<void>
}

const DATABASES = ['mlflow.db', 'tickerflow.db'] as const
const STATE_FILE = 'state.json'
const FINISHED_FILE = 'finished.json'

/** @param directory Of this plan alone; what a finished replay has left there is removed. */
export async function openReplayStore(directory: string): Promise<ReplayStore> {
  const layout = storeLayout(join(directory, 'store'))
  const finished = join(directory, FINISHED_FILE)
  const isFinished = (await readText(finished)) !== undefined
  if (isFinished) await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  await mkdir(layout.root, { recursive: true })
  const resumed = await restore(directory, layout)
  return {
    directory: layout,
    resumed,
    checkpoint: (state) => writeCheckpoint(directory, layout, state),
    async finish() {
      await writeFileAtomic(finished, '{}\n', { temporaryDirectory: layout.tmp })
      for (const name of await checkpointsIn(directory)) await remove(join(directory, name))
      await remove(layout.checkpoints)
    },
  }
}

/** Puts the databases back to the latest checkpoint; without one, the store is empty again. */
async function restore(
  directory: string,
  layout: StoreDirectory,
): Promise<ReplayState | undefined> {
  const latest = (await checkpointsIn(directory)).at(-1)
  for (const file of [layout.mlflowDb, layout.tickerflowDb]) {
    for (const suffix of ['', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true })
  }
  if (latest === undefined) {
    await remove(layout.bars)
    await remove(layout.artifacts)
    return undefined
  }
  for (const name of DATABASES) {
    await copyFile(join(directory, latest, name), join(layout.root, name))
  }
  const state = JSON.parse(await readFile(join(directory, latest, STATE_FILE), 'utf8'))
  await forgetLaterBars(layout, state.nowMs)
  return state
}

/** Snapshots that became current after the checkpoint have not been seen yet. */
async function forgetLaterBars({ bars, tmp }: StoreDirectory, nowMs: number): Promise<void> {
  for (const slug of await namesIn(bars)) {
    const path = join(bars, slug, 'history.jsonl')
    const lines = ((await readText(path)) ?? '').split('\n').filter((line) => line !== '')
    const known = lines.filter((line) => savedAt(line) <= nowMs)
    await writeFileAtomic(path, `${known.join('\n')}\n`, { temporaryDirectory: tmp })
  }
}

function savedAt(line: string): number {
  try {
    return Number(JSON.parse(line).savedAt)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** Copies both databases, and makes the copy the latest checkpoint in one step. */
async function writeCheckpoint(
  directory: string,
  layout: StoreDirectory,
  state: ReplayState,
): Promise<void> {
  const draft = join(directory, 'draft')
  await remove(draft)
  await mkdir(draft, { recursive: true })
  for (const name of DATABASES) await copyDatabase(join(layout.root, name), join(draft, name))
  await writeFile(join(draft, STATE_FILE), `${JSON.stringify(state)}\n`)
  for (const name of [...DATABASES, STATE_FILE]) await flush(join(draft, name))
  const before = await checkpointsIn(directory)
  await rename(draft, join(directory, `checkpoint-${String(state.sessions).padStart(6, '0')}`))
  for (const name of before) await remove(join(directory, name))
}

async function copyDatabase(file: string, copy: string): Promise<void> {
  const connection = new SqliteConnection(file)
  try {
    connection.prepareOnce('VACUUM INTO ?').run(copy)
  } finally {
    connection.close()
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** In the order of time. */
async function checkpointsIn(directory: string): Promise<string[]> {
  return (await namesIn(directory)).filter((name) => name.startsWith('checkpoint-')).sort()
}

async function namesIn(directory: string): Promise<string[]> {
  return await readdir(directory).catch(() => [])
}

async function readText(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined)
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 })
}
