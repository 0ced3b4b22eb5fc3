/** What every tracking store does, embedded or remote: one suite, run over each of them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type {
  Metric,
  ModelVersionRef,
  Page,
  PageRequest,
  TrackingStore,
} from '../../src/tracking/tracking-store.ts'
import {
  experimentLifecycleRules,
  loggedModelRules,
  registryLifecycleRules,
  runLifecycleRules,
} from './tracking-store-lifecycle.contract.ts'
import {
  experimentSearchRules,
  registrySearchRules,
  runSearchRules,
} from './tracking-store-search.contract.ts'
import { newSource } from './tracking-store-sources.ts'

export interface TrackingStoreUnderTest {
  readonly store: TrackingStore
  /** Another client of the same data. */
  readonly openAgain: () => Promise<TrackingStore>
  readonly dispose: () => Promise<void>
}

/** `open` gives an empty store. */
export function describeTrackingStore(
  name: string,
  open: () => Promise<TrackingStoreUnderTest>,
): void {
  describe(name, () => {
    let under: TrackingStoreUnderTest
    beforeEach(async () => {
      under = await open()
    })
    afterEach(() => under.dispose())
    const subject: Subject = {
      store: () => under.store,
      openAgain: () => under.openAgain(),
    }
    describe('experiments', () => experimentRules(subject))
    describe('runs', () => runRules(subject))
    describe('logged values', () => loggingRules(subject))
    describe('data sets', () => datasetRules(subject))
    describe('artifacts', () => artifactRules(subject))
    describe('registered models', () => modelRules(subject))
    describe('model versions', () => versionRules(subject))
    describe('aliases', () => aliasRules(subject))
    describe('changes to experiments', () => experimentLifecycleRules(subject.store))
    describe('changes to runs', () => runLifecycleRules(subject.store))
    describe('changes to the registry', () => registryLifecycleRules(subject.store))
    describe('logged models', () => loggedModelRules(subject.store))
    describe('searches of runs', () => runSearchRules(subject.store))
    describe('searches of experiments', () => experimentSearchRules(subject.store))
    describe('searches of the registry', () => registrySearchRules(subject.store))
  })
}

interface Subject {
  readonly store: () => TrackingStore
  readonly openAgain: () => Promise<TrackingStore>
}

function experimentRules({ store, openAgain }: Subject): void {
  it('has the experiment Default with id 0 from the start', async () => {
    const experiment = await store().getExperimentByName('Default')
    expect(experiment).toMatchObject({ id: '0', lifecycleStage: 'active', tags: {} })
  })

  it('gives back by id and by name what was created', async () => {
    const created = await store().createExperiment({ name: 'gold', tags: { team: 'α, β' } })
    expect(created).toMatchObject({
      name: 'gold',
      lifecycleStage: 'active',
      tags: { team: 'α, β' },
    })
    expect(created.artifactLocation).toBe(`mlflow-artifacts:/${created.id}`)
    expect(created.createdAtMs).toBeGreaterThan(0)
    expect(await store().getExperiment(created.id)).toEqual(created)
    expect(await store().getExperimentByName('gold')).toEqual(created)
  })

  it('shows a new experiment to another client', async () => {
    const created = await store().createExperiment({ name: 'shared' })
    const other = await openAgain()
    expect(await other.getExperimentByName('shared')).toEqual(created)
    await other.close()
  })

  it('refuses a name that is taken', async () => {
    await store().createExperiment({ name: 'gold' })
    await expect(store().createExperiment({ name: 'gold' })).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      message: expect.stringContaining("'gold'"),
    })
  })

  it.each(['', 'x'.repeat(501)])('refuses a name that is empty or too long', async (name) => {
    await expect(store().createExperiment({ name })).rejects.toMatchObject({
      code: 'TRACKING_INVALID',
    })
  })

  it.each(['99', 'gold', '1e0', ''])('does not know the experiment id %j', async (id) => {
    await expect(store().getExperiment(id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await store().getExperimentByName(`no such ${id}`)).toBeUndefined()
  })

  it('lists experiments newest first, page by page', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await store().createExperiment({ name })
    const names = await collected((page) => store().listExperiments(page), 2)
    expect(names.map((experiment) => experiment.name)).toEqual(['d', 'c', 'b', 'a', 'Default'])
  })
}

