/** Whatever is done to the records with an editor shows, and is named. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LEDGER_SCHEMA } from '../../src/monitoring/ledger/ledger-schema.ts'
import { verifyRecords } from '../../src/pipeline/verify-records.ts'
import { appendAudit } from '../../src/registry/audit-log.ts'
import { requestPromotion } from '../../src/registry/promotion.ts'
import { openDatabase } from '../../src/sqlite/open-database.ts'
import type { SqliteConnection } from '../../src/sqlite/sqlite-connection.ts'
import { createPromotionStore, type PromotionStore, promising } from './promotion-store.ts'

let store: PromotionStore
let database: SqliteConnection

beforeEach(async () => {
  store = await createPromotionStore()
  const context = store.open()
  database = openDatabase(join(store.directory, 'tickerflow.db'), [LEDGER_SCHEMA])
  await requestPromotion(context, promising(1))
  await requestPromotion(context, promising(2))
  // Somebody with an editor is not held up by triggers.
  database.execute(
    'DROP TRIGGER audit_log_is_never_updated; DROP TRIGGER audit_log_is_never_deleted',
  )
})
afterEach(async () => {
  database.close()
  await store.end()
})

const faults = () => verifyRecords(database).faults

describe('the records of a store', () => {
  it('are intact as they were written', () => {
    expect(verifyRecords(database)).toMatchObject({ intact: true, auditLines: 11, faults: [] })
  })

  it('name an edited line', () => {
    database.execute(
      `UPDATE audit_log SET content = replace(content, '"requester":"ada"', '"requester":"bob"') WHERE line = 7`,
    )
    expect(faults()).toMatchObject([{ record: 'audit', line: 7 }])
  })

  it('name a removed line', () => {
    database.execute('DELETE FROM audit_log WHERE line = 4')
    expect(faults()).toMatchObject([{ record: 'audit', line: 4, message: 'line 4 is missing' }])
  })

  it('name a removed line whose number was given to the next ones', () => {
    database.execute(
      'DELETE FROM audit_log WHERE line = 4; UPDATE audit_log SET line = line - 1 WHERE line > 4',
    )
    expect(faults()).toMatchObject([{ record: 'audit', line: 4 }])
  })

  it('name an inserted line', () => {
    database.execute(
      `UPDATE audit_log SET line = -line - 1 WHERE line >= 4;
       UPDATE audit_log SET line = -line WHERE line < 0;
       INSERT INTO audit_log SELECT 4, content, hash FROM audit_log WHERE line = 3`,
    )
    expect(faults()).toMatchObject([{ record: 'audit', line: 4 }])
  })

  it('show lines that were cut off, when their end was kept elsewhere', () => {
    const { heads } = verifyRecords(database)
    database.execute('DELETE FROM audit_log WHERE line = 11')
    const cut = verifyRecords(database, heads ?? undefined)
    expect(cut.faults[0]).toMatchObject({ record: 'audit', line: 11 })
    expect(cut.heads).toBeNull()
  })

  it('show a log that was written anew, when its end was kept elsewhere', () => {
    const { heads } = verifyRecords(database)
    database.execute('DELETE FROM audit_log')
    for (let line = 0; line < 12; line++) appendAudit(database, { atMs: 1, event: 'x', fields: {} })
    const [first] = verifyRecords(database, heads ?? undefined).faults
    expect(first).toMatchObject({ record: 'audit', line: 11 })
    expect(first?.message).toContain('not the one that was exported')
  })

  it('stay comparable with an end that was kept when they were shorter', async () => {
    const { heads } = verifyRecords(database)
    await requestPromotion(store.open(), promising(3))
    expect(verifyRecords(database, heads ?? undefined).intact).toBe(true)
  })

  it('name a promotion that the journal tells otherwise than the log', () => {
    database.execute('UPDATE promotions SET version = 3 WHERE version = 2')
    expect(faults()).toMatchObject([{ record: 'promotions', line: null }])
    expect(faults()[0]?.message).toMatch(/version 3 .*: committed.* in the journal.*version 2/)
  })

  it('name a promotion that only the journal, or only the log, knows', () => {
    database.execute("UPDATE promotions SET id = 'forged' WHERE version = 2")
    expect(faults().map(({ message }) => message)).toEqual([
      expect.stringMatching(/of audit line 11 is not in the journal/),
      'promotion forged has no line in the audit log',
    ])
  })
})
