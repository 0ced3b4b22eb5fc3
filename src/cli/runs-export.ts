/** `tickerflow runs export`: a run, or an experiment, as files that need no tracking store. */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { TickerflowError } from '../errors.ts'
import type { Metric, Run, TrackingStore } from '../tracking/tracking-store.ts'
import { type GlobalOptions, withContext } from './context.ts'
import { filesOfRun, metricsOf, summaryOf } from './runs.ts'
import { childrenOf, findRun, searchedRuns } from './runs-search.ts'

export interface ExportOptions extends GlobalOptions {
  readonly output: string
  readonly experiment?: string
  readonly filter?: string
  /** `--no-artifacts` */
  readonly artifacts: boolean
}

const MOST_RUNS = 50_000

/**
 * Writes `runs.json` and `runs.csv` (a row per run), `metrics.csv` (every point of every series) and
 * `artifacts/<run>/…` into a folder that must be new or empty. Nested runs come with their parents.
 */
export async function exportRuns(
  prefix: string | undefined,
  options: ExportOptions,
): Promise<void> {
  if ((prefix === undefined) === (options.experiment === undefined)) {
    throw new TickerflowError(
      'CONFIG_INVALID',
      'Say what to export: the id of a run, or --experiment NAME, and not both.',
    )
  }
  const output = await emptyFolder(options.output)
  await withContext(options, {}, async ({ app, answer }) => {
    const runs = await chosenRuns(app.tracking, prefix, options)
    const points = await writeTables(app.tracking, output, runs)
    const files = options.artifacts ? await writeArtifacts(app.tracking, output, runs) : 0
    answer({ output, runs: runs.length, points, files }, () =>
      [
        `${runs.length} run(s), ${points} metric points and ${files} artifacts are in ${output}:`,
        '  runs.json, runs.csv   parameters, latest metrics and tags, a row per run',
        '  metrics.csv           every point of every metric',
        ...(options.artifacts ? ['  artifacts/<run>/      the files of each run'] : []),
      ].join('\n'),
    )
  })
}

async function chosenRuns(
  tracking: TrackingStore,
  prefix: string | undefined,
  { experiment, filter }: ExportOptions,
): Promise<readonly Run[]> {
  if (prefix !== undefined) {
    const run = await findRun(tracking, prefix)
    return [run, ...(await childrenOf(tracking, run))]
  }
  const search = { limit: MOST_RUNS, nested: true, ...(filter === undefined ? {} : { filter }) }
  return await searchedRuns(tracking, {
    ...search,
    ...(experiment === undefined ? {} : { experiment }),
  })
}

async function emptyFolder(path: string): Promise<string> {
  const folder = resolve(path)
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length === 0) return folder
  throw new TickerflowError(
    'CONFIG_INVALID',
    `${folder} is not empty; an export goes into a new folder. Give another one with --output.`,
    { details: { folder } },
  )
}

async function writeTables(
  tracking: TrackingStore,
  output: string,
  runs: readonly Run[],
): Promise<number> {
  const records = runs.map(recordOf)
  await writeFile(join(output, 'runs.json'), `${JSON.stringify(records, null, 2)}\n`)
  await writeFile(join(output, 'runs.csv'), runsCsv(records))
  const lines: string[] = ['run,key,step,timestamp_ms,value']
  for (const run of runs) {
    for (const point of await historyOf(tracking, run)) {
      const { key, step, timestampMs, value } = point
      lines.push([run.id, csvCell(key), step, timestampMs, value].join(','))
    }
  }
  await writeFile(join(output, 'metrics.csv'), `${lines.join('\n')}\n`)
  return lines.length - 1
}

function recordOf(run: Run) {
  const { params, tags, inputs } = run
  const parent = tags['mlflow.parentRunId'] ?? null
  return { ...summaryOf(run), parent, params, metrics: metricsOf(run), tags, inputs }
}

async function historyOf(tracking: TrackingStore, run: Run): Promise<readonly Metric[]> {
  const points: Metric[] = []
  for (const { key } of run.metrics) {
    let pageToken: string | undefined
    do {
      const page = pageToken === undefined ? {} : { pageToken }
      const { items, nextPageToken } = await tracking.getMetricHistory(run.id, key, page)
      points.push(...items)
      pageToken = nextPageToken
    } while (pageToken !== undefined)
  }
  return points
}

/** The columns of MLflow's own `search_runs`: `params.…`, `metrics.…`, `tags.…`. */
function runsCsv(records: readonly ReturnType<typeof recordOf>[]): string {
  const rows = records.map(({ params, metrics, tags, inputs: _, ...plain }) => ({
    ...plain,
    ...prefixed('params', params),
    ...prefixed('metrics', metrics),
    ...prefixed('tags', tags),
  }))
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const line = (row: Readonly<Record<string, unknown>>) =>
    columns.map((column) => csvCell(row[column] ?? '')).join(',')
  return `${[columns.map(csvCell).join(','), ...rows.map(line)].join('\n')}\n`
}

function prefixed(prefix: string, record: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [`${prefix}.${key}`, value]),
  )
}

function csvCell(value: unknown): string {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

async function writeArtifacts(
  tracking: TrackingStore,
  output: string,
  runs: readonly Run[],
): Promise<number> {
  let count = 0
  for (const run of runs) {
    for (const { path } of await filesOfRun(tracking, run.id)) {
      const target = join(output, 'artifacts', run.id, ...path.split('/'))
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, await tracking.readArtifact(run.id, path))
      count++
    }
  }
  return count
}
