/** Sends the records of a spool to the server, in their order. */
import { existsSync, openAsBlob } from 'node:fs'
import { isTickerflowError, type TickerflowError } from '../../../errors.ts'
import type { LogBatch } from '../../tracking-store.ts'
import type { MlflowClient } from '../mlflow-client.ts'
import type { SpoolDirectory } from './spool-directory.ts'
import type { SpoolFile } from './spool-file.ts'
import type { SpoolRecord } from './spool-record.ts'

/** What the server will never take, and why: it is set aside, so that the rest goes on. */
export interface RefusedRecord {
  readonly runId: string
  readonly record: SpoolRecord
  readonly reason: string
}

export interface Delivery {
  readonly client: MlflowClient
  readonly directory: SpoolDirectory
  readonly onRefused: (refused: RefusedRecord) => Promise<void>
}

/**
 * Sends everything in the file, and empties it.
 *
 * @throws {TickerflowError} When the server cannot be reached; what it has not taken stays.
 */
export async function deliver(delivery: Delivery, file: SpoolFile): Promise<void> {
  while (file.pendingBytes > 0) {
    const { records, end } = await file.next()
    for (const record of merged(records)) await sendOrRefuse(delivery, file.runId, record)
    await file.markSent(end)
    for (const record of records) {
      if (record.kind === 'artifact') await delivery.directory.remove(record.file)
    }
  }
}

/** Batches that follow each other as one. */
function merged(records: readonly SpoolRecord[]): readonly SpoolRecord[] {
  const merging: SpoolRecord[] = []
  let batches: LogBatch[] = []
  const endBatch = () => {
    if (batches.length > 0) merging.push({ kind: 'batch', batch: joined(batches) })
    batches = []
  }
  for (const record of records) {
    if (record.kind === 'batch') batches.push(record.batch)
    else {
      endBatch()
      merging.push(record)
    }
  }
  endBatch()
  return merging
}

function joined(batches: readonly LogBatch[]): LogBatch {
  return {
    metrics: batches.flatMap(({ metrics = [] }) => metrics),
    params: Object.assign({}, ...batches.map(({ params }) => params)),
    tags: Object.assign({}, ...batches.map(({ tags }) => tags)),
  }
}

/** Looks for the items of a refused batch that are to blame, by halves. */
async function sendOrRefuse(delivery: Delivery, runId: string, record: SpoolRecord): Promise<void> {
  try {
    await send(delivery, runId, record)
  } catch (error) {
    if (!isRefusal(error)) throw error
    const halves = error.code === 'NOT_FOUND' ? [] : halvesOf(record)
    if (halves.length === 0) {
      return await delivery.onRefused({ runId, record, reason: error.message })
    }
    for (const half of halves) await sendOrRefuse(delivery, runId, half)
  }
}

async function send(
  { client, directory }: Delivery,
  runId: string,
  record: SpoolRecord,
): Promise<void> {
  switch (record.kind) {
    case 'batch':
      return await client.logBatch(runId, record.batch)
    case 'update':
      await client.updateRun(runId, record.update)
      return
    case 'inputs':
      return await client.logInputs(runId, record.inputs, record.modelIds)
    case 'outputs':
      return await client.logOutputs(runId, record.models)
    case 'artifact': {
      const file = directory.pathOf(record.file)
      // Gone: it was sent before a crash, and the spool had not said so yet.
      if (!existsSync(file)) return
      return await client.uploadArtifact(runId, record.path, await openAsBlob(file))
    }
  }
}

/** The server's last word, as opposed to one that it could not give. */
function isRefusal(error: unknown): error is TickerflowError {
  if (!isTickerflowError(error)) return false
  return ['TRACKING_INVALID', 'NOT_FOUND', 'ALREADY_EXISTS'].includes(error.code)
}

/** Empty when there is but one item. */
function halvesOf(record: SpoolRecord): readonly SpoolRecord[] {
  if (record.kind !== 'batch') return []
  const { metrics = [], params = {}, tags = {} } = record.batch
  const items: LogBatch[] = [
    ...metrics.map((metric) => ({ metrics: [metric] })),
    ...Object.entries(params).map(([key, value]) => ({ params: { [key]: value } })),
    ...Object.entries(tags).map(([key, value]) => ({ tags: { [key]: value } })),
  ]
  if (items.length < 2) return []
  const middle = items.length >> 1
  return [items.slice(0, middle), items.slice(middle)].map((half) => ({
    kind: 'batch',
    batch: joined(half),
  }))
}
