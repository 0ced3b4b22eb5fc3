/** Part of the contract of tracking stores: renaming, deleting, restoring, logged models. */
import { beforeEach, expect, it } from 'vitest'
import type { TrackingStore } from '../../src/tracking/tracking-store.ts'
import { newSource } from './tracking-store-sources.ts'

type Store = () => TrackingStore

const INVALID = { code: 'TRACKING_INVALID' }
const UNKNOWN = { code: 'NOT_FOUND' }

export function experimentLifecycleRules(store: Store): void {
  let id: string
  beforeEach(async () => {
    id = (await store().createExperiment({ name: 'gold' })).id
  })

  it('renames, but not to a name that is taken', async () => {
    await store().renameExperiment(id, 'silver')
    expect((await store().getExperiment(id)).name).toBe('silver')
    await expect(store().renameExperiment(id, 'Default')).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    })
    await expect(store().renameExperiment('99', 'x')).rejects.toMatchObject(UNKNOWN)
  })

  it('deletes and restores an experiment with its runs', async () => {
    const run = await store().createRun({ experimentId: id })
    await store().deleteExperiment(id)
    expect((await store().getExperiment(id)).lifecycleStage).toBe('deleted')
    expect((await store().getRun(run.id)).lifecycleStage).toBe('deleted')
    await expect(store().createRun({ experimentId: id })).rejects.toMatchObject(INVALID)
    await expect(store().renameExperiment(id, 'x')).rejects.toMatchObject(INVALID)
    await store().restoreExperiment(id)
    expect((await store().getRun(run.id)).lifecycleStage).toBe('active')
    await expect(store().restoreExperiment(id)).rejects.toMatchObject(UNKNOWN)
  })

  it('sets, overwrites and deletes tags', async () => {
    await store().setExperimentTags(id, { team: 'a', note: 'b' })
    await store().setExperimentTags(id, { team: 'c' })
    await store().deleteExperimentTag(id, 'note')
    expect((await store().getExperiment(id)).tags).toEqual({ team: 'c' })
    await expect(store().deleteExperimentTag(id, 'note')).rejects.toMatchObject(UNKNOWN)
  })

  it('keeps an artifact location that is given', async () => {
    const { artifactLocation } = await store().createExperiment({
      name: 'elsewhere',
      artifactLocation: 's3://bucket/dir',
    })
    expect(artifactLocation).toBe('s3://bucket/dir')
  })
}

export function runLifecycleRules(store: Store): void {
  let id: string
  beforeEach(async () => {
    id = (await store().createRun({ experimentId: '0' })).id
  })

  it('deletes and restores a run, and writes nothing to it meanwhile', async () => {
    await store().deleteRun(id)
    expect((await store().searchRuns({ experimentIds: ['0'] })).items).toEqual([])
    await expect(store().logBatch(id, { tags: { a: 'b' } })).rejects.toMatchObject(INVALID)
    await store().restoreRun(id)
    await store().logBatch(id, { tags: { a: 'b' } })
    expect((await store().getRun(id)).tags.a).toBe('b')
    await expect(store().deleteRun('no')).rejects.toMatchObject(UNKNOWN)
  })

  it('deletes a tag, but not the name', async () => {
    await store().logBatch(id, { tags: { a: 'b' } })
    await store().deleteRunTag(id, 'a')
    expect((await store().getRun(id)).tags).not.toHaveProperty('a')
    await expect(store().deleteRunTag(id, 'a')).rejects.toMatchObject(UNKNOWN)
    await expect(store().deleteRunTag(id, 'mlflow.runName')).rejects.toMatchObject(INVALID)
  })

  it('thins the points of many runs out evenly, and keeps the ends', async () => {
    const other = await store().createRun({ experimentId: '0' })
    const points = (count: number) =>
      Array.from({ length: count }, (_, step) => ({ key: 'm', value: step, timestampMs: 1, step }))
    await store().logBatch(id, { metrics: points(100) })
    await store().logBatch(other.id, { metrics: points(11) })
    const runIds = [id, other.id]
    const sample = await store().sampleMetrics({ runIds, key: 'm', stepsPerRun: 10 })
    const steps = sample.filter(({ runId }) => runId === id).map(({ metric }) => metric.step)
    expect([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99]).toEqual(expect.arrayContaining(steps))
    expect([steps.length >= 10, steps[0], steps.at(-1)]).toEqual([true, 0, 99])
    const short = sample.filter(({ runId }) => runId === other.id).map(({ metric }) => metric.step)
    expect([short[0], short.at(-1)]).toEqual([0, 10])
    const range = { first: 3, last: 5 }
    expect(
      await store().sampleMetrics({ runIds: [id], key: 'm', stepsPerRun: 10, steps: range }),
    ).toHaveLength(3)
    const backwards = { runIds, key: 'm', stepsPerRun: 10, steps: { first: 5, last: 3 } }
    await expect(store().sampleMetrics(backwards)).rejects.toMatchObject(INVALID)
  })
}

