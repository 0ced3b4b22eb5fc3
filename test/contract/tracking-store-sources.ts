/** Sources of model versions that every store takes: below the artifacts of a run that exists. */
import type { TrackingStore } from '../../src/tracking/tracking-store.ts'

/** A new run's folder, as `createModelVersion` wants it. */
export async function newSource(
  store: TrackingStore,
  folder = 'model',
): Promise<{ readonly runId: string; readonly source: string }> {
  const { id: runId } = await store.createRun({ experimentId: '0' })
  return { runId, source: `runs:/${runId}/${folder}` }
}
