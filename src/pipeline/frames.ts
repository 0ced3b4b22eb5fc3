/** Feature frames of checked bars, after proof that no feature reads the future. */
import {
  assertNoLeakage,
  findFeatureLeakage,
  findModelLeakage,
  type LeakageFinding,
} from '../evaluation/leakage.ts'
import { buildFeatureFrame } from '../features/build-frame.ts'
import type { FeatureFrame } from '../features/feature-frame.ts'
import { FEATURES } from '../features/feature-set.ts'
import type { FitRequest, FittedForecaster, ForecasterSpec } from '../forecast/forecaster.ts'
import { createForecaster, isPooled } from '../forecast/model-catalogue.ts'
import type { Bars } from '../market/bars.ts'
import { createRandom } from '../numerics/random.ts'

/** @throws {TickerflowError} LEAKAGE_FOUND; names each feature and the day that gave it away. */
export function buildCheckedFrames(panel: readonly Bars[]): FeatureFrame[] {
  assertNoLeakage(panel.flatMap((bars) => findFeatureLeakage(bars, FEATURES)))
  return panel.map((bars) => buildFeatureFrame(bars))
}

/** Fits a cheap version of each model with and without the bars after its training span. */
export function findModelLeaks(
  frames: readonly FeatureFrame[],
  specs: readonly ForecasterSpec[],
  fit: BriefFit,
): LeakageFinding[] {
  return specs.flatMap((spec) =>
    findModelLeakage(createForecaster(quick(spec)), fitRequest(frames, spec, fit)),
  )
}

/** Fits a cheap version of a model, for what is to be seen in its forecasts. */
export function fitBriefly(
  frames: readonly FeatureFrame[],
  spec: ForecasterSpec,
  fit: BriefFit,
): FittedForecaster {
  return createForecaster(quick(spec)).fit(fitRequest(frames, spec, fit))
}

interface BriefFit {
  readonly symbol: string
  readonly horizon: number
  /** A day that other bars of the frames follow. */
  readonly trainTo: number
}

function fitRequest(
  frames: readonly FeatureFrame[],
  spec: ForecasterSpec,
  { symbol, horizon, trainTo }: BriefFit,
): FitRequest {
  return {
    frames: isPooled(spec) ? frames : frames.filter((frame) => frame.symbol === symbol),
    symbol,
    span: { from: frames[0]?.date[0] ?? 0, to: trainTo },
    horizon,
    random: createRandom(0),
  }
}

/** Enough of a fit to show what it reads; the weights need not be good. */
function quick(spec: ForecasterSpec): ForecasterSpec {
  const brief = { ...spec.options, epochs: 1, seeds: 1 }
  if (spec.name === 'lstm') return { ...spec, options: brief }
  if (spec.name === 'combination') return { ...spec, options: { ...brief, weightFolds: 1 } }
  return spec
}
