/** The data sets that runs read. */

import { numberOf, optionalTextOf, type Row, stringMapOf, textOf } from '../../sqlite/row.ts'
import { assertAtMost, assertLength, LIMITS } from '../tracking-rules.ts'
import type { Dataset, DatasetInput } from '../tracking-store.ts'
import { requireActiveRun } from './active-run.ts'
import { linkInputModels } from './run-models.ts'
import type { StoreContext } from './store-context.ts'

const INSERT_DATASET = `INSERT INTO datasets
  (dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source,
   dataset_schema, dataset_profile)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

const INSERT_INPUT = `INSERT INTO inputs
  (input_uuid, source_type, source_id, destination_type, destination_id)
  VALUES (?, 'DATASET', ?, 'RUN', ?) ON CONFLICT DO NOTHING`

const INPUTS_OF_RUNS = `SELECT i.destination_id AS run_uuid, i.input_uuid, d.*
  FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id
  WHERE i.source_type = 'DATASET' AND i.destination_type = 'RUN'
    AND i.destination_id IN (SELECT value FROM json_each(?))
  ORDER BY d.name, d.digest`

interface RunInputs {
  readonly inputs: readonly DatasetInput[]
  readonly modelIds: readonly string[]
}

export function logInputs(
  context: StoreContext,
  runId: string,
  { inputs, modelIds }: RunInputs,
): void {
  context.connection.transaction(() => {
    const experimentId = numberOf(requireActiveRun(context, runId), 'experiment_id')
    for (const input of inputs) {
      assertDataset(input.dataset)
      const datasetId = ensureDataset(context, experimentId, input.dataset)
      linkInput(context, { runId, datasetId, tags: input.tags ?? {} })
    }
    linkInputModels(context, runId, modelIds)
  })
}

/** @param ids JSON array of run ids. */
export function datasetInputsByRun(
  context: StoreContext,
  ids: string,
): ReadonlyMap<string, readonly DatasetInput[]> {
  const rows: readonly Row[] = context.connection.prepare(INPUTS_OF_RUNS).all(ids)
  const byRun = Map.groupBy(rows, (row) => textOf(row, 'run_uuid'))
  return new Map([...byRun].map(([runId, own]) => [runId, own.map((row) => inputOf(context, row))]))
}

function assertDataset(dataset: Dataset): void {
  assertLength('dataset name', dataset.name, LIMITS.datasetName)
  assertLength('dataset digest', dataset.digest, LIMITS.datasetDigest)
}

function ensureDataset(context: StoreContext, experimentId: number, dataset: Dataset): string {
  const { name, digest, sourceType, source, schema, profile } = dataset
  context.connection
    .prepare(INSERT_DATASET)
    .run(
      context.newId(),
      experimentId,
      name,
      digest,
      sourceType,
      source,
      schema ?? null,
      profile ?? null,
    )
  const row = context.connection
    .prepare(
      'SELECT dataset_uuid FROM datasets WHERE experiment_id = ? AND name = ? AND digest = ?',
    )
    .get(experimentId, name, digest)
  return textOf(row ?? {}, 'dataset_uuid')
}

function linkInput(
  context: StoreContext,
  link: {
    readonly runId: string
    readonly datasetId: string
    readonly tags: Readonly<Record<string, string>>
  },
): void {
  const inputId = context.newId()
  const { changes } = context.connection
    .prepare(INSERT_INPUT)
    .run(inputId, link.datasetId, link.runId)
  if (changes === 0) return
  const insertTag = context.connection.prepare(
    'INSERT INTO input_tags (input_uuid, name, value) VALUES (?, ?, ?)',
  )
  for (const [key, value] of Object.entries(link.tags)) {
    assertLength('input tag key', key, LIMITS.inputTagKey)
    assertAtMost('input tag value', value, LIMITS.inputTagValue)
    insertTag.run(inputId, key, value)
  }
}

function inputOf(context: StoreContext, row: Row): DatasetInput {
  const tags = context.connection
    .prepare('SELECT name AS "key", value FROM input_tags WHERE input_uuid = ? ORDER BY name')
    .all(textOf(row, 'input_uuid'))
  return { dataset: datasetOf(row), tags: stringMapOf(tags) }
}

function datasetOf(row: Row): Dataset {
  const schema = optionalTextOf(row, 'dataset_schema')
  const profile = optionalTextOf(row, 'dataset_profile')
  return {
    name: textOf(row, 'name'),
    digest: textOf(row, 'digest'),
    sourceType: textOf(row, 'dataset_source_type'),
    source: textOf(row, 'dataset_source'),
    ...(schema === undefined ? {} : { schema }),
    ...(profile === undefined ? {} : { profile }),
  }
}
