import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SqliteConnection } from './sqlite-connection.ts'
import { migrate } from './sqlite-migrations.ts'

const FIRST = 'CREATE TABLE birds (name TEXT) STRICT'
const SECOND = 'ALTER TABLE birds ADD COLUMN wings INTEGER; UPDATE birds SET wings = 2'

let directory: string
let connection: SqliteConnection

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'migrations-'))
  connection = new SqliteConnection(join(directory, 'x.db'))
})
afterEach(() => {
  connection.close()
  rmSync(directory, { recursive: true, force: true })
})

describe('migrate', () => {
  it('runs each script once, in order', () => {
    migrate(connection, { component: 'birds', migrations: [FIRST] })
    migrate(connection, { component: 'birds', migrations: [FIRST] })
    connection.prepare("INSERT INTO birds VALUES ('crow')").run()
    migrate(connection, { component: 'birds', migrations: [FIRST, SECOND] })
    expect(connection.prepare('SELECT * FROM birds').all()).toEqual([{ name: 'crow', wings: 2 }])
  })

  it('keeps a backup of what an older program wrote', () => {
    migrate(connection, { component: 'birds', migrations: [FIRST] })
    connection.prepare("INSERT INTO birds VALUES ('crow')").run()
    expect(existsSync(join(directory, 'x.db.birds-v1.backup'))).toBe(false)
    migrate(connection, { component: 'birds', migrations: [FIRST, SECOND] })
    const backup = new SqliteConnection(join(directory, 'x.db.birds-v1.backup'))
    expect(backup.prepare('SELECT * FROM birds').all()).toEqual([{ name: 'crow' }])
    backup.close()
  })

  it('counts the versions of each component for itself', () => {
    migrate(connection, { component: 'birds', migrations: [FIRST, SECOND] })
    migrate(connection, { component: 'fish', migrations: ['CREATE TABLE fish (name TEXT)'] })
    const rows = connection.prepare('SELECT * FROM schema_version ORDER BY component').all()
    expect(rows).toEqual([
      { component: 'birds', version: 2 },
      { component: 'fish', version: 1 },
    ])
  })

  it('refuses tables of a newer program', () => {
    migrate(connection, { component: 'birds', migrations: [FIRST, SECOND] })
    const older = () => migrate(connection, { component: 'birds', migrations: [FIRST] })
    expect(older).toThrowError(/birds tables at version 2.*up to 1.*update the program/)
    expect(older).toThrowError(expect.objectContaining({ code: 'STORE_FORMAT' }))
  })

  it('leaves everything as it was when a script fails', () => {
    migrate(connection, { component: 'birds', migrations: [FIRST] })
    const broken = [FIRST, 'CREATE TABLE nests (n INTEGER); SELECT nonsense FROM nowhere']
    expect(() => migrate(connection, { component: 'birds', migrations: broken })).toThrow()
    const tables = connection.prepare("SELECT name FROM sqlite_master WHERE name = 'nests'").all()
    expect(tables).toEqual([])
    migrate(connection, { component: 'birds', migrations: [FIRST, SECOND] })
  })
})
