/** The plan of a lifecycle: what each of its steps depends on, and what an earlier attempt has left. */
import { digestOf } from '../../canonical-json.ts'
import { selectEngine } from '../../lstm/engines.ts'
import { gatePolicyDigest } from '../../registry/gate-policy.ts'
import { type Promotion, promotionsOf } from '../../registry/promotion-journal.ts'
import type { ModelVersion } from '../../tracking/tracking-store.ts'
import type { Application } from '../application.ts'
import { warmStartOf } from '../final-fit.ts'
import { judgedModels } from '../judge-horizons.ts'
import { experimentOf, type Preparation } from '../preparation.ts'
import { programDigest } from '../program-digest.ts'
import { horizonsOf, recipeDigest } from '../recipe.ts'
import { beginAttempt, endAttempt, unfinishedRun } from './plan-journal.ts'

export interface LifecyclePlan {
  readonly digest: string
  /** Of the walk-forward evaluation, and of the fit on all data. */
  readonly judge: unknown
  readonly fit: unknown
}

export async function lifecyclePlan(app: Application, given: Preparation): Promise<LifecyclePlan> {
  const { config, panel, recipe, live } = given
  const program = await programDigest()
  const engine = selectEngine('auto').binaryDigest ?? null
  const data = panel.map(({ bars }) => bars.digest)
  const computed = { program, engine, data, recipe: recipeDigest(recipe) }
  const models = horizonsOf(recipe).map((horizon) => judgedModels(given, horizon))
  const judge = { ...computed, models, evaluation: config.evaluation, seed: config.seed }
  const policy = gatePolicyDigest(app.gatePolicy)
  const replaces = live?.version.version ?? null
  const digest = digestOf(
    JSON.parse(JSON.stringify({ judge, policy, replaces, experiment: experimentOf(given) })),
  )
  const start = warmStartOf(given)?.version.runId ?? null
  return { digest, judge, fit: start === null ? computed : { ...computed, start } }
}

/** The version that a run has registered, if it got so far. */
export async function registeredBy(
  { tracking }: Application,
  { modelName }: Preparation,
  run: string,
): Promise<ModelVersion | undefined> {
  const { items } = await tracking.listModelVersions(modelName, { limit: LATEST_VERSIONS })
  return items.find(({ runId }) => runId === run)
}

/** A run that was stopped is among the latest. */
const LATEST_VERSIONS = 100

/** What the gate has said of a version, once it has. */
export function judgedPromotion(
  { database }: Application,
  { name, version }: ModelVersion,
): Promotion | undefined {
  const own = promotionsOf(database, name).filter((one) => one.version === version)
  const last = own.at(-1)
  const isOver = last?.state === 'refused' || last?.environment === 'production'
  return isOver && last?.verdict !== undefined ? last : undefined
}

/**
 * The run of an attempt at this plan that ended after its version was registered: to go on with it
 * makes no second version. One that ended before is begun anew, with what it had computed.
 */
export async function resumableRun(
  app: Application,
  given: Preparation,
  { digest }: LifecyclePlan,
): Promise<string | undefined> {
  const run = unfinishedRun(app.database, digest)
  if (run === undefined) return undefined
  const version = await registeredBy(app, given, run).catch(() => undefined)
  return version === undefined ? undefined : run
}

/** Journals an attempt around its work. */
export async function withAttempt<T>(
  { database, clock }: Application,
  { plan, run }: { readonly plan: string; readonly run: string },
  work: () => Promise<T>,
): Promise<T> {
  beginAttempt(database, { plan, run, atMs: clock() })
  try {
    const result = await work()
    endAttempt(database, run, 'finished')
    return result
  } catch (error) {
    endAttempt(database, run, 'failed')
    throw error
  }
}
