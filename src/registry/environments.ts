/** Where a version of a model lives, as MLflow aliases and as its deprecated stages. */
import type { ModelStage, ModelVersionRef, TrackingStore } from '../tracking/tracking-store.ts'

export type Environment = 'development' | 'staging' | 'production'

/** Environments that a version reaches only through a promotion. */
export type GuardedEnvironment = Exclude<Environment, 'development'>

/** The MLflow alias of each environment. */
export const ENVIRONMENT_ALIASES: Readonly<Record<Environment, string>> = {
  development: 'development',
  staging: 'staging',
  production: 'production',
}

/** The MLflow stage that mirrors each environment; a stage cannot say that two hold at once. */
export const ENVIRONMENT_STAGES: Readonly<Record<GuardedEnvironment, ModelStage>> = {
  staging: 'Staging',
  production: 'Production',
}

/** Makes this the version under development; nothing else changes. */
export async function placeInDevelopment(
  tracking: TrackingStore,
  ref: ModelVersionRef,
): Promise<void> {
  await tracking.setAlias(ref, ENVIRONMENT_ALIASES.development)
}

/**
 * Points the environment's alias at the version and mirrors it in the stages. Doing it again
 * changes nothing, so an interrupted move is completed by repeating it.
 */
export async function placeInEnvironment(
  tracking: TrackingStore,
  ref: ModelVersionRef,
  environment: GuardedEnvironment,
): Promise<void> {
  if (environment === 'production' || !(await isInProduction(tracking, ref))) {
    await tracking.setModelVersionStage(ref, ENVIRONMENT_STAGES[environment], {
      archiveExisting: true,
    })
  }
  await tracking.setAlias(ref, ENVIRONMENT_ALIASES[environment])
}

/** Its stage says so already, and cannot say that it is in Staging too. */
async function isInProduction(tracking: TrackingStore, ref: ModelVersionRef): Promise<boolean> {
  const { aliases } = await tracking.getModelVersion(ref)
  return aliases.includes(ENVIRONMENT_ALIASES.production)
}