function runRules({ store, openAgain }: Subject): void {
  it('starts a run as running, with its name as a tag and its artifacts under its experiment', async () => {
    const run = await store().createRun({
      experimentId: '0',
      name: 'first',
      userId: 'ada',
      startTimeMs: 1234,
      tags: { 'mlflow.source.git.commit': 'abc' },
    })
    expect(run).toMatchObject({
      experimentId: '0',
      name: 'first',
      userId: 'ada',
      status: 'RUNNING',
      lifecycleStage: 'active',
      startTimeMs: 1234,
      endTimeMs: undefined,
      artifactUri: `mlflow-artifacts:/0/${run.id}/artifacts`,
      params: {},
      metrics: [],
      tags: { 'mlflow.runName': 'first', 'mlflow.source.git.commit': 'abc' },
      inputs: [],
    })
    expect(run.id).toMatch(/^[0-9a-f]{32}$/)
    const other = await openAgain()
    expect(await other.getRun(run.id)).toEqual(run)
    await other.close()
  })

  it('names a run after its tag, and makes a name up where there is none', async () => {
    const tagged = await store().createRun({ experimentId: '0', tags: { 'mlflow.runName': 'tag' } })
    expect(tagged.name).toBe('tag')
    const nameless = await store().createRun({ experimentId: '0' })
    expect(nameless.name).not.toBe('')
    expect(nameless.tags['mlflow.runName']).toBe(nameless.name)
  })

  it('refuses a name that contradicts the tag, and an unknown experiment', async () => {
    const contradiction = { experimentId: '0', name: 'a', tags: { 'mlflow.runName': 'b' } }
    await expect(store().createRun(contradiction)).rejects.toMatchObject({
      code: 'TRACKING_INVALID',
    })
    await expect(store().createRun({ experimentId: '77' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    expect((await store().searchRuns({ experimentIds: ['0'] })).items).toEqual([])
  })

  it('records how and when a run ended', async () => {
    const { id } = await store().createRun({ experimentId: '0' })
    const ended = await store().updateRun(id, { status: 'FINISHED', endTimeMs: 9_999 })
    expect(ended).toMatchObject({ status: 'FINISHED', endTimeMs: 9_999 })
    const failed = await store().updateRun(id, { status: 'FAILED' })
    expect(failed.endTimeMs).toBeGreaterThan(0)
  })

  it('renames a run in its name and its tag, whichever is written', async () => {
    const { id } = await store().createRun({ experimentId: '0', name: 'old' })
    const renamed = await store().updateRun(id, { name: 'new' })
    expect([renamed.name, renamed.tags['mlflow.runName']]).toEqual(['new', 'new'])
    await store().logBatch(id, { tags: { 'mlflow.runName': 'newest' } })
    expect((await store().getRun(id)).name).toBe('newest')
  })

  it('does not know a run that was never started', async () => {
    const id = '0'.repeat(32)
    await expect(store().getRun(id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(store().updateRun(id, { name: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(store().logBatch(id, {})).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(store().getMetricHistory(id, 'm')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('finds runs by experiment and status, newest or oldest first, page by page', async () => {
    const { id: elsewhere } = await store().createExperiment({ name: 'elsewhere' })
    await store().createRun({ experimentId: elsewhere, name: 'other', startTimeMs: 6 })
    for (const start of [3, 1, 5, 2, 4]) {
      const run = await store().createRun({
        experimentId: '0',
        name: `r${start}`,
        startTimeMs: start,
      })
      if (start > 3) await store().updateRun(run.id, { status: 'FINISHED' })
    }
    const found = async (query: object) =>
      (
        await collected(
          (page) => store().searchRuns({ experimentIds: ['0'], ...query, ...page }),
          2,
        )
      ).map((run) => run.name)
    expect(await found({})).toEqual(['r5', 'r4', 'r3', 'r2', 'r1'])
    expect(await found({ order: 'oldest-first' })).toEqual(['r1', 'r2', 'r3', 'r4', 'r5'])
    expect(await found({ statuses: ['RUNNING'] })).toEqual(['r3', 'r2', 'r1'])
    expect(await found({ statuses: ['FINISHED', 'KILLED'] })).toEqual(['r5', 'r4'])
    expect(await found({ experimentIds: ['0', elsewhere] })).toHaveLength(6)
    expect(await found({ experimentIds: [] })).toEqual([])
  })

  it('finds runs with everything logged to them', async () => {
    const { id } = await store().createRun({ experimentId: '0' })
    await store().logBatch(id, {
      metrics: [point('loss', 0.5, 1)],
      params: { seed: '7' },
      tags: { note: 'kept' },
    })
    const page = await store().searchRuns({ experimentIds: ['0'], limit: 1 })
    expect(page.items).toEqual([await store().getRun(id)])
    expect(page.items[0]).toMatchObject({
      params: { seed: '7' },
      tags: { note: 'kept' },
      metrics: [point('loss', 0.5, 1)],
    })
  })

  it.each([{ limit: 0 }, { limit: 1.5 }, { pageToken: '%%%' }])(
    'refuses the page %j',
    async (page) => {
      await expect(store().searchRuns({ experimentIds: ['0'], ...page })).rejects.toMatchObject({
        code: 'TRACKING_INVALID',
      })
    },
  )
}

function loggingRules({ store }: Subject): void {
  let runId: string
  beforeEach(async () => {
    runId = (await store().createRun({ experimentId: '0' })).id
  })
  const latest = async (key: string) =>
    (await store().getRun(runId)).metrics.find((metric) => metric.key === key)
  const history = async (key: string) => (await store().getMetricHistory(runId, key)).items

  it('takes the latest metric by step, then timestamp, then value, in whatever order they come', async () => {
    const points = [
      point('m', 9, 1, 900),
      point('m', 1, 2, 100),
      point('m', 2, 2, 200),
      point('m', 3, 2, 200),
      point('m', 2.5, 2, 200),
      point('m', 99, -5, 999),
    ]
    await store().logBatch(runId, { metrics: points })
    expect(await latest('m')).toEqual(point('m', 3, 2, 200))
    expect(await history('m')).toHaveLength(points.length)
  })

  it('gives a history by timestamp, step and value, page by page', async () => {
    const metrics = [point('m', 3, 0, 30), point('m', 2, 1, 20), point('m', 1, 0, 20)]
    await store().logBatch(runId, { metrics: [...metrics, point('n', 0, 0)] })
    const points = await collected((page) => store().getMetricHistory(runId, 'm', page), 2)
    expect(points.map((metric) => metric.value)).toEqual([1, 2, 3])
    expect(await history('unknown')).toEqual([])
  })

  it('ignores a metric point that is there already', async () => {
    const metrics = [point('m', 1, 1), point('m', 1, 1), point('m', Number.NaN, 2)]
    await store().logBatch(runId, { metrics })
    await store().logBatch(runId, { metrics })
    expect(await history('m')).toEqual([point('m', 1, 1), point('m', Number.NaN, 2)])
  })

  it('keeps NaN as NaN and infinities as the largest doubles', async () => {
    const metrics = [
      point('nan', Number.NaN, 0),
      point('up', Number.POSITIVE_INFINITY, 0),
      point('down', Number.NEGATIVE_INFINITY, 0),
      point('zero', 0, 0),
      point('small', 5e-324, 0),
    ]
    await store().logBatch(runId, { metrics })
    const values = Object.fromEntries(
      (await store().getRun(runId)).metrics.map((metric) => [metric.key, metric.value]),
    )
    const max = 1.7976931348623157e308
    expect(values).toEqual({ nan: Number.NaN, up: max, down: -max, zero: 0, small: 5e-324 })
    expect((await history('nan'))[0]?.value).toBeNaN()
  })

  it('keeps huge and negative steps exactly', async () => {
    const steps = [-9_007_199_254_740_991, -1, 0, 9_007_199_254_740_991]
    await store().logBatch(runId, { metrics: steps.map((step) => point('m', 1, step)) })
    expect((await history('m')).map((metric) => metric.step)).toEqual(steps)
  })

  it('takes thousands of values in one batch', async () => {
    const metrics = Array.from({ length: 2500 }, (_, step) => point('m', step / 10, step))
    const params = Object.fromEntries(
      metrics.slice(0, 250).map(({ step }) => [`p${step}`, `${step}`]),
    )
    await store().logBatch(runId, { metrics, params, tags: params })
    expect(await history('m')).toEqual(metrics)
    expect((await store().getRun(runId)).params).toEqual(params)
  })

  it('never changes a param, but takes the same value again', async () => {
    await store().logBatch(runId, { params: { seed: '1' } })
    await store().logBatch(runId, { params: { seed: '1' } })
    await expect(store().logBatch(runId, { params: { seed: '2' } })).rejects.toMatchObject({
      code: 'TRACKING_INVALID',
      message: expect.stringMatching(/'seed'.*'1'.*'2'/),
    })
    expect((await store().getRun(runId)).params).toEqual({ seed: '1' })
  })

  it('overwrites a tag', async () => {
    await store().logBatch(runId, { tags: { stage: 'one' } })
    await store().logBatch(runId, { tags: { stage: 'two' } })
    expect((await store().getRun(runId)).tags.stage).toBe('two')
  })

  it('keeps unicode, quotes and names that mean something to JavaScript', async () => {
    const odd = { __proto__x: 'a', constructor: 'b', Größe: "'; DROP TABLE runs; --", 数: '🙂\n\0' }
    await store().logBatch(runId, { params: odd })
    expect((await store().getRun(runId)).params).toEqual(odd)
  })

  it('cuts off values that are too long, as MLflow does', async () => {
    const long = 'x'.repeat(10_000)
    await store().logBatch(runId, { params: { p: long }, tags: { t: long } })
    const run = await store().getRun(runId)
    expect([run.params.p?.length, run.tags.t?.length]).toEqual([6000, 8000])
  })

  it.each(['', 'k'.repeat(251), 'a//b', '../a', '/a', 'a/../b', './a', 'semi;colon', 'new\nline'])(
    'refuses the key %j for metrics, params and tags',
    async (key) => {
      const refused = { code: 'TRACKING_INVALID' }
      await expect(store().logBatch(runId, { metrics: [point(key, 1, 0)] })).rejects.toMatchObject(
        refused,
      )
      await expect(store().logBatch(runId, { params: { [key]: '1' } })).rejects.toMatchObject(
        refused,
      )
      await expect(store().logBatch(runId, { tags: { [key]: '1' } })).rejects.toMatchObject(refused)
    },
  )

  it.each([
    { ...point('m', 1, 0), step: 0.5 },
    { ...point('m', 1, 0), timestampMs: -1 },
    { ...point('m', 1, 0), timestampMs: Number.NaN },
  ])('refuses the metric %j', async (metric) => {
    await expect(store().logBatch(runId, { metrics: [metric] })).rejects.toMatchObject({
      code: 'TRACKING_INVALID',
    })
  })

  it('writes nothing of a batch that it refuses', async () => {
    const batch = { metrics: [point('m', 1, 0), point('', 1, 0)], params: { p: '1' } }
    await expect(store().logBatch(runId, batch)).rejects.toThrow()
    expect(await store().getRun(runId)).toMatchObject({ metrics: [], params: {} })
  })
}

function datasetRules({ store }: Subject): void {
  const dataset = { name: 'AAPL', digest: 'd1', sourceType: 'local', source: '{"uri":"aapl.csv"}' }

  it('shows the data sets of a run, each once, with their tags', async () => {
    const { id } = await store().createRun({ experimentId: '0' })
    const input = { dataset: { ...dataset, profile: '{"rows":3}' }, tags: { use: 'training' } }
    await store().logInputs(id, [input])
    await store().logInputs(id, [input])
    expect((await store().getRun(id)).inputs).toEqual([input])
  })

  it('shares one data set between runs', async () => {
    for (const use of ['training', 'testing']) {
      const { id } = await store().createRun({ experimentId: '0' })
      await store().logInputs(id, [{ dataset, tags: { use } }])
      expect((await store().getRun(id)).inputs).toEqual([{ dataset, tags: { use } }])
    }
  })

  it('refuses a digest that does not fit MLflow', async () => {
    const { id } = await store().createRun({ experimentId: '0' })
    const long = { dataset: { ...dataset, digest: 'f'.repeat(64) } }
    await expect(store().logInputs(id, [long])).rejects.toMatchObject({ code: 'TRACKING_INVALID' })
  })
}

function artifactRules({ store }: Subject): void {
  let runId: string
  beforeEach(async () => {
    runId = (await store().createRun({ experimentId: '0' })).id
  })

  it('gives back the bytes that were written', async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index % 256)
    await store().writeArtifact(runId, 'model/weights.bin', bytes)
    await store().writeArtifact(runId, 'report ä.html', '<p>ü</p>')
    expect(Buffer.compare(await store().readArtifact(runId, 'model/weights.bin'), bytes)).toBe(0)
    const text = Buffer.from(await store().readArtifact(runId, 'report ä.html')).toString()
    expect(text).toBe('<p>ü</p>')
  })

  it('replaces an artifact', async () => {
    await store().writeArtifact(runId, 'a.txt', 'a long first text')
    await store().writeArtifact(runId, 'a.txt', 'second')
    expect(Buffer.from(await store().readArtifact(runId, 'a.txt')).toString()).toBe('second')
  })

  it('lists one directory at a time, by name', async () => {
    expect(await store().listArtifacts(runId)).toEqual([])
    await store().writeArtifact(runId, 'z.txt', 'abc')
    await store().writeArtifact(runId, 'model/inner/b.txt', 'b')
    await store().writeArtifact(runId, 'model/a.txt', '')
    const directory = { isDirectory: true, sizeBytes: undefined }
    expect(await store().listArtifacts(runId)).toEqual([
      { path: 'model', ...directory },
      { path: 'z.txt', isDirectory: false, sizeBytes: 3 },
    ])
    expect(await store().listArtifacts(runId, 'model')).toEqual([
      { path: 'model/a.txt', isDirectory: false, sizeBytes: 0 },
      { path: 'model/inner', ...directory },
    ])
    expect(await store().listArtifacts(runId, 'nowhere')).toEqual([])
  })

  it('keeps the artifacts of two runs apart', async () => {
    const other = await store().createRun({ experimentId: '0' })
    await store().writeArtifact(runId, 'a.txt', 'mine')
    await expect(store().readArtifact(other.id, 'a.txt')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  it('does not know an artifact that was not written, nor a directory as a file', async () => {
    await store().writeArtifact(runId, 'model/a.txt', 'a')
    for (const path of ['none.txt', 'model', 'model/a.txt/b']) {
      await expect(store().readArtifact(runId, path)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
  })

  it.each([
    '',
    '..',
    '../x',
    'a/../../x',
    '/etc/passwd',
    'C:/x',
    'a\\..\\b',
    'a//b',
    './a',
    'a/',
    'nul\0',
    'CON',
    'dot.',
    'x:stream',
  ])('refuses the path %j', async (path) => {
    const refused = { code: 'TRACKING_INVALID' }
    await expect(store().writeArtifact(runId, path, 'x')).rejects.toMatchObject(refused)
    await expect(store().readArtifact(runId, path)).rejects.toMatchObject(refused)
    await expect(store().listArtifacts(runId, path)).rejects.toMatchObject(refused)
  })
}

function modelRules({ store }: Subject): void {
  it('gives back what was registered', async () => {
    const created = await store().createRegisteredModel({
      name: 'aapl-forecaster',
      description: 'Apple',
      tags: { symbol: 'AAPL' },
    })
    expect(created).toMatchObject({
      name: 'aapl-forecaster',
      description: 'Apple',
      tags: { symbol: 'AAPL' },
      aliases: {},
    })
    expect(await store().getRegisteredModel('aapl-forecaster')).toEqual(created)
  })

  it('changes the description and adds to the tags', async () => {
    await store().createRegisteredModel({ name: 'm', tags: { a: '1', b: '1' } })
    const updated = await store().updateRegisteredModel('m', {
      description: 'better',
      tags: { b: '2', c: '3' },
    })
    expect(updated).toMatchObject({ description: 'better', tags: { a: '1', b: '2', c: '3' } })
  })

  it('refuses names that are taken or that model URIs cannot hold', async () => {
    await store().createRegisteredModel({ name: 'm' })
    await expect(store().createRegisteredModel({ name: 'm' })).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    })
    for (const name of ['', 'a/b', 'a:b', 'x'.repeat(257)]) {
      await expect(store().createRegisteredModel({ name })).rejects.toMatchObject({
        code: 'TRACKING_INVALID',
      })
    }
  })

  it('does not know a model that was never registered', async () => {
    const unknown = { code: 'NOT_FOUND' }
    await expect(store().getRegisteredModel('no')).rejects.toMatchObject(unknown)
    await expect(store().updateRegisteredModel('no', {})).rejects.toMatchObject(unknown)
    await expect(store().listModelVersions('no')).rejects.toMatchObject(unknown)
    await expect(
      store().createModelVersion({ name: 'no', ...(await newSource(store())) }),
    ).rejects.toMatchObject(unknown)
  })

  it('lists models by name, page by page', async () => {
    for (const name of ['c', 'a', 'b']) await store().createRegisteredModel({ name })
    const models = await collected((page) => store().listRegisteredModels(page), 2)
    expect(models.map((model) => model.name)).toEqual(['a', 'b', 'c'])
  })
}

function versionRules({ store }: Subject): void {
  beforeEach(async () => {
    await store().createRegisteredModel({ name: 'm' })
  })

  it('numbers versions from 1 and remembers where they came from', async () => {
    const run = await store().createRun({ experimentId: '0' })
    const source = `runs:/${run.id}/model`
    const first = await store().createModelVersion({
      name: 'm',
      source,
      runId: run.id,
      description: 'd',
      tags: { recipe: 'r1' },
    })
    expect(first).toMatchObject({
      name: 'm',
      version: 1,
      source,
      runId: run.id,
      description: 'd',
      tags: { recipe: 'r1' },
      stage: 'None',
      status: 'READY',
      aliases: [],
    })
    const second = await addVersion(store())
    expect(second).toEqual({ name: 'm', version: 2 })
    expect(await store().getModelVersion({ name: 'm', version: 1 })).toEqual(first)
  })

  it('lists versions newest first, page by page', async () => {
    for (let count = 0; count < 3; count++) await addVersion(store())
    const versions = await collected((page) => store().listModelVersions('m', page), 2)
    expect(versions.map(({ version }) => version)).toEqual([3, 2, 1])
  })

  it('changes the description and adds to the tags', async () => {
    const ref = await addVersion(store())
    await store().updateModelVersion(ref, { tags: { horizon: '1' } })
    const updated = await store().updateModelVersion(ref, {
      description: 'new',
      tags: { seed: '7' },
    })
    expect(updated).toMatchObject({ description: 'new', tags: { horizon: '1', seed: '7' } })
  })

  it('does not know versions that were never made, nor sources of unknown runs', async () => {
    const ref = { name: 'm', version: 7 }
    const unknown = { code: 'NOT_FOUND' }
    await expect(store().getModelVersion(ref)).rejects.toMatchObject(unknown)
    await expect(store().updateModelVersion(ref, {})).rejects.toMatchObject(unknown)
    await expect(store().setModelVersionStage(ref, 'Staging')).rejects.toMatchObject(unknown)
    await expect(store().setAlias(ref, 'production')).rejects.toMatchObject(unknown)
  })

  it('moves a version to a stage and archives the ones that were there', async () => {
    const old = await addVersion(store())
    const young = await addVersion(store())
    await store().setModelVersionStage(old, 'Production')
    await store().setModelVersionStage(young, 'Production', { archiveExisting: true })
    expect((await store().getModelVersion(young)).stage).toBe('Production')
    expect((await store().getModelVersion(old)).stage).toBe('Archived')
  })

  it('leaves other versions in the stage unless asked to archive them', async () => {
    const old = await addVersion(store())
    const young = await addVersion(store())
    await store().setModelVersionStage(old, 'Staging')
    await store().setModelVersionStage(young, 'Staging')
    expect((await store().getModelVersion(old)).stage).toBe('Staging')
  })
}

function aliasRules({ store }: Subject): void {
  let first: ModelVersionRef
  let second: ModelVersionRef
  beforeEach(async () => {
    await store().createRegisteredModel({ name: 'm' })
    first = await addVersion(store())
    second = await addVersion(store())
  })

  it('finds a version by its alias, on the version and on the model', async () => {
    await store().setAlias(first, 'production')
    await store().setAlias(first, 'staging')
    expect(await store().getVersionByAlias('m', 'production')).toMatchObject(first)
    expect((await store().getModelVersion(first)).aliases).toEqual(['production', 'staging'])
    expect((await store().getRegisteredModel('m')).aliases).toEqual({ production: 1, staging: 1 })
    expect((await store().getModelVersion(second)).aliases).toEqual([])
  })

  it('moves an alias from one version to another', async () => {
    await store().setAlias(first, 'production')
    await store().setAlias(second, 'production')
    expect(await store().getVersionByAlias('m', 'production')).toMatchObject(second)
    expect((await store().getModelVersion(first)).aliases).toEqual([])
  })

  it('forgets an alias, once or twice', async () => {
    await store().setAlias(first, 'production')
    await store().deleteAlias('m', 'production')
    await store().deleteAlias('m', 'production')
    expect(await store().getVersionByAlias('m', 'production')).toBeUndefined()
    expect(await store().getVersionByAlias('m', 'never')).toBeUndefined()
  })

  it.each(['', 'latest', 'Latest', 'v1', 'V22', 'a b', 'a/b', 'x'.repeat(256)])(
    'refuses the alias %j',
    async (alias) => {
      await expect(store().setAlias(first, alias)).rejects.toMatchObject({
        code: 'TRACKING_INVALID',
      })
    },
  )
}

async function addVersion(store: TrackingStore): Promise<ModelVersionRef> {
  const { name, version } = await store.createModelVersion({
    name: 'm',
    ...(await newSource(store)),
  })
  return { name, version }
}

function point(key: string, value: number, step: number, timestampMs = 1000): Metric {
  return { key, value, step, timestampMs }
}

/** All items of all pages of so many items. */
async function collected<T>(
  fetchPage: (page: PageRequest) => Promise<Page<T>>,
  limit: number,
): Promise<readonly T[]> {
  const items: T[] = []
  let page = await fetchPage({ limit })
  while (page.nextPageToken !== undefined) {
    expect(page.items).toHaveLength(limit)
    items.push(...page.items)
    page = await fetchPage({ limit, pageToken: page.nextPageToken })
  }
  return [...items, ...page.items]
}
