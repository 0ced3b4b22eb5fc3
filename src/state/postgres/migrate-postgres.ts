/** Brings the tables in PostgreSQL to the latest version, by kysely's migrator and under its lock. */
import type { Kysely } from 'kysely'
import { TickerflowError } from '../../errors.ts'
import type { ComponentSchema } from '../../sqlite/sqlite-migrations.ts'
import type { Driver } from './postgres-driver.ts'
import { postgresScript } from './postgres-script.ts'

/** What SQLite has built in and PostgreSQL calls otherwise. */
const FUNCTIONS = `CREATE FUNCTION hex(bytes bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT
  RETURN upper(encode(bytes, 'hex'))`

/** @throws {TickerflowError} STORE_FORMAT when a newer program has written the tables. */
export async function migratePostgres(
  db: Kysely<unknown>,
  { kysely: { sql }, migration: { Migrator } }: Driver,
  schemas: readonly ComponentSchema[],
): Promise<void> {
  const scripts = schemas.flatMap(({ component, migrations }) =>
    migrations.map(
      (script, i) =>
        [`${component}-${String(i + 1).padStart(3, '0')}`, postgresScript(script)] as const,
    ),
  )
  const migrations = Object.fromEntries(
    [['0-functions', FUNCTIONS] as const, ...scripts].map(([name, script]) => [
      name,
      { up: async (within: Kysely<unknown>) => void (await sql.raw(script).execute(within)) },
    ]),
  )
  const { rows } = await sql<{ name: string }>`SELECT current_schema() AS name`.execute(db)
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: 'tickerflow_migrations',
    migrationLockTableName: 'tickerflow_migrations_lock',
    // Else the tables of another schema in the same database would be taken for these.
    migrationTableSchema: rows[0]?.name ?? 'public',
    // Components count for themselves.
    allowUnorderedMigrations: true,
  })
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return
  if (!/corrupted migrations/.test(String(error))) throw error
  throw new TickerflowError(
    'STORE_FORMAT',
    `The database has tables of a newer program (${(error as Error).message}); update this one.`,
    { cause: error },
  )
}
