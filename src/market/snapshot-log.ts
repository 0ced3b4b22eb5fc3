/** The append-only list of a slug's snapshots: one JSON line whenever the current one changes. */

import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'

import { unwritable } from '../atomic-file.ts'
import type { PriceBasis } from './bars.ts'
import { readIfPresent } from './read-if-present.ts'

export interface SnapshotRecord {
  /** Unique; tells a writer its own line from those of others. */
  readonly id: string
  /** UTC milliseconds. */
  readonly savedAt: number
  readonly symbol: string
  readonly digest: string
  readonly source: string
  readonly basis: PriceBasis
  readonly rows: number
  /** `YYYY-MM-DD`; null without rows. */
  readonly first: string | null
  readonly last: string | null
}

/**
 * All whole lines, oldest first; none when there is no file.
 *
 * A line cut off by a crash is passed over.
 */
export async function readSnapshotLog(path: string): Promise<SnapshotRecord[]> {
  const bytes = await readIfPresent(path)
  return (bytes?.toString('utf8') ?? '').split('\n').flatMap((line) => parseRecord(line) ?? [])
}

/**
 * Adds one line, flushed to disk.
 *
 * Appending is atomic, so writers need no lock; the leading line end keeps the line apart from one
 * that a crash cut off.
 *
 * @throws {TickerflowError} `STORE_UNWRITABLE`.
 */
export async function appendSnapshotRecord(path: string, record: SnapshotRecord): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(path, 'a')
    try {
      await file.write(`\n${JSON.stringify(record)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

function parseRecord(line: string): SnapshotRecord | undefined {
  try {
    const record: unknown = JSON.parse(line)
    return isRecord(record) ? record : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is SnapshotRecord {
  return typeof value === 'object' && value !== null && 'digest' in value && 'symbol' in value
}