export function registryLifecycleRules(store: Store): void {
  let sources: { readonly runId: string; readonly source: string }[]
  beforeEach(async () => {
    await store().createRegisteredModel({ name: 'm', tags: { a: '1', b: '2' } })
    sources = []
    for (const t of ['one', 'two', 'three']) {
      const origin = await newSource(store())
      sources.push(origin)
      await store().createModelVersion({ name: 'm', ...origin, tags: { t } })
    }
  })

  it('renames a model with its versions, tags and aliases', async () => {
    await store().setAlias({ name: 'm', version: 2 }, 'production')
    const renamed = await store().renameRegisteredModel('m', 'n')
    expect(renamed).toMatchObject({ name: 'n', tags: { a: '1' }, aliases: { production: 2 } })
    expect(await store().getModelVersion({ name: 'n', version: 1 })).toMatchObject({
      tags: { t: 'one' },
    })
    await expect(store().getRegisteredModel('m')).rejects.toMatchObject(UNKNOWN)
    await store().createRegisteredModel({ name: 'taken' })
    await expect(store().renameRegisteredModel('n', 'taken')).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    })
  })

  it('deletes a model with everything of it', async () => {
    await store().setAlias({ name: 'm', version: 2 }, 'production')
    await store().deleteRegisteredModel('m')
    await expect(store().getRegisteredModel('m')).rejects.toMatchObject(UNKNOWN)
    await store().createRegisteredModel({ name: 'm' })
    expect((await store().listModelVersions('m')).items).toEqual([])
    expect((await store().getRegisteredModel('m')).aliases).toEqual({})
  })

  it('deletes a version with its aliases, and never gives its number out again', async () => {
    await store().setAlias({ name: 'm', version: 3 }, 'production')
    await store().deleteModelVersion({ name: 'm', version: 3 })
    await expect(store().getModelVersion({ name: 'm', version: 3 })).rejects.toMatchObject(UNKNOWN)
    expect((await store().getRegisteredModel('m')).aliases).toEqual({})
    const next = { name: 'm', ...(await newSource(store())) }
    expect(await store().createModelVersion(next)).toMatchObject({ version: 4 })
  })

  it('deletes tags, once or twice', async () => {
    const ref = { name: 'm', version: 1 }
    for (const _ of [1, 2]) {
      await store().deleteRegisteredModelTag('m', 'a')
      await store().deleteModelVersionTag(ref, 't')
    }
    expect((await store().getRegisteredModel('m')).tags).toEqual({ b: '2' })
    expect((await store().getModelVersion(ref)).tags).toEqual({})
  })

  it('knows the newest version of each stage', async () => {
    await store().setModelVersionStage({ name: 'm', version: 1 }, 'Staging')
    const all = await store().latestModelVersions('m')
    expect(all.map(({ version, stage }) => [version, stage])).toEqual([
      [1, 'Staging'],
      [3, 'None'],
    ])
    expect(await store().latestModelVersions('m', ['Production'])).toEqual([])
    expect(await store().latestModelVersions('m', ['Staging'])).toHaveLength(1)
  })

  it('copies a version: its files stay where they are', async () => {
    const copy = await store().createModelVersion({ name: 'm', source: 'models:/m/2' })
    expect(copy).toMatchObject({ source: 'models:/m/2', storageLocation: sources[1]?.source })
    const unknown = { name: 'm', source: 'models:/m/77' }
    await expect(store().createModelVersion(unknown)).rejects.toMatchObject(UNKNOWN)
  })
}

