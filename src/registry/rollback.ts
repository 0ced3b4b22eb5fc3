/** Puts back what was live before: on the record, with a reason, past the gate. */
import { TickerflowError } from '../errors.ts'
import { writeDirectly } from './direct-promotion.ts'
import { commitsOf, type Promotion, type Slot } from './promotion-journal.ts'
import type { PromotionContext } from './promotion-steps.ts'

export interface RollbackRequest extends Slot {
  /** A version that was live before; without it, the one that was live last before the present one. */
  readonly to?: number
  readonly by: string
  readonly reason: string
  /** Of whoever runs the program, when `by` was named by hand. */
  readonly account?: string
}

/**
 * Makes a version live again that was live before.
 *
 * It needs neither gate nor approval, under any policy: it is what one does when something is wrong.
 *
 * @throws {TickerflowError} NOT_FOUND when there is nothing to go back to; PROMOTION_CONFLICT when a
 *   promotion is being carried out.
 */
export async function rollBack(
  context: PromotionContext,
  request: RollbackRequest,
): Promise<Promotion> {
  const { by: requester, reason, account, to, model, environment } = request
  const direct = { model, environment, requester, reason, ...(account && { account }) }
  return await writeDirectly(context, { ...direct, kind: 'rollback' }, () => {
    const commits = commitsOf(context.database, request)
    const target = to ?? previousVersion(commits)
    const known = commits.find(({ version }) => version === target)
    if (target === undefined || known === undefined) throw nowhereToGo(request, commits)
    return { version: target, recipe: known.recipe }
  })
}

/**
 * What was live before the present version; rolling back twice goes two versions back, not there
 * and back again.
 */
export function previousVersion(commits: readonly Promotion[]): number | undefined {
  const stack: number[] = []
  for (const { kind, version } of commits) {
    if (kind === 'rollback' && stack.includes(version)) {
      while (stack.at(-1) !== version) stack.pop()
    } else if (stack.at(-1) !== version) stack.push(version)
  }
  return stack.at(-2)
}

function nowhereToGo(request: RollbackRequest, commits: readonly Promotion[]): TickerflowError {
  const { model, environment, to } = request
  const versions = [...new Set(commits.map(({ version }) => version))]
  const were = versions.length === 0 ? 'none was' : `these were: ${versions.join(', ')}`
  const what =
    to === undefined
      ? `Nothing was live in ${environment} before what is live of ${model} now`
      : `${model} version ${to} was never live in ${environment}`
  return new TickerflowError(
    'NOT_FOUND',
    `${what}; ${were}. Promote a version instead: tickerflow models promote ${model} VERSION.`,
    { details: { model, environment, versions } },
  )
}
