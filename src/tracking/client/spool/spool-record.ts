/** What a spool keeps of a write: one line of JSON each, in the program's own names. */
import type {
  DatasetInput,
  LogBatch,
  Metric,
  ModelOutput,
  RunUpdate,
} from '../../tracking-store.ts'

/** A write to a run that exists; doing it twice is as good as once. */
export type SpoolRecord =
  | { readonly kind: 'batch'; readonly batch: LogBatch }
  | { readonly kind: 'update'; readonly update: RunUpdate }
  | {
      readonly kind: 'inputs'
      readonly inputs: readonly DatasetInput[]
      readonly modelIds: readonly string[]
    }
  | { readonly kind: 'outputs'; readonly models: readonly ModelOutput[] }
  | {
      readonly kind: 'artifact'
      readonly path: string
      /** Name of the file beside the spool that holds its bytes. */
      readonly file: string
    }

export function encodeRecord(record: SpoolRecord): string {
  return `${JSON.stringify(record, nonFiniteAsText)}\n`
}

/** `undefined` for a line that a crash tore, or that is not ours. */
export function decodeRecord(line: string): SpoolRecord | undefined {
  try {
    const record: SpoolRecord = JSON.parse(line)
    if (record.kind !== 'batch') return record
    const metrics = record.batch.metrics?.map(revived)
    return {
      kind: 'batch',
      batch: metrics === undefined ? record.batch : { ...record.batch, metrics },
    }
  } catch {
    return undefined
  }
}

function nonFiniteAsText(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function revived(metric: Metric): Metric {
  return { ...metric, value: Number(metric.value) }
}
