/** Which runs a command is about: experiment, filter and order in MLflow's own words. */
import { TickerflowError } from '../errors.ts'
import type { Run, TrackingStore } from '../tracking/tracking-store.ts'
import type { GlobalOptions } from './context.ts'

export interface RunSearchOptions extends GlobalOptions {
  readonly limit: number
  readonly experiment?: string
  readonly filter?: string
  readonly orderBy?: readonly string[]
  /** Nested runs too: folds and trials. */
  readonly nested?: boolean
}

const MOST_RUNS = 50_000
const TOP_LEVEL = 'tags.`mlflow.parentRunId` IS NULL'

/** @throws {TickerflowError} NOT_FOUND for an unknown experiment; TRACKING_INVALID for a bad filter. */
export async function searchedRuns(
  tracking: TrackingStore,
  options: RunSearchOptions,
): Promise<readonly Run[]> {
  const { limit, experiment, filter, orderBy, nested = false } = options
  const experimentIds = await idsOf(tracking, experiment)
  if (experimentIds.length === 0) return []
  const asked = filter?.trim() || undefined
  const conditions = [...(nested ? [] : [TOP_LEVEL]), ...(asked === undefined ? [] : [asked])]
  const { items } = await tracking.searchRuns({
    experimentIds,
    limit: Math.min(limit, MOST_RUNS),
    filter: conditions.join(' AND '),
    ...(orderBy === undefined ? {} : { orderBy }),
  })
  return items
}

async function idsOf(tracking: TrackingStore, name: string | undefined): Promise<string[]> {
  if (name === undefined) return (await tracking.listExperiments()).items.map(({ id }) => id)
  const experiment = await tracking.getExperimentByName(name)
  if (experiment !== undefined) return [experiment.id]
  const { items } = await tracking.listExperiments()
  const known = items.map((one) => one.name).join(', ')
  throw new TickerflowError(
    'NOT_FOUND',
    `There is no experiment '${name}' in this store. It has: ${known || 'none'}.`,
    { details: { experiment: name } },
  )
}

/** @throws {TickerflowError} NOT_FOUND unless exactly one run has an id that begins so. */
export async function findRun(tracking: TrackingStore, prefix: string): Promise<Run> {
  const exact = /^[0-9a-f]{32}$/.test(prefix)
  const runs = exact ? [] : await searchedRuns(tracking, { limit: MOST_RUNS, nested: true })
  const matches = exact
    ? [await tracking.getRun(prefix)]
    : runs.filter(({ id }) => id.startsWith(prefix))
  const [only, ...others] = matches
  if (only !== undefined && others.length === 0) return only
  const found = only === undefined ? 'no run has' : `${matches.length} runs have`
  throw new TickerflowError(
    'NOT_FOUND',
    `Expected the id of one run or its beginning; ${found} an id that starts with '${prefix}'. ` +
      '`tickerflow runs` lists them.',
    { details: { prefix } },
  )
}

/** The runs nested in a run, oldest first. */
export async function childrenOf(tracking: TrackingStore, run: Run): Promise<readonly Run[]> {
  const { items } = await tracking.searchRuns({
    experimentIds: [run.experimentId],
    filter: `tags.\`mlflow.parentRunId\` = '${run.id}'`,
    order: 'oldest-first',
    limit: MOST_RUNS,
  })
  return items
}
