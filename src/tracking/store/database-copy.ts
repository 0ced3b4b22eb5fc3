/** A copy of the tracking database at one instant, for programs that would change the original. */
import { SqliteConnection } from '../../sqlite/sqlite-connection.ts'

/**
 * Writes the database as it is now into a new file; others may go on writing meanwhile.
 *
 * @param target Must not exist.
 * @throws {TickerflowError} STORE_UNWRITABLE, STORE_BUSY or STORE_DAMAGED; names the file.
 */
export function copyTrackingDatabase(file: string, target: string): void {
  const connection = new SqliteConnection(file)
  try {
    connection.prepareOnce('VACUUM INTO ?').run(target)
  } finally {
    connection.close()
  }
}
