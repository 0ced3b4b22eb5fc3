/** `tickerflow runs list` and `show`: what has been recorded. */
import type { ArtifactEntry, Run, TrackingStore } from '../tracking/tracking-store.ts'
import { colours } from './colours.ts'
import { type GlobalOptions, withContext } from './context.ts'
import { childrenOf, findRun, type RunSearchOptions, searchedRuns } from './runs-search.ts'
import { isoInstant, table } from './words.ts'

export async function listRuns(options: RunSearchOptions): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const runs = await searchedRuns(app.tracking, options)
    const narrowed = options.filter !== undefined || options.experiment !== undefined
    answer(runs.map(summaryOf), () =>
      runs.length === 0
        ? narrowed
          ? 'No run matches.'
          : 'No runs yet: tickerflow run makes one.'
        : table(['run', 'name', 'status', 'started', 'CRPS bp'], runs.map(rowOf)),
    )
  })
}

export function summaryOf({ id, experimentId, name, status, startTimeMs, endTimeMs }: Run) {
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

/** The latest value of each metric; null where it is not a number. */
export function metricsOf(run: Run): Readonly<Record<string, number | null>> {
  return Object.fromEntries(
    run.metrics.map(({ key, value }) => [key, Number.isFinite(value) ? value : null]),
  )
}

export async function showRun(prefix: string, options: GlobalOptions): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const run = await findRun(app.tracking, prefix)
    const artifacts = await app.tracking.listArtifacts(run.id)
    const places = artifacts.map(({ path }) => app.artifactPlace(run, path))
    const children = (await childrenOf(app.tracking, run)).map(summaryOf)
    const metrics = metricsOf(run)
    const { params, tags, inputs } = run
    const parent = tags['mlflow.parentRunId'] ?? null
    answer(
      { ...summaryOf(run), parent, params, metrics, tags, inputs, artifacts: places, children },
      () =>
        [
          colours.bold(`${run.name} (${run.id}), ${run.status.toLowerCase()}`),
          ...section('Parameters', Object.entries(params)),
          ...section('Scores', scoreLines(metrics)),
          ...section('Data', inputs.map(dataLine)),
          ...section('Origin', originLines(tags)),
          ...section(
            'Nested runs',
            children.map(({ id, name, status }) => [name, `${status.toLowerCase()}  ${id}`]),
          ),
          ...section(
            'Artifacts',
            places.map((place) => [place, '']),
          ),
        ].join('\n'),
    )
  })
}

function dataLine({ dataset }: Run['inputs'][number]): [string, string] {
  const { rows, first, last } = JSON.parse(dataset.profile ?? '{}')
  const span = rows === undefined ? '' : `, ${rows} sessions, ${first} to ${last}`
  return [dataset.name, `${dataset.digest.slice(0, 12)}${span}`]
}

function originLines(tags: Run['tags']): [string, string][] {
  return Object.entries(tags).filter(
    ([key]) =>
      key.startsWith('mlflow.source.git') ||
      /^tickerflow\.(error|gitDirty|engine|kernelDigest|node|host|version|recipe)$/.test(key),
  )
}

/** The scores; the many series of folds, epochs and the machine are left to `--json`. */
function scoreLines(metrics: Readonly<Record<string, number | null>>): [string, string][] {
  return Object.entries(metrics)
    .filter(([key]) => !/^(final|fold)\.|^system\/|\.seed\d+\./.test(key))
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

/** Every file of a run, folders opened. */
export async function filesOfRun(
  tracking: TrackingStore,
  runId: string,
  folder?: string,
): Promise<readonly ArtifactEntry[]> {
  const entries = await tracking.listArtifacts(runId, folder)
  const files: ArtifactEntry[] = []
  for (const entry of entries) {
    if (entry.isDirectory) files.push(...(await filesOfRun(tracking, runId, entry.path)))
    else files.push(entry)
  }
  return files
}
