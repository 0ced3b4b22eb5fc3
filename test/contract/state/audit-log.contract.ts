import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appendAudit, readAuditLog, verifyAuditLog } from '../../../src/registry/audit-log.ts'
import type { StateDatabase } from '../../../src/state/state-database.ts'
import type { OpenTestState, TestState } from './test-state.ts'

export function auditLogContract(openState: OpenTestState): void {
  let state: TestState
  let database: StateDatabase

  beforeEach(async () => {
    state = await openState()
    database = state.database
    for (let line = 1; line <= 5; line++) {
      appendAudit(database, { atMs: line, event: 'counted', fields: { line, by: 'ada' } })
    }
  })
  afterEach(() => state.end())

  describe('the audit log', () => {
    it('gives back what was appended, in order', () => {
      const lines = readAuditLog(database)
      expect(lines.map(({ line, atMs, event }) => [line, atMs, event])).toEqual(
        [1, 2, 3, 4, 5].map((line) => [line, line, 'counted']),
      )
      expect(lines[2]?.fields).toEqual({ line: 3, by: 'ada' })
    })

    it('is intact when nobody has touched it, and says where its chain ends', () => {
      const head = readAuditLog(database).at(-1)?.hash
      expect(verifyAuditLog(database)).toEqual({ intact: true, lines: 5, head })
    })

    it('has the same hashes for the same history, and others for another', async () => {
      const other = await openState()
      const again = other.database
      appendAudit(again, { atMs: 1, event: 'counted', fields: { by: 'ada', line: 1 } })
      expect(readAuditLog(again)[0]).toEqual(readAuditLog(database)[0])
      appendAudit(again, { atMs: 2, event: 'counted', fields: { line: 2, by: 'eve' } })
      expect(readAuditLog(again)[1]?.hash).not.toBe(readAuditLog(database)[1]?.hash)
      await other.end()
    })

    it.each([
      'UPDATE audit_log SET content = content WHERE line = 3',
      'DELETE FROM audit_log WHERE line = 3',
    ])('refuses %s', (sql) => {
      expect(() => database.prepare(sql).run()).toThrowError('append-only')
    })

    it.each([
      [
        'an edited line',
        "UPDATE audit_log SET content = replace(content, 'ada', 'eve') WHERE line = 3",
      ],
      ['a forged hash', "UPDATE audit_log SET hash = 'f00d' WHERE line = 3"],
      ['a removed line', 'DELETE FROM audit_log WHERE line = 3'],
      [
        'a removed line with the others moved up',
        'DELETE FROM audit_log WHERE line = 3; UPDATE audit_log SET line = line - 1 WHERE line > 3',
      ],
      [
        'two lines changed about',
        'UPDATE audit_log SET line = 9 WHERE line = 3; UPDATE audit_log SET line = 3 WHERE line = 4; UPDATE audit_log SET line = 4 WHERE line = 9',
      ],
    ])('names the first line that shows %s', (_, sql) => {
      state.edit(sql)
      expect(verifyAuditLog(database)).toMatchObject({ intact: false, line: 3 })
    })

    it('shows lines cut off at the end by its length and head alone', () => {
      const before = verifyAuditLog(database)
      state.edit('DELETE FROM audit_log WHERE line = 5')
      const after = verifyAuditLog(database)
      expect(after).toMatchObject({ intact: true, lines: 4 })
      expect(after).not.toEqual(before)
    })

    it('is intact when it is empty', async () => {
      const empty = await openState()
      expect(verifyAuditLog(empty.database)).toEqual({
        intact: true,
        lines: 0,
        head: '0'.repeat(64),
      })
      await empty.end()
    })

    it('drops a line together with the work that it was to report', () => {
      const work = () =>
        database.transaction(() => {
          appendAudit(database, { atMs: 6, event: 'failed', fields: {} })
          throw new Error('no')
        })
      expect(work).toThrowError('no')
      expect(readAuditLog(database)).toHaveLength(5)
    })
  })
}
