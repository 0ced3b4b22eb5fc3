/** Part of the contract of tracking stores: searches in MLflow's filter language. */
import { beforeEach, expect, it } from 'vitest'
import type { TrackingStore } from '../../src/tracking/tracking-store.ts'
import { newSource } from './tracking-store-sources.ts'

type Store = () => TrackingStore

const INVALID = { code: 'TRACKING_INVALID' }

export function runSearchRules(store: Store): void {
  beforeEach(async () => {
    const runs = [
      { name: 'a', loss: 0.3, params: { lr: '0.1', 'a b': 'x' }, tags: { team: 'Gold' } },
      { name: 'b', loss: 0.1, params: { lr: '0.2' }, tags: { team: "o'k" } },
      { name: 'c', loss: Number.NaN, params: { lr: '0.1' }, tags: {} },
      { name: 'd', loss: undefined, params: {}, tags: { team: 'gold' } },
    ]
    for (const [index, { name, loss, params, tags }] of runs.entries()) {
      const run = await store().createRun({ experimentId: '0', name, startTimeMs: index + 1 })
      const metrics =
        loss === undefined ? [] : [{ key: 'loss', value: loss, timestampMs: 1, step: 0 }]
      await store().logBatch(run.id, { metrics, params, tags })
    }
    const { items } = await store().searchRuns({ experimentIds: ['0'], filter: "run_name = 'b'" })
    const dataset = { name: 'AAPL', digest: 'd1', sourceType: 'local', source: '{}' }
    await store().logInputs(items[0]?.id ?? '', [
      { dataset, tags: { 'mlflow.data.context': 'training' } },
    ])
  })
  const found = async (query: object) =>
    (await store().searchRuns({ experimentIds: ['0'], ...query })).items
      .map(({ name }) => name)
      .join('')

  const filters = [
    ['', 'dcba'],
    ['metrics.loss > 0.1', 'a'],
    ['metric.loss <= 0.3 AND metrics.loss != 0.3 AND metrics.loss > 0', 'b'],
    ['metrics.loss < 0.3', 'b'],
    ['metrics.loss != 0.3', 'cb'],
    ["params.lr = '0.1'", 'ca'],
    ["params.lr != '0.1'", 'b'],
    ["params.`a b` = 'x'", 'a'],
    ['params.lr IS NULL', 'd'],
    ['tags.team IS NOT NULL', 'dba'],
    ["tags.team LIKE 'g%'", 'd'],
    ["tags.team ILIKE 'g%'", 'da'],
    ['tags.team = "o\'k"', 'b'],
    ["attributes.run_name != 'a' AND run_name != 'b'", 'dc'],
    ["`Run name` LIKE 'a%'", 'a'],
    ['start_time >= 2 AND attr.start_time < 4', 'cb'],
    ["status = 'RUNNING'", 'dcba'],
    ["datasets.name = 'AAPL' AND dataset.context = 'training' AND datasets.digest LIKE 'd%'", 'b'],
    ['tags.team = "\'; DROP TABLE runs; --"', ''],
  ] as const
  it('finds what the filter says', async () => {
    for (const [filter, names] of filters)
      expect([filter, await found({ filter })]).toEqual([filter, names])
  })

  const orders = [
    [['metrics.loss'], 'bacd'],
    [['metrics.loss DESC'], 'abcd'],
    [['params.lr ASC'], 'cabd'],
    [['attribute.start_time'], 'abcd'],
    [['tags.team', 'start_time DESC'], 'adbc'],
  ] as const
  it('puts numbers first, then NaN, then what is missing', async () => {
    for (const [orderBy, names] of orders)
      expect([orderBy, await found({ orderBy })]).toEqual([orderBy, names])
  })

  it('pages through an ordered search', async () => {
    const query = { experimentIds: ['0'], orderBy: ['metrics.loss'], limit: 3 }
    const first = await store().searchRuns(query)
    const second = await store().searchRuns({ ...query, pageToken: first.nextPageToken ?? '' })
    expect([...first.items, ...second.items].map(({ name }) => name).join('')).toBe('bacd')
    expect(second.nextPageToken).toBeUndefined()
  })

  it('shows deleted runs when asked', async () => {
    const { items } = await store().searchRuns({ experimentIds: ['0'], filter: "run_name = 'b'" })
    await store().deleteRun(items[0]?.id ?? '')
    expect([
      await found({}),
      await found({ view: 'deleted' }),
      await found({ view: 'all' }),
    ]).toEqual(['dca', 'b', 'dcba'])
  })

  const refused = [
    { filter: "metrics.loss = 'x'" },
    { filter: 'params.lr = 1' },
    { filter: "metrics.loss LIKE 'x'" },
    { filter: "params.lr > 'x'" },
    { filter: "colour.x = 'y'" },
    { filter: "attributes.hue = 'y'" },
    { filter: "constructor.x = 'y'" },
    { filter: "__proto__ = 'y'" },
    { filter: "params.a = 'b' OR params.c = 'd'" },
    { orderBy: ['hue'] },
    { orderBy: ['start_time', 'start_time DESC'] },
    { orderBy: ['metrics.loss; DROP TABLE runs'] },
  ]
  it('refuses what is no filter or order of runs', async () => {
    for (const query of refused) await expect(found(query)).rejects.toMatchObject(INVALID)
  })
}

