/** Everything that is expected of a keeper of the state: one suite, every implementation. */
import { describe } from 'vitest'
import { alertsContract } from './alerts.contract.ts'
import { auditLogContract } from './audit-log.contract.ts'
import { forecastLedgerContract } from './forecast-ledger.contract.ts'
import { jobsContract } from './jobs.contract.ts'
import { keysContract } from './keys.contract.ts'
import { outcomesContract } from './outcomes.contract.ts'
import { promotionContract } from './registry-promotion.contract.ts'
import { promotionWorkflowContract } from './registry-workflow.contract.ts'
import { stateDatabaseContract } from './state-database.contract.ts'
import type { OpenTestState } from './test-state.ts'
import { trialLedgerContract } from './trial-ledger.contract.ts'

export function stateContract(openState: OpenTestState): void {
  describe('state: values and transactions', () => stateDatabaseContract(openState))
  describe('state: forecast ledger', () => forecastLedgerContract(openState))
  describe('state: outcomes', () => outcomesContract(openState))
  describe('state: audit log', () => auditLogContract(openState))
  describe('state: promotions', () => promotionContract(openState))
  describe('state: ways of a promotion', () => promotionWorkflowContract(openState))
  describe('state: trials', () => trialLedgerContract(openState))
  describe('state: alerts', () => alertsContract(openState))
  describe('state: keys', () => keysContract(openState))
  describe('state: jobs', () => jobsContract(openState))
}
