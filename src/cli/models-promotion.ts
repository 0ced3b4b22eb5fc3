/** `tickerflow models promote | approve | reject | rollback | requests`. */
import { TickerflowError } from '../errors.ts'
import { promoteVersion } from '../pipeline/promote-version.ts'
import { approvePromotion, expireOverdue, rejectPromotion } from '../registry/promotion.ts'
import { type Promotion, pendingPromotions } from '../registry/promotion-journal.ts'
import type { PromotionContext } from '../registry/promotion-steps.ts'
import { rollBack } from '../registry/rollback.ts'
import { type ActingPerson, actingPerson } from './acting-person.ts'
import { colours } from './colours.ts'
import { type CommandContext, type GlobalOptions, withContext } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { minute, promotionDocument, promotionWords } from './promotion-words.ts'
import { table } from './words.ts'

interface PersonOptions extends GlobalOptions {
  readonly as?: string
}

interface ReasonedOptions extends PersonOptions {
  readonly reason?: string
}

export interface PromoteOptions extends ReasonedOptions {
  readonly to: 'staging' | 'production'
  readonly override?: boolean
  readonly requirePromotion?: boolean
}

export interface RollbackOptions extends ReasonedOptions {
  readonly to?: number
  readonly environment: 'staging' | 'production'
}

/** @returns The exit code: 4 when a promotion was required and did not come about. */
export async function promote(
  name: string,
  version: number,
  options: PromoteOptions,
): Promise<number> {
  const { override, to } = options
  if (!override && options.reason !== undefined) throw usage('--reason goes with --override.')
  const given = override ? { override: { reason: reasonOf(options) } } : {}
  return await withContext(options, {}, async ({ app, config, answer }) => {
    const person = actingPerson(app, options.as)
    const { steps, last } = await promoteVersion(app, {
      ...{ name, version, to, calendar: config.calendar, ...given },
      ...requesterOf(person),
    })
    answer({ promotions: steps.map(promotionDocument) }, () =>
      [
        ...steps.map(promotionWords),
        ...(last.verdict?.reasons ?? []).map((reason) => `  ${reason}`),
      ].join('\n'),
    )
    const unmet = options.requirePromotion && last.state === 'refused'
    return unmet ? EXIT.promotionUnmet : EXIT.done
  })
}

export async function approve(which: string, options: PersonOptions): Promise<void> {
  await withContext(options, {}, async (context) => {
    const { promotions } = context.app
    const { name: approver, ...account } = actingPerson(context.app, options.as)
    const { id } = pendingOf(promotions, which)
    answerPromotion(context, await approvePromotion(promotions, id, { approver, ...account }))
  })
}

export async function reject(which: string, options: ReasonedOptions): Promise<void> {
  const reason = reasonOf(options)
  await withContext(options, {}, async (context) => {
    const { promotions } = context.app
    const { name: by, ...account } = actingPerson(context.app, options.as)
    const { id } = pendingOf(promotions, which)
    answerPromotion(context, rejectPromotion(promotions, id, { by, reason, ...account }))
  })
}

export async function rollback(model: string, options: RollbackOptions): Promise<void> {
  const reason = reasonOf(options)
  await withContext(options, {}, async (context) => {
    const { environment, to } = options
    const { name: by, ...account } = actingPerson(context.app, options.as)
    const target = to === undefined ? {} : { to }
    const request = { model, environment, by, reason, ...account, ...target }
    answerPromotion(context, await rollBack(context.app.promotions, request))
  })
}

/** What waits for a person. */
export async function requests(options: GlobalOptions): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    expireOverdue(app.promotions)
    const pending = pendingPromotions(app.promotions.database)
    answer(pending.map(promotionDocument), () =>
      pending.length === 0
        ? 'Nothing awaits approval.'
        : table(
            ['request', 'model', 'version', 'kind', 'asked by', 'until'],
            pending.map(({ id, model, version, kind, requester, expiresAtMs }) => [
              ...[id.slice(0, 8), model, String(version), kind],
              ...[requester, minute(expiresAtMs)],
            ]),
          ),
    )
  })
}

function requesterOf({ name, account }: ActingPerson) {
  return { requester: name, ...(account === undefined ? {} : { account }) }
}

/** By the beginning of its id, or by its model where only one waits. */
function pendingOf(context: PromotionContext, which: string): Promotion {
  const pending = pendingPromotions(context.database)
  const matches = pending.filter(({ id, model }) => model === which || id.startsWith(which))
  const [only, ...others] = matches
  if (only !== undefined && others.length === 0) return only
  const found = only === undefined ? 'nothing that awaits approval is' : `${matches.length} are`
  throw new TickerflowError(
    'NOT_FOUND',
    `Expected the beginning of one request's id, or a model with one request; ${found} '${which}'. ` +
      '`tickerflow models requests` lists them.',
    { details: { which, matches: matches.map(({ id }) => id) } },
  )
}

function reasonOf({ reason = '' }: ReasonedOptions): string {
  if (reason.trim() !== '') return reason.trim()
  throw usage('Say why, for the record: --reason "…".')
}

function usage(message: string): TickerflowError {
  return new TickerflowError('CONFIG_INVALID', message)
}

function answerPromotion({ answer }: CommandContext, promotion: Promotion): void {
  answer(promotionDocument(promotion), () => colours.bold(promotionWords(promotion)))
}
