/** Recomputes every chained record of a store: the audit log, the journal beside it, the ledger. */
import { type Static, Type } from 'typebox'
import { verifyLedger } from '../monitoring/ledger/verify-ledger.ts'
import { verifyAuditLog } from '../registry/audit-log.ts'
import { findJournalFaults } from '../registry/verify-journal.ts'
import type { StateDatabase } from '../state/state-database.ts'

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
const Count = Type.Integer({ minimum: 0 })

/** The ends of all chains, to be kept where the store's owner cannot write. */
export const RecordHeads = Type.Object({
  audit: Type.Object({ line: Count, hash: Sha256 }),
  ledger: Type.Array(Type.Object({ chain: Type.String(), seq: Count, hash: Sha256 })),
})
export type RecordHeads = Static<typeof RecordHeads>

export interface RecordFault {
  readonly record: 'audit' | 'promotions' | 'ledger'
  /** Line of the audit log, or of a chain of the ledger; null where the fault is in no line. */
  readonly line: number | null
  readonly message: string
}

export interface RecordsVerification {
  readonly intact: boolean
  /** Lines that were checked; 0 of a record with a fault. */
  readonly auditLines: number
  readonly ledgerLines: number
  readonly faults: readonly RecordFault[]
  /** null unless everything is intact. */
  readonly heads: RecordHeads | null
}

/** @param kept Heads exported earlier, which show what was cut off since. */
export function verifyRecords(database: StateDatabase, kept?: RecordHeads): RecordsVerification {
  const audit = verifyAuditLog(database, kept?.audit)
  const ledger = verifyLedger(database, kept?.ledger)
  const faults: RecordFault[] = []
  if (!audit.intact) faults.push({ record: 'audit', line: audit.line, message: audit.reason })
  for (const message of findJournalFaults(database)) {
    faults.push({ record: 'promotions', line: null, message })
  }
  if (!ledger.intact) {
    const message = `chain '${ledger.chain}': ${ledger.reason}`
    faults.push({ record: 'ledger', line: ledger.seq, message })
  }
  const heads =
    audit.intact && ledger.intact
      ? { audit: { line: audit.lines, hash: audit.head }, ledger: [...ledger.heads] }
      : null
  return {
    intact: faults.length === 0,
    auditLines: audit.intact ? audit.lines : 0,
    ledgerLines: ledger.intact ? ledger.lines : 0,
    faults,
    heads: faults.length === 0 ? heads : null,
  }
}
