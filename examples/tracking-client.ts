/**
 * Logs a training to an MLflow server from plain JavaScript, without Python.
 *
 *   MLFLOW_TRACKING_URI=http://127.0.0.1:5000 node tracking-client.ts
 */
import { openBufferedStore } from 'tickerflow/tracking'

const tracking = await openBufferedStore({
  uri: process.env.MLFLOW_TRACKING_URI ?? 'http://127.0.0.1:5000',
  fetch,
  clock: Date.now,
  spoolDirectory: '.mlflow-spool',
  onEvent: (event) => console.error(event),
  ...(process.env.MLFLOW_TRACKING_TOKEN === undefined
    ? {}
    : { credentials: { token: process.env.MLFLOW_TRACKING_TOKEN } }),
})

const known = await tracking.getExperimentByName('from JavaScript')
const experiment = known ?? (await tracking.createExperiment({ name: 'from JavaScript' }))
const run = await tracking.createRun({ experimentId: experiment.id, name: 'first' })

// From here on nothing waits for the network: the writes go to the disk and from there to the server.
await tracking.logBatch(run.id, { params: { rate: '0.1', epochs: '100' } })
for (let step = 0; step < 100; step++) {
  const metric = { key: 'loss', value: 1 / (step + 1), timestampMs: Date.now(), step }
  await tracking.logBatch(run.id, { metrics: [metric] })
}
await tracking.writeArtifact(run.id, 'notes.txt', 'Done by hand.')
await tracking.updateRun(run.id, { status: 'FINISHED' })

// A question sends what was written before it, so the answer has it.
const { items } = await tracking.searchRuns({
  experimentIds: [experiment.id],
  filter: 'metrics.loss < 0.02',
})
console.log(JSON.stringify(items.map(({ name, status, params }) => ({ name, status, params }))))
await tracking.close()
