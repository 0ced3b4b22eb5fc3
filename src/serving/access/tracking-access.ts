/** What MLflow's API may do for whom: reads are for all, changes need `admin` and leave an audit line. */
import type { FastifyRequest } from 'fastify'
import type { Application } from '../../pipeline/application.ts'
import { appendAudit } from '../../registry/audit-log.ts'
import { Refusal } from '../refusal.ts'
import { LOCAL_PRINCIPAL, mayDo } from './principal.ts'

/** Reads that MLflow sends as POST. */
const READING = /\/(search|get-latest-versions|get-history-bulk-interval|artifacts\/directories)$/
/** Changes of the registry are administrative; the metrics of a run in training are too many. */
const ADMINISTRATIVE = /\/(registered-models|model-versions|experiments)\//

/** @throws {Refusal} 403 without the scope. */
export function assertMayChange(
  { database, clock }: Pick<Application, 'database' | 'clock'>,
  { method, url, principal }: Pick<FastifyRequest, 'method' | 'url' | 'principal'>,
): void {
  const [path = ''] = url.split('?')
  if (method === 'GET' || method === 'HEAD' || READING.test(path)) return
  if (principal === null || !mayDo(principal, 'admin')) {
    const detail = "Changes of the tracking store need the scope 'admin'."
    throw new Refusal({ status: 403, type: 'scope-missing', detail })
  }
  if (principal === LOCAL_PRINCIPAL || !ADMINISTRATIVE.test(path)) return
  const fields = { method, path, by: principal.name }
  appendAudit(database, { atMs: clock(), event: 'admin-request', fields })
}
