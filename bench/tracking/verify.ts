/** The two servers have to give the same answers before either is timed. */
import { isDeepStrictEqual } from 'node:util'
import { type Filled, READS } from './workloads.ts'

/** @throws {Error} Names the request whose answers differ. */
export async function assertSameAnswers(ours: Filled, theirs: Filled): Promise<void> {
  for (const [name, read] of Object.entries(READS)) {
    const [one, other] = [plain(await read(ours)), plain(await read(theirs))]
    if (isDeepStrictEqual(one, other)) continue
    throw new Error(
      `The answers to ${name} differ:\n${JSON.stringify(one).slice(0, 1000)}\n${JSON.stringify(other).slice(0, 1000)}`,
    )
  }
}

/** Without what the server made up: ids, places, tokens. Lists of keys have no order. */
function plain(answer: string): unknown {
  return JSON.parse(answer, (name, value) => {
    if (MADE_UP.has(name)) return undefined
    if (!Array.isArray(value) || !value.every(hasKey)) return value
    return value.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.step - b.step))
  })
}

const MADE_UP = new Set(['run_id', 'run_uuid', 'experiment_id', 'artifact_uri', 'next_page_token'])

function hasKey(item: unknown): item is { readonly key: string; readonly step: number } {
  return typeof item === 'object' && item !== null && 'key' in item
}
