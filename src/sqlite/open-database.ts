/** Opens a database that several parts of the program keep tables in, each under its own versions. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { unwritable } from '../atomic-file.ts'
import { SqliteConnection } from './sqlite-connection.ts'
import { type ComponentSchema, migrate } from './sqlite-migrations.ts'

/**
 * Opens (or creates) the file with the tables of all the components up to date.
 *
 * @throws {TickerflowError} STORE_FORMAT when a newer program wrote them; STORE_UNWRITABLE,
 *   STORE_BUSY, STORE_DAMAGED.
 */
export function openDatabase(file: string, schemas: readonly ComponentSchema[]): SqliteConnection {
  try {
    mkdirSync(dirname(file), { recursive: true })
  } catch (cause) {
    throw unwritable(file, cause)
  }
  const connection = new SqliteConnection(file)
  try {
    for (const schema of schemas) migrate(connection, schema)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}
