/** The whole life of a forecaster, once through: from prices to a judged, registered version. */
import type { LeakageFinding } from '../evaluation/leakage.ts'
import type { SelectionEvidence } from '../evaluation/selection/selection-evidence.ts'
import type { ForecasterSpec } from '../forecast/forecaster.ts'
import { restoreForecaster } from '../forecast/model-catalogue.ts'
import { formatDay } from '../market/trading-date.ts'
import type { Environment } from '../registry/environments.ts'
import type { GateVerdict } from '../registry/gate-verdict.ts'
import { promoteThroughStaging } from '../registry/promotion.ts'
import type { Promotion } from '../registry/promotion-journal.ts'
import type { ModelVersion, Run } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'
import { rivalOf } from './champion.ts'
import { configuredModels } from './configured-models.ts'
import { type Evaluation, evaluate, ownEvaluation } from './evaluate.ts'
import { type FinalFit, fitOnAll } from './final-fit.ts'
import { findModelLeaks } from './frames.ts'
import { gateEvidence } from './gate-case.ts'
import { writeGateRecord } from './gate-record.ts'
import { assertNotStopped } from './interruption.ts'
import { answerForecast, type ForecastAnswer } from './next-forecast.ts'
import { experimentOf, type LifecycleRequest, type Preparation, prepare } from './preparation.ts'
import type { Report } from './progress.ts'
import { recipeDigest, specOfRecipe } from './recipe.ts'
import { recordResults } from './record-results.ts'
import { registerVersion } from './register-version.ts'
import { writeReport } from './report-file.ts'
import { dataDocument, type RunDocument, scoresDocument } from './run-document.ts'
import { drawBacktest } from './run-recording/backtest-plots.ts'
import { writeModelCard } from './run-recording/model-card-file.ts'
import { selectionSection } from './run-recording/model-card-selection.ts'
import type { CardJudgement } from './run-recording/model-card-source.ts'
import { withRecordedRun } from './run-recording/recorded-run.ts'
import { recordTrials } from './trials.ts'

/** What the steps have come to, as they end. */
export interface LifecycleOutcome {
  readonly run: Run
  readonly evaluation: Evaluation
  /** What the trial ledger says of the choice of this recipe. */
  readonly selection: SelectionEvidence
  readonly final: FinalFit
  readonly version: ModelVersion
  readonly promotion: Promotion
}

/**
 * Runs the lifecycle and tells it as one document.
 *
 * @throws {TickerflowError} What any step throws. The run is then recorded as failed or killed, and
 *   what is live has not changed. A stop that is asked for once the gate is being asked comes too
 *   late: the run ends as usual.
 */
export async function runLifecycle(
  app: Application,
  request: LifecycleRequest,
): Promise<RunDocument> {
  const startedMs = app.stopwatch()
  const given = await prepare(app, request)
  const { step } = request.progress
  return await withRecordedRun(app, given, async (run) => {
    const evaluation = await step('Judge walk-forward', (report) => judgeModels(app, given, report))
    const selection = selectionOf(app, given, evaluation)
    const final = await step('Train on all data', async (report) => {
      // The fit is in a worker: this thread is free to draw meanwhile.
      const drawing = drawBacktest(app, given, { run, evaluation })
      const [fitted] = await Promise.all([fitOnAll(app, given, report), drawing])
      return fitted
    })
    const version = await step('Record and register', async (report) => {
      assertNotStopped(given.signal)
      await recordResults(app, given, { run, evaluation, final })
      return await registerVersion(app, given, { run, final, report })
    })
    const promotion = await step('Ask the gate', async (report) => {
      assertNotStopped(given.signal)
      return await askGate(app, given, { run, evaluation, selection, version, report })
    })
    const outcome = { run, evaluation, selection, final, version, promotion }
    const fallback = { version, forecaster: restoreForecaster(final.saved) }
    const answer = await answerForecast(app, { ...given, fallback })
    const document = describeRun(given, outcome, answer)
    return await step('Write the report', async (report) => {
      const path = await writeReport(app, given, { ...outcome, answer, document })
      const sections = { selection: selectionSection(selection) }
      await writeModelCard(app, given, { ...outcome, judged: judgedOf(given, outcome), sections })
      report(path)
      return { ...document, report: path, durationMs: Math.round(app.stopwatch() - startedMs) }
    })
  })
}

