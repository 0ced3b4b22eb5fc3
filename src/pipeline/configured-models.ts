/** Which models the configuration names, refused before any work when one cannot be built. */
import type { Config } from '../config.ts'
import { TickerflowError } from '../errors.ts'
import { FEATURES } from '../features/feature-set.ts'
import type { ForecasterSpec } from '../forecast/forecaster.ts'
import { createForecaster } from '../forecast/model-catalogue.ts'

/** Models that take the options of the LSTM. */
const HAS_LSTM = ['lstm', 'combination']

/**
 * The models to judge, each once; the LSTM with the configured options.
 *
 * @throws {TickerflowError} CONFIG_INVALID on an unknown model, option or feature.
 */
export function configuredModels(config: Config): ForecasterSpec[] {
  const specs = [...new Set(config.models)].map((name) => specOf(config, name))
  for (const spec of specs) assertBuildable(spec)
  return specs
}

/**
 * The model that becomes a version.
 *
 * @throws {TickerflowError} CONFIG_INVALID when it is not among the models that are judged, or one
 *   of these cannot be built.
 */
export function candidateSpec(config: Config): ForecasterSpec {
  const specs = configuredModels(config)
  const names = specs.map(({ name }) => name)
  const missing = [config.candidate, 'naive'].filter((name) => !names.includes(name))
  if (missing.length === 0) return specOf(config, config.candidate)
  throw new TickerflowError(
    'CONFIG_INVALID',
    `The models to judge (${names.join(', ')}) lack ${missing.join(' and ')}: the candidate is ` +
      'judged beside the naive forecast. Add them to `models`.',
    { details: { missing } },
  )
}

function specOf(config: Config, name: string): ForecasterSpec {
  return HAS_LSTM.includes(name) ? { name, options: config.lstm } : { name }
}

function assertBuildable(spec: ForecasterSpec): void {
  const { features = [] } = createForecaster(spec).options
  const known = FEATURES.map(({ name }) => name)
  const unknown = Array.isArray(features) ? features.filter((name) => !known.includes(name)) : []
  if (unknown.length === 0) return
  throw new TickerflowError(
    'CONFIG_INVALID',
    `Model '${spec.name}' cannot read the feature '${unknown[0]}'. Known features: ${known.join(', ')}.`,
    { details: { path: `/${spec.name}/features`, unknown } },
  )
}
