/** A store with one of everything that a tracking store can hold, the odd ones too. */
import type { TrackingStore } from '../../src/tracking/tracking-store.ts'

export async function fillStore(store: TrackingStore): Promise<void> {
  const { id: gold } = await store.createExperiment({ name: 'gold', tags: { team: 'α "β"' } })
  const { id: old } = await store.createExperiment({ name: 'old' })
  const parent = await store.createRun({
    experimentId: gold,
    name: 'parent',
    userId: 'ada',
    startTimeMs: 2000,
  })
  // Older than its parent by its times.
  const child = await store.createRun({
    experimentId: gold,
    startTimeMs: 1000,
    tags: { 'mlflow.parentRunId': parent.id },
  })
  const metrics = Array.from({ length: 2345 }, (_, step) => ({
    key: 'loss',
    value: step % 100 === 7 ? Number.NaN : 1 / (step + 3),
    timestampMs: 5000 + step,
    step,
  }))
  const extremes = [-5, 0, 5].map((step) => ({
    key: 'extreme/ü',
    value: step === 0 ? Number.MAX_VALUE : 5e-324,
    timestampMs: 1,
    step,
  }))
  const params = Object.fromEntries(
    Array.from({ length: 130 }, (_, at) => [`p${at}`, at === 3 ? '🙂\n"' : `${at}`]),
  )
  await store.logBatch(parent.id, { metrics: [...metrics, ...extremes], params })
  await store.logBatch(parent.id, { tags: { note: 'x'.repeat(5000) } })
  const dataset = { name: 'AAPL', digest: 'd1', sourceType: 'local', source: '{}', profile: '{}' }
  await store.logInputs(parent.id, [{ dataset, tags: { 'mlflow.data.context': 'training' } }])
  await store.writeArtifact(parent.id, 'model/weights.bin', new Uint8Array(300_000).fill(7))
  await store.writeArtifact(parent.id, 'model/deep/er/ü.txt', 'ü')
  await store.writeArtifact(parent.id, 'empty.txt', '')
  const model = await store.createLoggedModel({
    experimentId: gold,
    name: 'net',
    modelType: 'lstm',
    sourceRunId: parent.id,
    params: { units: '8' },
    tags: { kind: 'lstm' },
  })
  await store.logOutputs(parent.id, [{ modelId: model.id, step: 1 }])
  await store.logInputs(child.id, [], [model.id])
  const judged = { key: 'judged', value: 0.5, timestampMs: 9, step: 2, modelId: model.id }
  await store.logBatch(child.id, { metrics: [judged] })
  await store.setLoggedModelStatus(model.id, 'READY')
  await store.updateRun(parent.id, { status: 'FINISHED', endTimeMs: 9000 })
  await store.updateRun(child.id, { status: 'FAILED', endTimeMs: 9001 })
  const gone = await store.createRun({ experimentId: gold, name: 'deleted', startTimeMs: 3000 })
  await store.logBatch(gone.id, { params: { a: '1' } })
  await store.deleteRun(gone.id)
  await store.createRun({ experimentId: old, name: 'in the deleted experiment' })
  await store.deleteExperiment(old)
  await store.createRegisteredModel({ name: 'm', description: 'D', tags: { a: '1' } })
  const origin = { runId: parent.id, source: `runs:/${parent.id}/model` }
  for (const description of ['one', 'two', 'three', 'four']) {
    await store.createModelVersion({ name: 'm', ...origin, description, tags: { t: description } })
  }
  await store.createModelVersion({ name: 'm', source: `models:/${model.id}` })
  await store.deleteModelVersion({ name: 'm', version: 2 })
  await store.deleteModelVersion({ name: 'm', version: 3 })
  await store.setModelVersionStage({ name: 'm', version: 1 }, 'Staging')
  await store.setModelVersionStage({ name: 'm', version: 4 }, 'Production')
  await store.setAlias({ name: 'm', version: 4 }, 'production')
  await store.createRegisteredModel({ name: 'empty' })
}
