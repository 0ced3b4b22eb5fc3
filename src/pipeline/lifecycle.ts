/** The whole life of a forecaster, once through: from prices to a judged, registered version. */
import type { SelectionEvidence } from '../evaluation/selection/selection-evidence.ts'
import { formatDay } from '../market/trading-date.ts'
import type { Environment } from '../registry/environments.ts'
import type { GateVerdict } from '../registry/gate-verdict.ts'
import { promoteThroughStaging } from '../registry/promotion.ts'
import type { Promotion } from '../registry/promotion-journal.ts'
import type { ModelVersion, Run } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'
import { type Evaluation, ownEvaluation } from './evaluate.ts'
import { type FinalFits, fitOnAll } from './final-fit.ts'
import { describeHorizons, fallbackOf, gateRecordOf, judgeFurther } from './further-horizons.ts'
import { writeGateRecord } from './gate-record.ts'
import { assertNotStopped } from './interruption.ts'
import { takeLease, withLease } from './jobs/lease.ts'
import { judgeHorizons, selectionOf } from './judge-horizons.ts'
import { answerForecast, type ForecastAnswer } from './next-forecast.ts'
import { experimentOf, type LifecycleRequest, type Preparation, prepare } from './preparation.ts'
import type { Progress, Report } from './progress.ts'
import { recordResults } from './record-results.ts'
import { registerVersion } from './register-version.ts'
import { writeReport } from './report-file.ts'
import {
  dataDocument,
  type HorizonDocument,
  type RunDocument,
  scoresDocument,
} from './run-document.ts'
import { drawBacktest } from './run-recording/backtest-plots.ts'
import { writeModelCard } from './run-recording/model-card-file.ts'
import { horizonsSection } from './run-recording/model-card-horizons.ts'
import { selectionSection } from './run-recording/model-card-selection.ts'
import type { CardJudgement } from './run-recording/model-card-source.ts'
import { withRecordedRun } from './run-recording/recorded-run.ts'

import {
  judgedPromotion,
  type LifecyclePlan,
  lifecyclePlan,
  registeredBy,
  resumableRun,
  withAttempt,
} from './steps/lifecycle-plan.ts'
import { openSteps, type Steps, writeSteps } from './steps/steps.ts'

/** What the steps have come to, as they end. */
export interface LifecycleOutcome {
  readonly run: Run
  readonly evaluation: Evaluation
  /** What the trial ledger says of the choice of this recipe. */
  readonly selection: SelectionEvidence
  readonly final: FinalFits
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
  const plan = await lifecyclePlan(app, given)
  const attempt = async (run: Run) => {
    const steps = openSteps(app, run)
    const where = { run, plan, steps, step: request.progress.step }
    const document = await withAttempt(app, { plan: plan.digest, run: run.id }, () =>
      runSteps(app, given, where),
    )
    await writeSteps(app, run, steps)
    return { ...document, durationMs: Math.round(app.stopwatch() - startedMs) }
  }
  const name = `lifecycle ${plan.digest}`
  const holder = app.newId()
  const lease = { database: app.database, wallClock: app.wallClock, holder }
  // Only what no living process is working on can be gone on with.
  if (!takeLease(name, lease)) return await withRecordedRun(app, given, attempt)
  return await withLease(name, lease, async () => {
    const resumed = await resumableRun(app, given, plan)
    return await withRecordedRun(app, given, attempt, resumed)
  })
}

interface Attempt {
  readonly run: Run
  readonly plan: LifecyclePlan
  readonly steps: Steps
  readonly step: Progress['step']
}

async function runSteps(
  app: Application,
  given: Preparation,
  { run, plan, steps, step }: Attempt,
): Promise<Omit<RunDocument, 'durationMs'>> {
  const [evaluation, ...others] = await step('Judge walk-forward', async (report) => {
    const judge = () => judgeHorizons(app, given, report)
    const { value, isKept } = await steps.compute('judge', plan.judge, judge)
    if (isKept) report(`${spokenDays(value[0])}, as judged before`)
    return value
  })
  const selection = selectionOf(app, given, evaluation)
  const further = others.map((one) => ({
    evaluation: one,
    selection: selectionOf(app, given, one),
  }))
  const final = await step('Train on all data', async (report) => {
    // The fit is in a worker: this thread is free to draw meanwhile.
    const drawing = drawBacktest(app, given, { run, evaluation })
    const fit = () => fitOnAll(app, given, report)
    const [{ value, isKept }] = await Promise.all([steps.compute('fit', plan.fit, fit), drawing])
    if (isKept) report('as trained before')
    return value
  })
  const version = await step('Record and register', async (report) => {
    assertNotStopped(given.signal)
    await steps.effect('record', null, {
      find: async (wasDone) => (wasDone ? true : undefined),
      identity: () => null,
      async work() {
        await recordResults(app, given, { run, evaluation, final, furtherEvaluations: others })
        return true
      },
    })
    return await steps.effect('register', null, {
      find: () => registeredBy(app, given, run.id),
      identity: ({ name, version: number }) => ({ name, version: number }),
      work: () => registerVersion(app, given, { run, final, report }),
    })
  })
  const { promotion, verdicts } = await step('Ask the gate', async (report) => {
    assertNotStopped(given.signal)
    const verdicts = await judgeFurther(app, given, { run, version, further })
    const own = { run, evaluation, selection, version, report }
    const promotion = await steps.effect('gate', version.version, {
      find: async () => judgedPromotion(app, version),
      identity: ({ id, verdict }) => ({ id, decision: verdict?.decision ?? null }),
      work: () => askGate(app, given, own),
    })
    report(verdictOf(promotion).decision)
    return { promotion, verdicts }
  })
  const outcome = { run, evaluation, selection, final, version, promotion }
  const fallback = fallbackOf(version, final)
  const answer = await answerForecast(app, { ...given, fallback })
  const horizons = await describeHorizons(app, given, { further, verdicts, fallback })
  const document = describeRun(given, outcome, answer, horizons)
  return await step('Write the report', async (report) => {
    const path = await writeReport(app, given, { ...outcome, answer, document })
    const sections = {
      selection: selectionSection(selection),
      horizons: horizonsSection(given.recipe.model, horizons),
    }
    await writeModelCard(app, given, { ...outcome, judged: judgedOf(given, outcome), sections })
    report(path)
    return { ...document, report: path }
  })
}

function spokenDays(evaluation: Evaluation): string {
  const { backtest } = ownEvaluation(evaluation)
  return `${backtest.date.length} test days of ${backtest.symbol}`
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
  const record = gateRecordOf(given, { evaluation, selection })
  const { recipe, evidence } = record
  await writeGateRecord(app.tracking, run.id, record)
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
  horizons: readonly HorizonDocument[],
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
    ...(horizons.length === 0 ? {} : { horizons }),
  }
}
