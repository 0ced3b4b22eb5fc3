/** The first steps of a lifecycle: checked prices, causal features, the recipe, what is live. */
import type { Config } from '../config.ts'
import type { FeatureFrame } from '../features/feature-frame.ts'
import { SAMPLE_SYMBOLS } from '../market/providers/sample.ts'
import { parseSymbol } from '../market/symbol.ts'
import { formatDay } from '../market/trading-date.ts'
import { forecasterName } from '../registry/forecaster-name.ts'
import type { Application } from './application.ts'
import { type LiveModel, liveModel } from './champion.ts'
import { candidateSpec } from './configured-models.ts'
import { askedSpan } from './evaluation-span.ts'
import { buildCheckedFrames } from './frames.ts'
import { type CheckedBars, ingestBars } from './market-data.ts'
import type { Progress, Report } from './progress.ts'
import { createRecipe, type Recipe, recipeDigest } from './recipe.ts'
import { featureTags } from './reproduction-tags.ts'
import type { RunScope } from './run-scope.ts'
import { recipeParams } from './training-log.ts'

export interface LifecycleRequest {
  readonly config: Config
  /** CSV file with the bars of the symbol; the rest of the panel comes from the source. */
  readonly csv?: string | undefined
  readonly progress: Progress
  readonly signal?: AbortSignal | undefined
}

export interface Preparation {
  readonly config: Config
  readonly symbol: string
  /** The registered model that a version will belong to. */
  readonly modelName: string
  /** Bars and frames of the symbol first, then of the rest of the panel. */
  readonly panel: readonly CheckedBars[]
  readonly own: CheckedBars
  readonly frames: readonly FeatureFrame[]
  readonly frame: FeatureFrame
  /** Of the candidate. */
  readonly recipe: Recipe
  readonly live: LiveModel | undefined
  readonly signal: AbortSignal | undefined
}

export async function prepare(app: Application, request: LifecycleRequest): Promise<Preparation> {
  const { config, progress, signal } = request
  const symbol = parseSymbol(config.symbol)
  const spec = candidateSpec(config)
  askedSpan(config.evaluation)
  const panel = await progress.step('Read and check prices', (report) =>
    ingestPanel(app, { ...request, report }),
  )
  const frames = await progress.step('Build features and look for leaks', async (report) => {
    const built = buildCheckedFrames(panel.map(({ bars }) => bars))
    report(`${built[0]?.columns.size ?? 0} features, none sees the future`)
    return built
  })
  const { horizon, furtherHorizons, seed } = config
  const learntFrom = frames.map((frame) => frame.symbol)
  const recipe = createRecipe({ spec, symbol, panel: learntFrom, horizon, seed, furtherHorizons })
  const modelName = forecasterName(symbol)
  const live = await liveModel(app, modelName)
  const [own, frame] = [panel[0], frames[0]]
  if (own === undefined || frame === undefined) throw new RangeError('The panel is empty')
  return { config, symbol, modelName, panel, own, frames, frame, recipe, live, signal }
}

/**
 * What a backtest judges: the symbol that was asked for, else, where there is a panel, each of its
 * symbols.
 */
export function backtestScope(config: Config, symbolAsked: boolean) {
  const [first, ...others] = config.panel ?? []
  if (symbolAsked || first === undefined) return { config, symbols: [parseSymbol(config.symbol)] }
  const whole = { ...config, symbol: first, panel: others }
  return { config: whole, symbols: uniqueSymbols([first, ...others]) }
}

export function uniqueSymbols(symbols: readonly string[]): string[] {
  return [...new Set(symbols.map(parseSymbol))]
}

interface PanelRequest extends LifecycleRequest {
  readonly report: Report
}

/** The bars of the symbol and the rest of its panel, checked and stored. */
export async function ingestPanel(app: Application, request: PanelRequest): Promise<CheckedBars[]> {
  const { config, csv, report, signal } = request
  const own = await ingestBars(app, { symbol: config.symbol, csv, config, signal })
  report(spokenPanel([own]))
  const peers = config.panel ?? (own.bars.source === 'sample' ? SAMPLE_SYMBOLS : [])
  const panel = [own]
  for (const symbol of uniqueSymbols([own.bars.symbol, ...peers]).slice(1)) {
    panel.push(await ingestBars(app, { symbol, config, signal }))
    report(spokenPanel(panel))
  }
  return panel
}

function spokenPanel(panel: readonly CheckedBars[]): string {
  const sizes = panel.map(({ bars }) => `${bars.date.length} bars of ${bars.symbol}`)
  const findings = panel.reduce((total, checked) => total + checked.findings.length, 0)
  return `${sizes.join(', ')}; ${findings === 0 ? 'no findings' : `${findings} finding(s)`}`
}

export function experimentOf({ config, modelName }: Preparation): string {
  return config.experiment ?? modelName
}

/** The tracked run of a lifecycle. */
export function runScopeOf(given: Preparation): RunScope {
  const { recipe, symbol, frame, config } = given
  const asOf = formatDay(frame.date.at(-1) ?? 0)
  return {
    experiment: experimentOf(given),
    name: `${recipe.model} ${symbol} ${asOf}`,
    params: { ...recipeParams(recipe), refit_schedule: config.evaluation.refit },
    tags: {
      'tickerflow.recipe': recipeDigest(recipe),
      'tickerflow.symbol': symbol,
      ...featureTags(given.frames),
    },
  }
}