async function judgeModels(
  app: Application,
  given: Preparation,
  report: Report,
): Promise<Evaluation> {
  const { config, frames, symbol, signal } = given
  const models = judgedModels(given)
  return await evaluate(app, { config, frames, symbols: [symbol], models, report, signal })
}

function judgedModels({ config, live, recipe }: Preparation): ForecasterSpec[] {
  const rival = rivalOf(live, recipeDigest(recipe))
  return [...configuredModels(config), ...(rival === undefined ? [] : [rival])]
}

function selectionOf(
  app: Application,
  given: Preparation,
  evaluation: Evaluation,
): SelectionEvidence {
  const { config, panel, symbol, recipe } = given
  const models = judgedModels(given)
  const evaluated = { config, panel, models, evaluation, candidate: recipe.model }
  const selection = recordTrials(app, evaluated)[symbol]
  if (selection === undefined) throw new RangeError(`No backtest of ${symbol} was recorded`)
  return selection
}

/** Looks for a candidate that knows what follows its training span. */
function leakageOf(given: Preparation, evaluation: Evaluation): LeakageFinding[] {
  const { frames, symbol, recipe } = given
  const { folds, horizon } = ownEvaluation(evaluation).backtest
  const trainTo = folds[Math.floor(folds.length / 2)]?.trainTo ?? 0
  return findModelLeaks(frames, [specOfRecipe(recipe)], { symbol, horizon, trainTo })
}

interface GateStep {
  readonly run: Run
  readonly evaluation: Evaluation
  readonly selection: SelectionEvidence
  readonly version: ModelVersion
  readonly report: Report
}

async function askGate(
  app: Application,
  given: Preparation,
  { run, evaluation, selection, version, report }: GateStep,
): Promise<Promotion> {
  const { own, recipe: made, live, frame } = given
  const recipe = recipeDigest(made)
  const evidence = gateEvidence({
    candidate: made.model,
    ...ownEvaluation(evaluation),
    leakage: leakageOf(given, evaluation),
    dataAgeSessions: own.ageSessions,
    historical: own.historical,
    trial: selection.trial,
  })
  const champion = live === undefined ? undefined : recipeDigest(live.recipe)
  const asOf = formatDay(frame.date.at(-1) ?? 0)
  await writeGateRecord(app.tracking, run.id, { recipe, champion, asOf, evidence })
  const { last: promotion } = await promoteThroughStaging(app.promotions, {
    model: version.name,
    version: version.version,
    recipe,
    requester: app.user,
    policy: app.gatePolicy,
    evidence,
  })
  report(verdictOf(promotion).decision)
  return promotion
}

function verdictOf(promotion: Promotion): GateVerdict {
  if (promotion.verdict !== undefined) return promotion.verdict
  throw new RangeError(`Promotion ${promotion.id} was never judged: it is ${promotion.state}`)
}

/** What the model card says of the judgement. */
function judgedOf({ config, recipe }: Preparation, outcome: LifecycleOutcome): CardJudgement {
  const { backtest, judgement } = ownEvaluation(outcome.evaluation)
  const { folds } = backtest
  const { refit } = config.evaluation
  const gate = verdictOf(outcome.promotion)
  return { candidate: recipe.model, folds, refit, judgement, gate }
}

/** Where a version is that got as far as this promotion: to ask for Production it has to be in Staging. */
function environmentOf({ state, environment }: Promotion): Environment {
  if (state === 'committed') return environment
  return environment === 'production' ? 'staging' : 'development'
}

/** The document of a finished lifecycle, but for the report and the duration. */
function describeRun(
  given: Preparation,
  { run, evaluation, selection, promotion, version }: LifecycleOutcome,
  answer: ForecastAnswer,
): Omit<RunDocument, 'report' | 'durationMs'> {
  const { own, frame, symbol, modelName } = given
  const { backtest, judgement } = ownEvaluation(evaluation)
  const { decision, reasons, claims } = verdictOf(promotion)
  return {
    symbol,
    asOf: formatDay(frame.date.at(-1) ?? 0),
    historical: own.historical,
    data: dataDocument(own.bars, own.findings),
    folds: backtest.folds.length,
    scores: scoresDocument(judgement),
    tests: judgement.tests,
    selection,
    run: { id: run.id, experiment: experimentOf(given) },
    version: {
      name: modelName,
      version: String(version.version),
      environment: environmentOf(promotion),
    },
    gate: { decision, reasons, claims },
    forecast: answer.document,
  }
}
