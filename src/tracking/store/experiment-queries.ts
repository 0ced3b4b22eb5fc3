/** Experiments in the embedded store. */
import { TickerflowError } from '../../errors.ts'
import {
  numberOf,
  optionalNumberOf,
  type Row,
  stringMapOf,
  textOf,
  wordOf,
} from '../../sqlite/row.ts'
import { experimentArtifactUri } from '../artifact-path.ts'
import { pageOf, pageSpan } from '../page-token.ts'
import {
  assertAtMost,
  assertExperimentName,
  assertTagKeys,
  LIMITS,
  missing,
  truncated,
} from '../tracking-rules.ts'
import type {
  CreateExperimentRequest,
  Experiment,
  LifecycleStage,
  Page,
  PageRequest,
  StringMap,
} from '../tracking-store.ts'
import type { StoreContext } from './store-context.ts'

const STAGES: readonly LifecycleStage[] = ['active', 'deleted']
const DEFAULT_PAGE = 1000

export function createExperiment(
  context: StoreContext,
  request: CreateExperimentRequest,
): Experiment {
  assertExperimentName(request.name)
  assertTagKeys(request.tags ?? {})
  return context.connection.transaction(() => {
    assertNameFree(context, request.name)
    const id = insertExperiment(context, request)
    writeExperimentTags(context, id, request.tags ?? {})
    return getExperiment(context, id)
  })
}

export function getExperiment(context: StoreContext, id: string): Experiment {
  const row = context.connection
    .prepare('SELECT * FROM experiments WHERE experiment_id = ?')
    .get(experimentNumber(id))
  if (row === undefined) throw missing(`Experiment '${id}'`)
  return experimentOf(context, row)
}

export function getExperimentByName(context: StoreContext, name: string): Experiment | undefined {
  const row = context.connection.prepare('SELECT * FROM experiments WHERE name = ?').get(name)
  return row === undefined ? undefined : experimentOf(context, row)
}

export function listExperiments(context: StoreContext, page: PageRequest): Page<Experiment> {
  const span = pageSpan(page, DEFAULT_PAGE)
  const rows = context.connection
    .prepare(
      `SELECT * FROM experiments WHERE lifecycle_stage = 'active'
       ORDER BY creation_time DESC, experiment_id DESC LIMIT ? OFFSET ?`,
    )
    .all(span.limit + 1, span.offset)
  return pageOf(
    rows.map((row) => experimentOf(context, row)),
    span,
  )
}

/** The integer key of an experiment's id; @throws {TickerflowError} NOT_FOUND for any other text. */
export function experimentNumber(id: string): number {
  if (!/^\d{1,15}$/.test(id)) throw missing(`Experiment '${id}'`)
  return Number(id)
}

export function assertNameFree(context: StoreContext, name: string): void {
  const taken = getExperimentByName(context, name)
  if (taken === undefined) return
  const advice =
    taken.lifecycleStage === 'deleted' ? 'restore the deleted experiment or' : 'use it, or'
  const message = `An experiment named '${name}' exists already (id ${taken.id}); ${advice} choose another name.`
  throw new TickerflowError('ALREADY_EXISTS', message, { details: { name, id: taken.id } })
}

function insertExperiment(context: StoreContext, request: CreateExperimentRequest): string {
  const { name, artifactLocation } = request
  assertAtMost('artifact location', artifactLocation ?? '', LIMITS.artifactLocation)
  const now = context.clock()
  const { lastInsertRowid } = context.connection
    .prepare(
      `INSERT INTO experiments (name, lifecycle_stage, creation_time, last_update_time)
       VALUES (?, 'active', ?, ?)`,
    )
    .run(name, now, now)
  const id = String(lastInsertRowid)
  context.connection
    .prepare('UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?')
    .run(artifactLocation || experimentArtifactUri(id), lastInsertRowid)
  return id
}

export function writeExperimentTags(context: StoreContext, id: string, tags: StringMap): void {
  const statement = context.connection.prepare(
    `INSERT INTO experiment_tags ("key", value, experiment_id) VALUES (?, ?, ?)
     ON CONFLICT ("key", experiment_id) DO UPDATE SET value = excluded.value`,
  )
  for (const [key, value] of Object.entries(tags)) {
    statement.run(key, truncated(value, LIMITS.experimentTagValue), experimentNumber(id))
  }
}

export function experimentOf(context: StoreContext, row: Row): Experiment {
  const id = numberOf(row, 'experiment_id')
  const tags = context.connection
    .prepare('SELECT "key", value FROM experiment_tags WHERE experiment_id = ? ORDER BY "key"')
    .all(id)
  return {
    id: String(id),
    name: textOf(row, 'name'),
    artifactLocation: textOf(row, 'artifact_location'),
    lifecycleStage: wordOf(row, 'lifecycle_stage', STAGES),
    createdAtMs: optionalNumberOf(row, 'creation_time'),
    updatedAtMs: optionalNumberOf(row, 'last_update_time'),
    tags: stringMapOf(tags),
  }
}
