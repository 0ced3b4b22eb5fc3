/** DuckDB, where it is installed: reads and writes Parquet within a memory limit. */
import type { DuckDBConnection } from '@duckdb/node-api'
import { TickerflowError } from '../../errors.ts'

export interface DuckDbOptions {
  /** Beyond this, DuckDB spills to `temporaryDirectory`. */
  readonly memoryMegabytes: number
  readonly threads?: number | undefined
  readonly temporaryDirectory: string
}

/** A database in memory with one connection, which ends with `close`. */
export interface DuckDb {
  readonly api: typeof import('@duckdb/node-api')
  readonly connection: DuckDBConnection
  close(): void
}

/** @throws {TickerflowError} DUCKDB_UNAVAILABLE when it is not installed. */
export async function openDuckDb(options: DuckDbOptions): Promise<DuckDb> {
  const api = await loadApi()
  const instance = await api.DuckDBInstance.create(':memory:', {
    memory_limit: `${options.memoryMegabytes}MB`,
    temp_directory: options.temporaryDirectory,
    ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
    // Nothing is fetched from anywhere: what the program needs is built in.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  return {
    api,
    connection,
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

async function loadApi(): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api')
  } catch (cause) {
    throw new TickerflowError(
      'DUCKDB_UNAVAILABLE',
      'Prices of a universe are kept as Parquet, which needs DuckDB, and it is not installed or does ' +
        'not run here. Install it beside this package: npm install @duckdb/node-api.',
      { cause },
    )
  }
}

/** The text as a literal of SQL. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
