/** Searches settings of the LSTM on days before the evaluation span. */

import type { FoldSpan } from '../../evaluation/backtest.ts'
import { judge } from '../../evaluation/judgement.ts'
import { edgeReturns } from '../../evaluation/selection/edge-strategy.ts'
import { walkForward } from '../../evaluation/walk-forward.ts'
import type { FeatureFrame } from '../../features/feature-frame.ts'
import type { ForecasterOptions, ForecasterSpec } from '../../forecast/forecaster.ts'
import { createForecaster } from '../../forecast/model-catalogue.ts'
import type { Bars } from '../../market/bars.ts'
import { parseSymbol } from '../../market/symbol.ts'
import { createRandom } from '../../numerics/random.ts'
import { forecasterName } from '../../registry/forecaster-name.ts'
import type { Application } from '../application.ts'
import { configuredModels } from '../configured-models.ts'
import { evaluationSpan } from '../evaluation-span.ts'
import { buildCheckedFrames } from '../frames.ts'
import { assertNotStopped } from '../interruption.ts'
import { ingestPanel, type LifecycleRequest } from '../preparation.ts'
import { createCountdown } from '../progress.ts'
import { createRecipe } from '../recipe.ts'
import { withRun } from '../run-scope.ts'
import { recipeParams } from '../training-log.ts'
import { assertRanges, DEFAULT_RANGES, drawOptions } from './search-space.ts'
import { countJudgements, halve, type Judged, planRounds } from './successive-halving.ts'
import { type FoldOutcome, openTuningCheckpoint } from './tuning-checkpoint.ts'
import { type TuningDocument, tuningDocument } from './tuning-document.ts'
import { barsBefore, tuningFolds } from './tuning-folds.ts'
import { recordTuningTrial } from './tuning-record.ts'

/** What is being searched, and on what. */
export interface Search {
  readonly request: LifecycleRequest
  readonly symbol: string
  /** Up to the evaluation span only. */
  readonly bars: readonly Bars[]
  readonly frames: readonly FeatureFrame[]
  /** Symbols with enough history to be judged on every fold. */
  readonly judged: readonly string[]
  /** The latest first. */
  readonly folds: readonly FoldSpan[]
  /** What each trial changes; trial 0 changes nothing. */
  readonly drawn: readonly ForecasterOptions[]
  readonly specs: readonly ForecasterSpec[]
}

/**
 * Runs the search; judgements that an interrupted one has made are not made again.
 *
 * @throws {TickerflowError} CONFIG_INVALID on ranges that the LSTM does not have or take;
 *   DATA_INSUFFICIENT where too little history lies before the evaluation span; INTERRUPTED.
 */
export async function tuneModel(
  app: Application,
  request: LifecycleRequest,
): Promise<TuningDocument> {
  const startedMs = app.stopwatch()
  const { config, progress } = request
  const drawn = drawTrials(request)
  const specs = drawn.map((options) => specOf(request, options))
  const panel = await progress.step('Read and check prices', (report) =>
    ingestPanel(app, { ...request, report }),
  )
  const search = await progress.step('Build features before the evaluation span', async () =>
    planSearch(
      request,
      panel.map(({ bars }) => bars),
      { drawn, specs },
    ),
  )
  const { symbol } = search
  const modelName = forecasterName(symbol)
  const scope = {
    experiment: config.experiment ?? modelName,
    name: `tune lstm ${symbol}`,
    params: recipeParams(
      createRecipe({
        spec: specs[0] as ForecasterSpec,
        symbol,
        panel: search.bars.map((bars) => bars.symbol),
        horizon: config.horizon,
        seed: config.seed,
      }),
    ),
    tags: { 'tickerflow.symbol': symbol, 'tickerflow.kind': 'tuning' },
  }
  return await withRun(app, scope, async (run) => {
    const outcomes = await openTuningCheckpoint(app.directory, identityOf(search))
    const judged = await progress.step('Search', (report) =>
      searchRounds(search, { app, run, outcomes, report }),
    )
    const durationMs = Math.round(app.stopwatch() - startedMs)
    const document = tuningDocument(search, { judged, outcomes, run, durationMs })
    const text = `${JSON.stringify(document, null, 2)}\n`
    await app.tracking.writeArtifact(run.id, 'tuning.json', text)
    return document
  })
}

function drawTrials({ config }: LifecycleRequest): ForecasterOptions[] {
  const { trials, ranges = DEFAULT_RANGES } = config.tune
  assertRanges(ranges)
  const random = createRandom(config.seed).fork('tune')
  return [{}, ...Array.from({ length: trials }, (_, i) => drawOptions(ranges, random.fork(i + 1)))]
}

