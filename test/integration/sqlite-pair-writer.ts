/** Counts up in one database and then in the other, until told to stop, for the test of copies. */
import { parentPort, workerData } from 'node:worker_threads'
import { SqliteConnection } from '../../src/sqlite/sqlite-connection.ts'

const { first, second, stop } = workerData as { first: string; second: string; stop: Int32Array }
const [one, other] = [first, second].map((file) => new SqliteConnection(file))
while (Atomics.load(stop, 0) === 0) {
  for (const connection of [one, other]) {
    connection?.transaction(() => {
      connection.execute('UPDATE counter SET value = value + 1')
      connection.execute("INSERT INTO line VALUES ((SELECT value FROM counter), 'filling')")
    })
  }
}
one?.close()
other?.close()
parentPort?.postMessage('done')
