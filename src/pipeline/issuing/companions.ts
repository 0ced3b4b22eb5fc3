/** What else speaks at the moment of a champion's forecast: baselines, the version before it, the challenger. */
import { isTickerflowError } from '../../errors.ts'
import type { FeatureFrame } from '../../features/feature-frame.ts'
import type { Forecast } from '../../forecast/forecast.ts'
import type { FittedForecaster } from '../../forecast/forecaster.ts'
import { createForecaster } from '../../forecast/model-catalogue.ts'
import { parseIsoDate } from '../../market/trading-date.ts'
import type { ForecastRole } from '../../monitoring/ledger/ledger-line.ts'
import { createRandom } from '../../numerics/random.ts'
import { liveSpans } from '../../registry/history.ts'
import { liveVersion } from '../../registry/promotion-journal.ts'
import type { Application } from '../application.ts'
import { modelOfVersion } from '../champion.ts'
import { forecasterAt } from '../model-file.ts'
import { challengerOf } from '../retraining/retraining-journal.ts'

/** Issued and recorded beside the champion's, never answered. */
export interface CompanionForecast {
  readonly forecast: Forecast
  /** Registered model, or the name of a baseline. */
  readonly model: string
  /** 0 for a baseline. */
  readonly version: number
  readonly role: Extract<ForecastRole, 'baseline' | 'previous' | 'shadow'>
}

/** The champion's forecast that is to be compared. */
export interface ChampionMoment {
  /** Registered model. */
  readonly name: string
  readonly version: number
  /** Last session that it was fitted on, `YYYY-MM-DD`: baselines learn from no later one. */
  readonly trainedTo: string
  readonly horizon: number
  readonly frame: FeatureFrame
  /** Row of the frame at whose close it speaks. */
  readonly at: number
}

export interface Companions {
  readonly forecasts: readonly CompanionForecast[]
  /** Who could not speak, and why: the champion's forecast stands without them. */
  readonly notes: readonly string[]
}

export const BASELINES = ['naive', 'ewma'] as const

/** The naive and the EWMA forecast, fitted on the very span that the champion has learnt from. */
export function baselineForecasts(moment: ChampionMoment): readonly CompanionForecast[] {
  const { frame, at } = moment
  return BASELINES.flatMap((name) => {
    const forecast = fittedBaseline(name, moment)?.forecast(frame, at)
    return forecast === undefined ? [] : [{ forecast, model: name, version: 0, role: 'baseline' }]
  })
}

function fittedBaseline(
  name: (typeof BASELINES)[number],
  { frame, trainedTo, horizon }: ChampionMoment,
): FittedForecaster | undefined {
  const { symbol, date } = frame
  const span = { from: date[0] ?? 0, to: parseIsoDate(trainedTo) ?? 0 }
  try {
    const random = createRandom(0)
    return createForecaster({ name }).fit({ frames: [frame], symbol, span, horizon, random })
  } catch {
    // Too few sessions up to the end of the training: there is nothing to compare with.
    return undefined
  }
}

/**
 * Baselines, the champion before (`previous`), the challenger in training's shadow and Staging's version
 * (`shadow`), at one moment. A
 * version that cannot be loaded, or does not forecast the horizon, is left out with a note.
 */
export async function companionForecasts(
  app: Application,
  moment: ChampionMoment,
): Promise<Companions> {
  const versions = companionVersions(app, moment)
  const spoken = await Promise.all(
    versions.map(async ({ version, role }) => await speak(app, moment, { version, role })),
  )
  return {
    forecasts: [...baselineForecasts(moment), ...spoken.flatMap(({ forecasts }) => forecasts)],
    notes: spoken.flatMap(({ notes }) => notes),
  }
}

interface Companion {
  readonly version: number
  readonly role: 'previous' | 'shadow'
}

function companionVersions({ database }: Application, moment: ChampionMoment): Companion[] {
  const { name: model, version } = moment
  const before = liveSpans(database, { model, environment: 'production' })
    .map(({ promotion }) => promotion.version)
    .findLast((one) => one !== version)
  const challenger = challengerOf(database, model)
  const staged = liveVersion(database, { model, environment: 'staging' })
  const watched = new Set([challenger?.state === 'shadow' ? challenger.version : undefined, staged])
  return [
    ...(before === undefined ? [] : [{ version: before, role: 'previous' as const }]),
    ...[...watched].flatMap((one) =>
      one === undefined || one === version ? [] : [{ version: one, role: 'shadow' as const }],
    ),
  ]
}

async function speak(
  app: Application,
  { name, horizon, frame, at }: ChampionMoment,
  { version, role }: Companion,
): Promise<Companions> {
  try {
    const loaded = await modelOfVersion(app, { name, version })
    const forecast = forecasterAt(loaded, horizon)?.forecast(frame, at)
    if (forecast !== undefined) {
      return { forecasts: [{ forecast, model: name, version, role }], notes: [] }
    }
    const note = `${name} version ${version} (${role}) has no forecast ${horizon} session(s) ahead`
    return { forecasts: [], notes: [note] }
  } catch (error) {
    if (!isTickerflowError(error)) throw error
    const note = `${name} version ${version} (${role}) could not be asked: ${error.message}`
    return { forecasts: [], notes: [note] }
  }
}
