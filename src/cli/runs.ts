/** `tickerflow runs`: what has been recorded. */

import { TickerflowError } from '../errors.ts'
import type { Run, TrackingStore } from '../tracking/tracking-store.ts'
import { colours } from './colours.ts'
import { type GlobalOptions, withContext } from './context.ts'
import { isoInstant, table } from './words.ts'

export async function listRuns(options: GlobalOptions & { readonly limit: number }): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const runs = await newestRuns(app.tracking, options.limit)
    answer(runs.map(summaryOf), () =>
      runs.length === 0
        ? 'No runs yet: tickerflow run makes one.'
        : table(['run', 'name', 'status', 'started', 'CRPS bp'], runs.map(rowOf)),
    )
  })
}

async function newestRuns(tracking: TrackingStore, limit: number): Promise<readonly Run[]> {
  const experiments = await tracking.listExperiments()
  const experimentIds = experiments.items.map(({ id }) => id)
  if (experimentIds.length === 0) return []
  return (await tracking.searchRuns({ experimentIds, limit })).items
}

function summaryOf({ id, experimentId, name, status, startTimeMs, endTimeMs }: Run) {
  return {
    id,
    experimentId,
    name,
    status,
    startedAt: isoInstant(startTimeMs),
    endedAt: isoInstant(endTimeMs),
  }
}

function rowOf(run: Run): string[] {
  const crps = run.metrics.find(({ key }) => key === `${run.params.model}.crps`)?.value
  const score = crps === undefined ? '–' : (1e4 * crps).toFixed(2)
  const started = isoInstant(run.startTimeMs)?.slice(0, 16).replace('T', ' ') ?? '–'
  return [run.id, run.name, run.status.toLowerCase(), started, score]
}

export async function showRun(prefix: string, options: GlobalOptions): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const run = await findRun(app.tracking, prefix)
    const artifacts = await app.tracking.listArtifacts(run.id)
    const places = artifacts.map(({ path }) => app.artifactPlace(run, path))
    const metrics = Object.fromEntries(run.metrics.map(({ key, value }) => [key, finite(value)]))
    const { params, tags, inputs } = run
    answer({ ...summaryOf(run), params, metrics, tags, inputs, artifacts: places }, () =>
      [
        colours.bold(`${run.name} (${run.id}), ${run.status.toLowerCase()}`),
        ...section('Parameters', Object.entries(params)),
        ...section('Metrics', scoreLines(metrics)),
        ...section(
          'Artifacts',
          places.map((place) => [place, '']),
        ),
      ].join('\n'),
    )
  })
}

async function findRun(tracking: TrackingStore, prefix: string): Promise<Run> {
  const runs = await newestRuns(tracking, 50_000)
  const matches = runs.filter(({ id }) => id.startsWith(prefix))
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

/** The scores; the many per-fold and per-epoch series are left to `--json`. */
function scoreLines(metrics: Readonly<Record<string, number | null>>): [string, string][] {
  return Object.entries(metrics)
    .filter(([key]) => !/^(train|final|fold)\./.test(key))
    .map(([key, value]) => [key, String(value)])
}

function section(title: string, lines: readonly (readonly string[])[]): string[] {
  if (lines.length === 0) return []
  return [
    '',
    colours.dim(title),
    ...lines.map(([key = '', value = '']) => `  ${key.padEnd(28)} ${value}`),
  ]
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
