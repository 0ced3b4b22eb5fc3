/** What a search has found so far, on disk after every judgement, so that it can go on after a stop. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { writeFileAtomic } from '../../atomic-file.ts'
import { digestOf } from '../../canonical-json.ts'
import type { StoreDirectory } from '../../store-directory.ts'

const FORMAT = 'tickerflow-tuning/1'

const SymbolOutcome = Type.Object({
  symbol: Type.String(),
  /** Test days, days since 1970-01-01. */
  date: Type.Array(Type.Integer()),
  /** CRPS of each day, of the trial and of the naive forecast. */
  losses: Type.Array(Type.Number()),
  naive: Type.Array(Type.Number()),
  /** Of the probability-edge strategy, each day. */
  returns: Type.Array(Type.Number()),
})
/** One trial judged on one fold, symbol by symbol. */
const FoldOutcome = Type.Array(SymbolOutcome)
export type FoldOutcome = Static<typeof FoldOutcome>

const Checkpoint = Type.Object({
  format: Type.Literal(FORMAT),
  search: Type.String(),
  outcomes: Type.Record(Type.String(), FoldOutcome),
})

export interface TuningCheckpoint {
  /** Judgements that were there when it was opened. */
  readonly found: number
  get(trial: number, fold: number): FoldOutcome | undefined
  /** Resolves once it is on disk. */
  set(trial: number, fold: number, outcome: FoldOutcome): Promise<void>
}

/**
 * Opens the checkpoint of a search.
 *
 * @param search Everything that shapes its judgements; another search has another file. A file that
 *   is damaged or foreign counts as none: the judgements are made again.
 */
export async function openTuningCheckpoint(
  directory: StoreDirectory,
  search: unknown,
): Promise<TuningCheckpoint> {
  const digest = digestOf(search)
  const path = join(directory.checkpoints, `tune-${digest.slice(0, 16)}.json`)
  const outcomes = await readOutcomes(path, digest)
  let writing = Promise.resolve()
  const write = async () => {
    await mkdir(directory.checkpoints, { recursive: true })
    const content = JSON.stringify({ format: FORMAT, search: digest, outcomes })
    await writeFileAtomic(path, content, { temporaryDirectory: directory.tmp })
  }
  return {
    found: Object.keys(outcomes).length,
    get: (trial, fold) => outcomes[keyOf(trial, fold)],
    async set(trial, fold, outcome) {
      outcomes[keyOf(trial, fold)] = outcome
      writing = writing.then(write)
      await writing
    },
  }
}

function keyOf(trial: number, fold: number): string {
  return `${trial}/${fold}`
}

async function readOutcomes(path: string, digest: string): Promise<Record<string, FoldOutcome>> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return {}
  const content = parsed(text)
  if (!Value.Check(Checkpoint, content) || content.search !== digest) return {}
  return content.outcomes
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
