/** Notices aliases and stages that another MLflow client has moved, and does what the policy says. */
import { isTickerflowError } from '../errors.ts'
import type { RegisteredModel, TrackingStore } from '../tracking/tracking-store.ts'
import { type AliasMove, forgetMove, type MoveVia, recordMove } from './alias-moves.ts'
import { appendAudit } from './audit-log.ts'
import { writeDirectly } from './direct-promotion.ts'
import {
  ENVIRONMENT_ALIASES,
  ENVIRONMENT_STAGES,
  type GuardedEnvironment,
  placeInEnvironment,
} from './environments.ts'
import { coverageOfTags } from './forecaster-name.ts'
import { isSlotBusy, liveVersion, promotedModels } from './promotion-journal.ts'
import type { PromotionContext } from './promotion-steps.ts'

/** Who moved it, as far as MLflow tells: an alias and a stage don't keep who set them. */
const SOMEBODY = 'external:unknown'

const ENVIRONMENTS: readonly GuardedEnvironment[] = ['staging', 'production']

/** What came of a move: it stands as a promotion, it was put back, or it is left and ignored. */
export type MoveOutcome = 'accepted' | 'restored' | 'ignored'

export interface NoticedMove extends AliasMove {
  readonly outcome: MoveOutcome
  /** Whether this is the first time that it is noticed, and so in the audit log. */
  readonly isNew: boolean
}

/**
 * Compares every environment's alias and stage with the journal, of every model that was ever
 * promoted here or has such an alias.
 *
 * A move is written to the audit log once. Under `accept` it becomes a committed promotion if the
 * version is a forecaster of this program; a removed alias is put back, because an environment can't
 * be promoted to nothing. Otherwise what is live stays live.
 */
export async function noticeMoves(context: PromotionContext): Promise<readonly NoticedMove[]> {
  const models = await watchedModels(context)
  const noticed: NoticedMove[] = []
  for (const model of models) {
    for (const environment of ENVIRONMENTS) {
      const slot = { model: model.name, environment }
      if (isSlotBusy(context.database, slot)) continue
      for (const move of await movesOf(context, model, environment)) {
        noticed.push(await dealWith(context, move))
      }
    }
  }
  return noticed
}

async function watchedModels({ tracking, database }: PromotionContext): Promise<RegisteredModel[]> {
  const promoted = new Set(promotedModels(database))
  const watched: RegisteredModel[] = []
  let pageToken: string | undefined
  do {
    const page = await tracking.listRegisteredModels(pageToken === undefined ? {} : { pageToken })
    for (const model of page.items) {
      const aliased = ENVIRONMENTS.some((name) => ENVIRONMENT_ALIASES[name] in model.aliases)
      if (aliased || promoted.has(model.name)) watched.push(model)
    }
    pageToken = page.nextPageToken
  } while (pageToken !== undefined)
  return watched
}

/** At most one: a client that moves both alias and stage has moved one thing. */
async function movesOf(
  context: PromotionContext,
  model: RegisteredModel,
  environment: GuardedEnvironment,
): Promise<readonly AliasMove[]> {
  const { database, tracking } = context
  const slot = { model: model.name, environment }
  const live = liveVersion(database, slot)
  const aliased = model.aliases[ENVIRONMENT_ALIASES[environment]]
  const staged = await stagedVersion(tracking, slot)
  const found: readonly (readonly [MoveVia, boolean, number | undefined])[] = [
    ['alias', aliased !== live, aliased],
    ['stage', staged !== live && !isStageLess(context, slot, staged), staged],
  ]
  const moves: AliasMove[] = []
  for (const [via, moved, version] of found) {
    if (moved && moves.length === 0) moves.push({ ...slot, via, live, found: version })
    else if (!moved) forgetMove(database, { ...slot, via })
  }
  return moves
}

/**
 * Whether it is as it should be that no version has the stage: a version in both environments has
 * the stage of Production.
 */
function isStageLess(
  { database }: PromotionContext,
  slot: { readonly model: string; readonly environment: GuardedEnvironment },
  staged: number | undefined,
): boolean {
  if (slot.environment === 'production' || staged !== undefined) return false
  return everLiveInProduction(database, slot.model, liveVersion(database, slot))
}

function everLiveInProduction(
  database: PromotionContext['database'],
  model: string,
  version: number | undefined,
): boolean {
  const row = database
    .prepare(
      `SELECT 1 FROM promotions WHERE model = ? AND version = ? AND environment = 'production'
         AND commit_number IS NOT NULL`,
    )
    .get(model, version ?? null)
  return row !== undefined
}

async function stagedVersion(
  tracking: TrackingStore,
  { model, environment }: { readonly model: string; readonly environment: GuardedEnvironment },
): Promise<number | undefined> {
  const [version] = await tracking.latestModelVersions(model, [ENVIRONMENT_STAGES[environment]])
  return version?.version
}

async function dealWith(context: PromotionContext, move: AliasMove): Promise<NoticedMove> {
  const isNew = recordMove(context.database, move, context.clock())
  const { aliasMoves } = context.rules
  if (aliasMoves === 'accept' && (await isForecaster(context.tracking, move))) {
    await accept(context, move)
    return { ...move, isNew, outcome: 'accepted' }
  }
  if (aliasMoves === 'ignore') return { ...move, isNew, outcome: 'ignored' }
  if (aliasMoves === 'accept' && move.found !== undefined) {
    return { ...move, isNew, outcome: 'ignored' }
  }
  await restore(context, move)
  return { ...move, isNew, outcome: 'restored' }
}

/** Whether the version says by its tags what it forecasts. */
async function isForecaster(tracking: TrackingStore, move: AliasMove): Promise<boolean> {
  if (move.found === undefined) return false
  try {
    const { tags } = await tracking.getModelVersion({ name: move.model, version: move.found })
    return coverageOfTags(tags) !== undefined
  } catch (error) {
    if (isTickerflowError(error) && error.code === 'NOT_FOUND') return false
    throw error
  }
}

async function accept(context: PromotionContext, move: AliasMove): Promise<void> {
  const { model, environment, via, found = 0 } = move
  const { tags } = await context.tracking.getModelVersion({ name: model, version: found })
  const reason = `The ${via} '${nameOf(move)}' was moved to version ${found} by another MLflow client.`
  const request = { model, environment, kind: 'external', requester: SOMEBODY, reason } as const
  const recipe = coverageOfTags(tags)?.recipe ?? ''
  await writeDirectly(context, request, () => ({ version: found, recipe }))
  forgetMove(context.database, move)
}

async function restore(context: PromotionContext, move: AliasMove): Promise<void> {
  const { tracking, database } = context
  const { model, environment, via, live, found } = move
  if (live !== undefined) {
    await placeInEnvironment(tracking, { name: model, version: live }, environment)
  } else if (via === 'alias') {
    await tracking.deleteAlias(model, ENVIRONMENT_ALIASES[environment])
  } else if (found !== undefined) {
    await tracking.setModelVersionStage({ name: model, version: found }, 'None')
  }
  database.transaction(() => {
    appendAudit(database, {
      atMs: context.clock(),
      event: `${via}-restored`,
      fields: { model, environment, found: found ?? null, live: live ?? null },
    })
    forgetMove(database, move)
  })
}

function nameOf({ via, environment }: AliasMove): string {
  return via === 'alias' ? ENVIRONMENT_ALIASES[environment] : ENVIRONMENT_STAGES[environment]
}
