/** All that a tracking server shows over REST, and all that its database holds. */
import { DatabaseSync } from 'node:sqlite'
import { comparable } from './replay.ts'

const API = '/api/2.0/mlflow'

// biome-ignore lint/suspicious/noExplicitAny: whatever a server replies.
type Json = any

/** Experiments, runs, histories, artifacts, logged models, registered models and versions. */
export async function everythingOf(uri: string): Promise<unknown> {
  const ask = async (path: string, body?: object): Promise<Json> => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const reply = await fetch(
      `${uri}${API}${path}`,
      body === undefined ? {} : { ...init, body: JSON.stringify(body) },
    )
    const json: Json = await reply.json()
    if (!reply.ok) throw new Error(`${path}: ${JSON.stringify(json)}`)
    return json
  }
  const query = (path: string, fields: Record<string, string>) =>
    ask(`${path}?${new URLSearchParams(fields)}`)
  const { experiments } = await ask('/experiments/search', { max_results: 1000, view_type: 'ALL' })
  const experiment_ids = experiments.map((one: Json) => one.experiment_id)
  const { runs } = await ask('/runs/search', {
    ...{ experiment_ids, run_view_type: 'ALL', max_results: 1000 },
  })
  const { models = [] } = await ask('/logged-models/search', { experiment_ids })
  const { registered_models } = await ask('/registered-models/search?max_results=100')
  const { model_versions } = await ask('/model-versions/search?max_results=1000')
  const artifacts = async (run_id: string, path = ''): Promise<Json[]> => {
    const { files = [] } = await query('/artifacts/list', { run_id, path })
    const below: Json[][] = await Promise.all(
      files.map((file: Json) => (file.is_dir ? artifacts(run_id, file.path) : [])),
    )
    return [...files, ...below.flat()]
  }
  const details = []
  for (const { info, data } of runs) {
    const keys: string[] = (data.metrics ?? []).map((metric: Json) => metric.key).toSorted()
    const histories = []
    for (const metric_key of keys) {
      histories.push(await query('/metrics/get-history', { run_id: info.run_id, metric_key }))
    }
    details.push({
      run: await query('/runs/get', { run_id: info.run_id }),
      artifacts: await artifacts(info.run_id),
      histories,
    })
  }
  const loaded = []
  for (const { info } of models) loaded.push(await ask(`/logged-models/${info.model_id}`))
  const versions = []
  for (const { name, version } of model_versions) {
    versions.push(await query('/model-versions/get', { name, version }))
    versions.push(await query('/model-versions/get-download-uri', { name, version }))
  }
  const registered = []
  for (const { name } of registered_models) {
    registered.push(await query('/registered-models/get', { name }))
  }
  return comparable({ experiments, runs, details, models: loaded, versions, registered })
}

/** Every row of every table, by table: the columns that are named, or all of them. */
export function tablesOf(
  file: string,
  columnsByTable?: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly Record<string, unknown>[]> {
  const database = new DatabaseSync(file)
  try {
    const tables = columnsByTable === undefined ? namesOf(database) : [...columnsByTable.keys()]
    return new Map(
      tables.map((table) => {
        const columns = columnsByTable?.get(table)?.map((name) => `"${name}"`) ?? ['*']
        const statement = database.prepare(`SELECT ${columns.join(', ')} FROM "${table}"`)
        statement.setReadBigInts(true)
        const rows = statement.all().map((row) => ({ ...row }))
        const text = (row: object) => JSON.stringify(Object.entries(row).map(([, v]) => String(v)))
        return [table, rows.toSorted((a, b) => (text(a) < text(b) ? -1 : 1))]
      }),
    )
  } finally {
    database.close()
  }
}

function namesOf(database: DatabaseSync): readonly string[] {
  const sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
  const rows = database.prepare(sql).all()
  return rows.map(({ name }) => String(name)).filter((name) => name !== 'alembic_version')
}
