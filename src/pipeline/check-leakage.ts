/** Looks for knowledge of the future in everything that a configuration would compute. */

import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Config } from '../config.ts'
import { TickerflowError } from '../errors.ts'
import { findFeatureLeakage, type LeakageFinding } from '../evaluation/leakage.ts'
import { findForecastFaults, findTruncationFaults } from '../evaluation/truncated-histories.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import type { Feature } from '../features/feature.ts'
import type { FeatureFrame } from '../features/feature-frame.ts'
import { FEATURES } from '../features/feature-set.ts'
import type { ForecasterSpec } from '../forecast/forecaster.ts'
import type { Bars } from '../market/bars.ts'
import { formatDay } from '../market/trading-date.ts'
import type { Application } from './application.ts'
import { configuredModels } from './configured-models.ts'
import { findModelLeaks, fitBriefly } from './frames.ts'
import { ingestPanel } from './preparation.ts'
import type { Progress } from './progress.ts'

export interface LeakageRequest {
  readonly config: Config
  readonly csv?: string | undefined
  /** A module whose default export is an array of further features. */
  readonly featureModule?: string | undefined
  /** Days tried for each feature. */
  readonly cuts: number
  readonly progress: Progress
  readonly signal?: AbortSignal | undefined
}

export interface LeakageDocument {
  readonly symbols: readonly string[]
  readonly features: readonly string[]
  readonly models: readonly string[]
  /** Days tried for each feature, and days up to which each model was fitted, `YYYY-MM-DD`. */
  readonly cuts: number
  readonly fittedTo: readonly string[]
  readonly findings: readonly LeakageFinding[]
}

/** Where each model is fitted, as shares of the series. */
const FIT_SHARES = [0.5, 0.7, 0.9]
/** Days after a fit on which its forecasts are made again from their lookback alone. */
const FORECASTS_PER_FIT = 5

/**
 * Recomputes every feature with other futures and from its lookback alone, fits every configured
 * model with and without what follows its span, and makes forecasts again from truncated histories.
 *
 * @throws {TickerflowError} CONFIG_INVALID for a module that does not hold features.
 */
export async function checkLeakage(
  app: Application,
  request: LeakageRequest,
): Promise<LeakageDocument> {
  const { config, progress, cuts } = request
  const features = [...FEATURES, ...(await featuresOfModule(request.featureModule))]
  const models = configuredModels(config)
  const panel = await progress.step('Read and check prices', (report) =>
    ingestPanel(app, { ...request, report }),
  )
  const series = panel.map(({ bars }) => bars)
  const found = await progress.step('Recompute features', async () =>
    series.flatMap((bars) => featureFindings(bars, features, cuts)),
  )
  const own = series[0]
  const days = FIT_SHARES.map((share) => own?.date[Math.floor(share * own.date.length)] ?? 0)
  const ofModels = await progress.step('Recompute forecasts', async (report) => {
    const frames = series.map((bars) => buildFeatureFrame(bars))
    return models.flatMap((spec) => {
      report(spec.name)
      return days.flatMap((trainTo) => modelFindings({ series, frames, spec, config, trainTo }))
    })
  })
  return {
    symbols: series.map(({ symbol }) => symbol),
    features: features.map(({ name }) => name),
    models: models.map(({ name }) => name),
    cuts,
    fittedTo: days.map(formatDay),
    findings: withoutRepeats([...found, ...ofModels]),
  }
}

function featureFindings(bars: Bars, features: readonly Feature[], cuts: number) {
  const first = Math.max(...features.map(({ lookback }) => lookback))
  const last = bars.date.length - 1
  const rows = Array.from({ length: cuts }, (_, i) =>
    Math.round(first + (i * Math.max(0, last - first)) / Math.max(1, cuts - 1)),
  ).filter((row) => row <= last)
  return [
    ...findFeatureLeakage(bars, features, cuts),
    ...findTruncationFaults(bars, features, rows),
  ]
}

interface ModelCase {
  readonly series: readonly Bars[]
  readonly frames: readonly FeatureFrame[]
  readonly spec: ForecasterSpec
  readonly config: Config
  readonly trainTo: number
}

function modelFindings({ series, frames, spec, config, trainTo }: ModelCase): LeakageFinding[] {
  const [own] = series
  if (own === undefined) return []
  const fit = { symbol: own.symbol, horizon: config.horizon, trainTo }
  const leaks = findModelLeaks(frames, [spec], fit)
  const fitted = fitBriefly(frames, spec, fit)
  const first = own.date.findIndex((day) => day > trainTo)
  const step = Math.max(1, Math.floor((own.date.length - first) / FORECASTS_PER_FIT))
  const rows = Array.from({ length: FORECASTS_PER_FIT }, (_, i) => first + i * step).filter(
    (row) => row >= 0 && row < own.date.length,
  )
  return [...leaks, ...findForecastFaults(fitted, own, { features: FEATURES, rows })]
}

/** One finding for each subject: it shows at every other cut too. */
function withoutRepeats(findings: readonly LeakageFinding[]): LeakageFinding[] {
  return [...new Map(findings.toReversed().map((one) => [one.subject, one])).values()].reverse()
}

const FeatureModule = Type.Array(
  Type.Object({
    name: Type.String({ minLength: 1 }),
    lookback: Type.Integer({ minimum: 1 }),
    description: Type.String(),
    compute: Type.Unsafe<Feature['compute']>(Type.Function([], Type.Any())),
  }),
)

async function featuresOfModule(file: string | undefined): Promise<readonly Feature[]> {
  if (file === undefined) return []
  const path = resolve(file)
  const features = await defaultExport(path)
  if (Value.Check(FeatureModule, features)) return features satisfies Static<typeof FeatureModule>
  throw notFeatures(
    path,
    'its default export is not an array of { name, lookback, description, compute }',
  )
}

async function defaultExport(path: string): Promise<unknown> {
  try {
    return ((await import(pathToFileURL(path).href)) as { default?: unknown }).default
  } catch (cause) {
    throw notFeatures(path, (cause as Error).message, cause)
  }
}

function notFeatures(path: string, why: string, cause?: unknown): TickerflowError {
  return new TickerflowError(
    'CONFIG_INVALID',
    `Cannot read features from ${path}: ${why}. See docs/how-to/check-for-leakage.md.`,
    { details: { path }, cause },
  )
}