function specOf({ config }: LifecycleRequest, options: ForecasterOptions): ForecasterSpec {
  const [spec] = configuredModels({
    ...config,
    models: ['lstm'],
    lstm: { ...config.lstm, ...options },
  })
  return spec as ForecasterSpec
}

function planSearch(
  request: LifecycleRequest,
  panel: readonly Bars[],
  trials: Pick<Search, 'drawn' | 'specs'>,
): Search {
  const { config } = request
  const { from, to, embargoSessions } = config.evaluation
  const { horizon, tune } = config
  const first = evaluationSpan(panel[0]?.date ?? new Int32Array(), { from, to }).from
  const bars = panel.map((one) => barsBefore(one, first)).filter(({ date }) => date.length > 0)
  const frames = buildCheckedFrames(bars)
  const date = frames[0]?.date ?? new Int32Array()
  const folds = tuningFolds({ date, ...tune, horizon, embargoSessions })
  const needed = folds.at(-1)?.trainTo ?? 0
  const judged = bars
    .filter((one) => one.date.findLastIndex((day) => day <= needed) >= SESSIONS_TO_BE_JUDGED)
    .map(({ symbol }) => symbol)
  return { request, symbol: parseSymbol(config.symbol), bars, frames, judged, folds, ...trials }
}

/** Of history before the first fold; a younger symbol is learnt from but not judged. */
const SESSIONS_TO_BE_JUDGED = 400

/** Equal searches make equal judgements. */
function identityOf({ request, bars, judged, folds, specs }: Search): unknown {
  const options = specs.map((spec) => createForecaster(spec).options)
  const { horizon, seed } = request.config
  return { digests: bars.map(({ digest }) => digest), judged, folds, options, horizon, seed }
}

interface Searching {
  readonly app: Application
  readonly run: Parameters<typeof recordTuningTrial>[2]['run']
  readonly outcomes: Awaited<ReturnType<typeof openTuningCheckpoint>>
  readonly report: (note: string) => void
}

async function searchRounds(search: Search, searching: Searching): Promise<readonly Judged[]> {
  const { app, run, outcomes, report } = searching
  const { trials, reduction } = search.request.config.tune
  const rounds = planRounds({ trials, reduction, folds: search.folds.length })
  const total = countJudgements(rounds)
  const countdown = createCountdown(app.stopwatch)
  const before = outcomes.found
  let done = 0
  const foldOutcome = async (trial: number, fold: number): Promise<FoldOutcome> => {
    const known = outcomes.get(trial, fold)
    if (known !== undefined) return known
    assertNotStopped(search.request.signal)
    const outcome = await judgeOnFold(app, search, { trial, fold })
    await outcomes.set(trial, fold, outcome)
    done++
    const share = done / Math.max(1, total - before)
    report(`${before + done} of ${total} fits${countdown(share)}`)
    return outcome
  }
  const judged = await halve({
    rounds,
    async judge(trial, folds) {
      const each = Array.from({ length: folds }, (_, fold) => foldOutcome(trial, fold))
      const losses = (await Promise.all(each)).map(relativeLoss)
      return losses.reduce((sum, loss) => sum + loss, 0) / losses.length
    },
    onDecided: (trial, losses) => recordTuningTrial(app, search, { run, trial, losses, outcomes }),
  })
  report(`${search.specs.length} settings in ${rounds.length} rounds`)
  return judged
}

/** Mean over symbols of the CRPS relative to the naive forecast's. */
function relativeLoss(outcome: FoldOutcome): number {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const ratios = outcome.map(({ losses, naive }) => sum(losses) / sum(naive))
  return sum(ratios) / ratios.length
}

async function judgeOnFold(
  app: Application,
  { request, frames, judged, folds, specs }: Search,
  { trial, fold }: { readonly trial: number; readonly fold: number },
): Promise<FoldOutcome> {
  const { config, signal } = request
  const { horizon, seed } = config
  const spec = { ...(specs[trial] as ForecasterSpec), label: 'trial' }
  const result = await walkForward(
    {
      frames,
      symbols: judged,
      models: [{ name: 'naive' }, spec],
      folds: [folds[fold] as FoldSpan],
      horizon,
      seed,
    },
    { execute: app.pool.executeFold, ...(signal === undefined ? {} : { signal }) },
  )
  return result.backtests.map((backtest) => {
    const { losses } = judge(backtest)
    const track = backtest.tracks.find(({ model }) => model === 'trial')
    return {
      symbol: backtest.symbol,
      date: [...backtest.date],
      losses: [...(losses.trial ?? [])],
      naive: [...(losses.naive ?? [])],
      returns: track === undefined ? [] : [...edgeReturns(backtest, track)],
    }
  })
}