export function loggedModelRules(store: Store): void {
  it('creates a model as pending, below its experiment, and finishes it', async () => {
    const run = await store().createRun({ experimentId: '0' })
    const created = await store().createLoggedModel({
      experimentId: '0',
      name: 'net',
      modelType: 'lstm',
      sourceRunId: run.id,
      params: { units: '8' },
      tags: { t: '1' },
    })
    expect(created).toMatchObject({
      id: expect.stringMatching(/^m-[0-9a-f]{32}$/),
      status: 'PENDING',
      artifactUri: `mlflow-artifacts:/0/models/${created.id}/artifacts`,
      params: { units: '8' },
      tags: { t: '1' },
      sourceRunId: run.id,
    })
    const ready = await store().setLoggedModelStatus(created.id, 'READY')
    expect(ready.status).toBe('READY')
    expect(await store().getLoggedModel(created.id)).toEqual(ready)
    expect(await store().listLoggedModelArtifacts(created.id)).toEqual([])
  })

  it('is named, and refuses names that URIs cannot hold', async () => {
    expect((await store().createLoggedModel({ experimentId: '0' })).name).not.toBe('')
    for (const name of ['a/b', 'a.b', "it's"]) {
      await expect(store().createLoggedModel({ experimentId: '0', name })).rejects.toMatchObject(
        INVALID,
      )
    }
  })

  it('changes tags, never params, and disappears when deleted', async () => {
    const { id } = await store().createLoggedModel({ experimentId: '0', params: { a: '1' } })
    await store().setLoggedModelTags(id, { x: '1', y: '2' })
    await store().deleteLoggedModelTag(id, 'x')
    await expect(store().deleteLoggedModelTag(id, 'x')).rejects.toMatchObject(UNKNOWN)
    await store().logLoggedModelParams(id, { a: '1', b: '2' })
    await expect(store().logLoggedModelParams(id, { a: '9' })).rejects.toMatchObject(INVALID)
    expect(await store().getLoggedModel(id)).toMatchObject({
      tags: { y: '2' },
      params: { a: '1', b: '2' },
    })
    await store().deleteLoggedModel(id)
    await expect(store().getLoggedModel(id)).rejects.toMatchObject(UNKNOWN)
  })

  it('links runs with the models that they read and made, and registers them', async () => {
    const run = await store().createRun({ experimentId: '0' })
    const model = await store().createLoggedModel({ experimentId: '0', sourceRunId: run.id })
    await store().logInputs(run.id, [], [model.id])
    for (const _ of [1, 2]) await store().logOutputs(run.id, [{ modelId: model.id, step: 3 }])
    expect(await store().getRun(run.id)).toMatchObject({
      inputModelIds: [model.id],
      outputModels: [{ modelId: model.id, step: 3 }],
    })
    await store().createRegisteredModel({ name: 'r' })
    const version = await store().createModelVersion({ name: 'r', source: `models:/${model.id}` })
    expect(version).toMatchObject({ runId: run.id, storageLocation: model.artifactUri })
    const stray = [{ modelId: 'm-0', step: 0 }]
    await expect(store().logOutputs(run.id, stray)).rejects.toMatchObject(UNKNOWN)
  })

  it('is found by attributes, params, tags and metrics on a data set', async () => {
    const run = await store().createRun({ experimentId: '0' })
    const make = async (name: string, loss: number, datasetName: string) => {
      const model = await store().createLoggedModel({
        experimentId: '0',
        name,
        params: { p: name },
        tags: { t: name },
      })
      const dataset = { name: datasetName, digest: 'd', sourceType: 'local', source: '{}' }
      await store().logInputs(run.id, [{ dataset }])
      const metric = { key: 'loss', value: loss, timestampMs: 1, step: 0, modelId: model.id }
      await store().logBatch(run.id, {
        metrics: [{ ...metric, datasetName, datasetDigest: 'd' }],
      })
    }
    await make('one', 1, 'train')
    await make('two', 2, 'test')
    await make('three', 3, 'train')
    const found = async (query: object) =>
      (await store().searchLoggedModels({ experimentIds: ['0'], ...query })).items.map(
        ({ name }) => name,
      )
    expect(await found({})).toEqual(['three', 'two', 'one'])
    expect(await found({ filter: "name = 'two'" })).toEqual(['two'])
    expect(await found({ filter: "params.p LIKE 't%' AND metrics.loss < 3" })).toEqual(['two'])
    expect(await found({ filter: "tags.t != 'one'" })).toHaveLength(2)
    const datasets = [{ name: 'train', digest: 'd' }]
    expect(await found({ filter: 'metrics.loss >= 2', datasets })).toEqual(['three'])
    expect(await found({ datasets })).toEqual(['three', 'one'])
    const orderBy = [{ field: 'metrics.loss', descending: false }]
    expect(await found({ orderBy })).toEqual(['one', 'two', 'three'])
    const onTest = [{ field: 'metrics.loss', descending: true, dataset: { name: 'test' } }]
    expect(await found({ orderBy: onTest })).toEqual(['two', 'three', 'one'])
    expect(await found({ orderBy: [{ field: 'name', descending: true }], limit: 1 })).toEqual([
      'two',
    ])
    await expect(found({ orderBy: [{ field: 'hue', descending: true }] })).rejects.toMatchObject(
      INVALID,
    )
  })
}