export function experimentSearchRules(store: Store): void {
  it('finds experiments by name, time, tag and stage, in any order', async () => {
    for (const name of ['gold', 'Golf', 'silver']) {
      await store().createExperiment({ name, tags: { kind: name.toLowerCase() } })
    }
    const found = async (query: object) =>
      (await store().searchExperiments(query)).items.map(({ name }) => name)
    expect(await found({})).toEqual(['silver', 'Golf', 'gold', 'Default'])
    expect(await found({ filter: "name ILIKE 'gol%'", orderBy: ['name'] })).toEqual([
      'Golf',
      'gold',
    ])
    expect(await found({ filter: "tags.kind = 'golf'" })).toEqual(['Golf'])
    expect(await found({ filter: 'creation_time > 0', limit: 1 })).toEqual(['silver'])
    await store().deleteExperiment((await store().getExperimentByName('gold'))?.id ?? '')
    expect(await found({ view: 'deleted' })).toEqual(['gold'])
    expect(await found({ view: 'all' })).toHaveLength(4)
    await expect(found({ filter: 'metrics.a > 1' })).rejects.toMatchObject(INVALID)
  })
}

export function registrySearchRules(store: Store): void {
  let source: string
  beforeEach(async () => {
    const [one, other] = [await newSource(store()), await newSource(store())]
    source = one.source
    for (const name of ['alpha', 'beta']) {
      await store().createRegisteredModel({ name, tags: { kind: name } })
      await store().createModelVersion({ name, ...one, tags: { n: '1' } })
      await store().createModelVersion({ name, ...other })
    }
  })

  it('finds registered models by name and tag', async () => {
    const found = async (query: object) =>
      (await store().searchRegisteredModels(query)).items.map(({ name }) => name)
    expect(await found({})).toEqual(['alpha', 'beta'])
    expect(await found({ filter: "name LIKE 'b%'" })).toEqual(['beta'])
    expect(await found({ filter: "tags.kind = 'alpha'" })).toEqual(['alpha'])
    expect(await found({ orderBy: ['name DESC'], limit: 1 })).toEqual(['beta'])
    expect(await found({ filter: "tag.`mlflow.prompt.is_prompt` != 'true'" })).toHaveLength(2)
    await expect(found({ filter: "metrics.a = 'x'" })).rejects.toMatchObject(INVALID)
  })

  it('finds versions by model, number, source and tag, and no deleted ones', async () => {
    const found = async (query: object) =>
      (await store().searchModelVersions(query)).items.map(({ name, version }) => name + version)
    expect(await found({ filter: "name = 'alpha'" })).toEqual(['alpha2', 'alpha1'])
    expect(await found({ filter: 'version_number > 1', orderBy: ['name'] })).toEqual([
      'alpha2',
      'beta2',
    ])
    expect(await found({ filter: `source_path = '${source}' AND tags.n = '1'` })).toHaveLength(2)
    await store().deleteModelVersion({ name: 'alpha', version: 2 })
    expect(await found({ filter: "name = 'alpha'" })).toEqual(['alpha1'])
    await expect(found({ orderBy: ['hue'] })).rejects.toMatchObject(INVALID)
  })
}
