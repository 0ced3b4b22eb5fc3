/** Opens each file as soon as the other threads do, for the test of that. */
import { parentPort, workerData } from 'node:worker_threads'
import { SqliteConnection } from '../../src/sqlite/sqlite-connection.ts'

const { files, gate, threads } = workerData as {
  files: string[]
  gate: Int32Array
  threads: number
}
for (const [round, file] of files.entries()) {
  Atomics.add(gate, round, 1)
  while (Atomics.load(gate, round) < threads);
  const connection = new SqliteConnection(file)
  connection.execute('CREATE TABLE IF NOT EXISTS t (x)')
  connection.close()
}
parentPort?.postMessage('done')
