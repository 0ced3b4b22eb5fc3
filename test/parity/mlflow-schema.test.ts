import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MLFLOW_REVISION } from '../../src/tracking/store/schema.ts'
import { openSqliteTrackingStore } from '../../src/tracking/store/sqlite.ts'

/** Made by MLflow's own migrations: `test/parity/scripts/mlflow-schema.py`. */
const reference = JSON.parse(
  readFileSync(new URL('./fixtures/mlflow-schema.json', import.meta.url), 'utf8'),
)
const tableNames: readonly string[] = Object.keys(reference.tables)

let directory: string
let database: DatabaseSync

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mlflow-schema-'))
  await openSqliteTrackingStore({ directory, clock: () => 0, newId: () => 'unused' }).close()
  database = new DatabaseSync(join(directory, 'mlflow.db'))
})
afterAll(() => {
  database.close()
  rmSync(directory, { recursive: true, force: true })
})

describe('the database of the embedded tracking store', () => {
  it('names the revision of MLflow whose tables it has', () => {
    const rows = database.prepare('SELECT * FROM alembic_version').all()
    expect(rows).toEqual([{ version_num: reference.revision }])
    expect(MLFLOW_REVISION).toBe(reference.revision)
  })

  it('has the 22 tables of that revision and no other', () => {
    const rows = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
    expect(rows.map((row) => row.name).toSorted()).toEqual(tableNames.toSorted())
    expect(tableNames).toHaveLength(23)
  })

  it.each(tableNames)('has the table %s as MLflow makes it', (table) => {
    expect(structureOf(table)).toEqual(reference.tables[table])
  })
})

function structureOf(table: string): object {
  const sql = String(
    database
      .prepare('SELECT sql FROM sqlite_master WHERE type = ? AND name = ?')
      .get('table', table)?.sql,
  )
  return {
    columns: pragma('table_info', table).map((row) => ({
      name: row.name,
      type: row.type,
      notNull: row.notnull,
      default: row.dflt_value,
      primaryKey: row.pk,
    })),
    foreignKeys: foreignKeysOf(table),
    indexes: indexesOf(table),
    constraints: [...sql.matchAll(/CONSTRAINT (\w+)/g)].map((match) => match[1]).toSorted(),
    checks: [...sql.matchAll(/CHECK\s*(\(\w+ IN \([^)]*\)\))/g)]
      .map((match) => match[1]?.replaceAll(/\s/g, ''))
      .toSorted(),
  }
}

function foreignKeysOf(table: string): readonly object[] {
  return pragma('foreign_key_list', table)
    .map((row) => ({
      table: row.table,
      from: row.from,
      to: row.to,
      onUpdate: row.on_update,
      onDelete: row.on_delete,
    }))
    .toSorted((a, b) => byText(`${a.table} ${a.from}`, `${b.table} ${b.from}`))
}

function indexesOf(table: string): readonly object[] {
  return pragma('index_list', table)
    .map((row) => ({
      columns: pragma('index_info', String(row.name)).map((part) => part.name),
      ...(row.origin === 'c' ? { name: row.name } : {}),
      origin: row.origin,
      unique: row.unique,
    }))
    .toSorted((a, b) => byText(JSON.stringify(a), JSON.stringify(b)))
}

function pragma(name: string, argument: string) {
  return database.prepare(`SELECT * FROM pragma_${name}(?)`).all(argument)
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}
