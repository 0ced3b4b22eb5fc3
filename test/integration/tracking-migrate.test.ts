/** A whole store moved to a server over HTTP, in one go, in pieces, and onto something that is there. */
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { artifactUriParts } from '../../src/tracking/artifact-path.ts'
import { fileArtifacts } from '../../src/tracking/client/artifacts/file-artifacts.ts'
import { createMlflowClient } from '../../src/tracking/client/mlflow-client.ts'
import { migrate } from '../../src/tracking/migration/migrate.ts'
import { MigrationState } from '../../src/tracking/migration/migration-plan.ts'
import { fillStore } from '../contract/full-tracking-store.ts'
import { type EmbeddedServer, startEmbeddedServer } from '../contract/tracking-store-server.ts'

let from: EmbeddedServer
let to: EmbeddedServer

beforeEach(async () => {
  from = await startEmbeddedServer()
  to = await startEmbeddedServer()
  await fillStore(from.store)
})
afterEach(async () => {
  await from.end()
  await to.end()
})

async function migrated(stateFile: string, fetchTo: typeof fetch = fetch) {
  const { store: source, directory, clock } = from
  return await migrate({
    source,
    sourceArtifacts: (root) =>
      fileArtifacts(join(directory, 'artifacts', ...artifactUriParts(root))),
    target: createMlflowClient({ uri: to.uri, fetch: fetchTo, clock, retry: { retries: 0 } }),
    state: await MigrationState.read(join(directory, stateFile)),
    onProgress: () => {},
  })
}

/** How much the target has, deleted things included. */
async function extent() {
  const experiments = (await to.store.searchExperiments({ view: 'all' })).items
  const experimentIds = experiments.map(({ id }) => id)
  const runs = (await to.store.searchRuns({ experimentIds, view: 'all' })).items.length
  const models = (await to.store.searchLoggedModels({ experimentIds })).items.length
  const versions = (await to.store.listModelVersions('m')).items.map(({ version }) => version)
  return { experiments: experiments.length, runs, models, versions }
}

const WHOLE = { experiments: 3, runs: 4, models: 1, versions: [5, 4, 1] }

it('copies everything, and says that it is the same', async () => {
  const { counts, differences } = await migrated('state.json')
  expect(differences).toEqual([])
  expect(counts).toMatchObject({ runs: 4, 'metric points': 2349, 'model versions': 3 })
  expect(await extent()).toEqual(WHOLE)
  const { items } = await to.store.listRegisteredModels()
  expect(items.map(({ name, aliases }) => [name, aliases])).toEqual([
    ['empty', {}],
    ['m', { production: 4 }],
  ])
})

it('goes on after any interruption, with or without its file, and copies nothing twice', async () => {
  let left = 0
  const cutOff: typeof fetch = (input, init) => {
    left -= 1
    return left < 0 ? Promise.reject(new TypeError('fetch failed')) : fetch(input, init)
  }
  for (let attempt = 0; attempt < 200; attempt++) {
    left = 9 + 11 * attempt
    const stateFile = attempt % 3 === 2 ? `lost-${attempt}.json` : 'state.json'
    const outcome = await migrated(stateFile, cutOff).catch((error: unknown) => error)
    if (outcome instanceof Error) {
      expect(outcome).toMatchObject({ code: 'TRACKING_UNAVAILABLE' })
      continue
    }
    expect(outcome).toMatchObject({ differences: [] })
    expect(await extent()).toEqual(WHOLE)
    expect((await migrated('state.json')).differences).toEqual([])
    expect(await extent()).toEqual(WHOLE)
    return
  }
  throw new Error('The migration never came to its end')
})

it('says what is not the same at the target', async () => {
  await migrated('state.json')
  const { items } = await to.store.searchRuns({
    experimentIds: ['1'],
    filter: "run_name = 'parent'",
  })
  const id = items[0]?.id ?? ''
  await to.store.logBatch(id, {
    metrics: [{ key: 'loss', value: 1, timestampMs: 1, step: 1 }],
    tags: { note: 'changed' },
  })
  await to.store.writeArtifact(id, 'model/extra.txt', 'x')
  const { differences } = await migrated('state.json')
  expect(differences.map((line) => line.split(' of ')[0])).toEqual([
    'tags',
    'metric histories',
    'artifacts',
  ])
})

it('does not mix with a model of the same name that is somebody else’s', async () => {
  await to.store.createRegisteredModel({ name: 'm' })
  const run = await to.store.createRun({ experimentId: '0' })
  await to.store.createModelVersion({ name: 'm', runId: run.id, source: `runs:/${run.id}/x` })
  await expect(migrated('state.json')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
})
