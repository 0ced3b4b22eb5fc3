/** Who forecasts a symbol after a session: what is live, what shadows it, what it replaced. */
import type { FeatureFrame } from '../../features/feature-frame.ts'
import type { FittedForecaster, ForecasterSpec } from '../../forecast/forecaster.ts'
import { createForecaster } from '../../forecast/model-catalogue.ts'
import type { ForecastRole } from '../../monitoring/ledger/ledger-line.ts'
import { createRandom } from '../../numerics/random.ts'
import { liveSpans } from '../../registry/history.ts'
import type { Application } from '../application.ts'
import { modelOfVersion } from '../champion.ts'
import { challengerOf } from '../retraining/retraining-journal.ts'

export interface Speaker {
  readonly model: string
  /** 0 for a baseline. */
  readonly version: number
  readonly role: ForecastRole
  readonly forecaster: FittedForecaster
}

export interface Cast {
  /** In an order that depends on nothing but who they are. */
  speakersOf(model: string): Promise<readonly Speaker[]>
}

/** Versions are read once: their files never change. */
export function createCast(app: Application): Cast {
  const loaded = new Map<string, FittedForecaster>()
  const load = async (name: string, version: number): Promise<FittedForecaster> => {
    const key = `${name}/${version}`
    const known = loaded.get(key)
    if (known !== undefined) return known
    const { forecaster } = await modelOfVersion(app, { name, version })
    loaded.set(key, forecaster)
    return forecaster
  }
  return {
    async speakersOf(model) {
      const { database } = app
      const spans = liveSpans(database, { model, environment: 'production' })
      const [live, before] = [spans.at(-1), spans.at(-2)]
      const challenger = challengerOf(database, model)
      const parts = [
        { role: 'champion', version: live?.promotion.version },
        { role: 'previous', version: before?.promotion.version },
        {
          role: 'shadow',
          version: challenger?.state === 'shadow' ? challenger.version : undefined,
        },
      ] as const
      const speakers: Speaker[] = []
      for (const { role, version } of parts) {
        if (version === undefined) continue
        speakers.push({ model, version, role, forecaster: await load(model, version) })
      }
      return speakers
    },
  }
}

/** Models that every day's forecasts are compared with, refitted with the challengers. */
export const BASELINES: readonly ForecasterSpec[] = [
  { name: 'naive' },
  { name: 'ewma' },
  { name: 'har' },
]

/** @param to Last session to learn from. */
export function fitBaselines(
  frame: FeatureFrame,
  { to, horizon, seed }: { readonly to: number; readonly horizon: number; readonly seed: number },
): readonly Speaker[] {
  const span = { from: frame.date[0] ?? 0, to }
  return BASELINES.map((spec) => ({
    model: spec.name,
    version: 0,
    role: 'baseline',
    forecaster: createForecaster(spec).fit({
      frames: [frame],
      symbol: frame.symbol,
      span,
      horizon,
      random: createRandom(seed).fork(`${spec.name}/${to}`),
    }),
  }))
}
