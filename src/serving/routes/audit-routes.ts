/** `/api/v1/audit`: the record of changes, and whether it and the ledger are as they were written. */
import { Type } from 'typebox'
import { countLines } from '../../monitoring/ledger/forecast-ledger.ts'
import { verifyLedger } from '../../monitoring/ledger/verify-ledger.ts'
import { auditPage, verifyAuditLog } from '../../registry/audit-log.ts'
import { problemResponses } from '../http/problem.ts'
import type { ServingContext, TypedServer } from './serving-context.ts'

const config = { scope: 'read' } as const
/** Checking more would hold up every other answer. */
const MOST_LEDGER_LINES = 50_000

const Line = Type.Object({
  line: Type.Integer(),
  at: Type.String({ description: 'ISO 8601.' }),
  event: Type.String(),
  fields: Type.Record(Type.String(), Type.Unknown()),
  hash: Type.String(),
})
const Verdict = Type.Object({
  state: Type.Enum(['intact', 'broken', 'unchecked']),
  lines: Type.Integer(),
  detail: Type.String(),
})

export function auditRoutes(server: TypedServer, { app: { database } }: ServingContext): void {
  server.get(
    '/api/v1/audit',
    {
      config,
      schema: {
        tags: ['operation'],
        operationId: 'getAudit',
        summary: 'Lines of the audit log, the newest first',
        querystring: Type.Object({
          before: Type.Optional(Type.Integer({ minimum: 1, description: 'Older than this line.' })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
        }),
        response: { 200: Type.Object({ lines: Type.Array(Line) }), ...problemResponses() },
      },
    },
    async ({ query: { before, limit = 100 } }) => {
      const lines = auditPage(database, { before, limit })
      return {
        lines: lines.map(({ line, atMs, event, fields, hash }) => {
          return { line, at: new Date(atMs).toISOString(), event, fields: { ...fields }, hash }
        }),
      }
    },
  )

  server.get(
    '/api/v1/verification',
    {
      config,
      schema: {
        tags: ['operation'],
        operationId: 'verifyRecords',
        summary: 'Recomputes the chains of the audit log and of the ledger',
        response: { 200: Type.Object({ audit: Verdict, ledger: Verdict }), ...problemResponses() },
      },
    },
    async () => ({ audit: auditVerdict(), ledger: ledgerVerdict() }),
  )

  function auditVerdict() {
    const found = verifyAuditLog(database)
    if (!found.intact) return { state: 'broken' as const, lines: found.line, detail: found.reason }
    return { state: 'intact' as const, lines: found.lines, detail: 'Every line matches its hash.' }
  }

  function ledgerVerdict() {
    const lines = countLines(database)
    if (lines > MOST_LEDGER_LINES) {
      const detail = 'Too long to check while serving: tickerflow ledger verify checks all of it.'
      return { state: 'unchecked' as const, lines, detail }
    }
    const found = verifyLedger(database)
    if (found.intact) {
      return { state: 'intact' as const, lines, detail: 'Every line matches its hash.' }
    }
    const detail = `Chain '${found.chain}', line ${found.seq}: ${found.reason}`
    return { state: 'broken' as const, lines, detail }
  }
}
