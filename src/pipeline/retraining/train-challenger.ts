/** Judges, fits and registers a challenger of what is live, with its evidence; the gate comes later. */
import { formatDay } from '../../market/trading-date.ts'
import type { Application } from '../application.ts'
import { ownEvaluation } from '../evaluate.ts'
import { fitOnAll } from '../final-fit.ts'
import { gateRecordOf, judgeFurther } from '../further-horizons.ts'
import { writeGateRecord } from '../gate-record.ts'
import { assertNotStopped } from '../interruption.ts'
import { judgeHorizons, selectionOf } from '../judge-horizons.ts'
import { type LifecycleRequest, prepare } from '../preparation.ts'
import { recordResults } from '../record-results.ts'
import { registerVersion } from '../register-version.ts'
import { withRecordedRun } from '../run-recording/recorded-run.ts'
import { lifecyclePlan } from '../steps/lifecycle-plan.ts'
import { openSteps, writeSteps } from '../steps/steps.ts'
import type { RetrainReason } from './retrain-due.ts'
import type { TrainedChallenger } from './retraining-journal.ts'

/** Tag of a run that was not started by `tickerflow run`, and why. */
export const RETRAIN_TAG = 'tickerflow.retrain'

/**
 * @throws {TickerflowError} What the steps of a lifecycle throw; nothing is live then that was not
 *   live before.
 */
export async function trainChallenger(
  app: Application,
  request: LifecycleRequest,
  why: RetrainReason,
): Promise<TrainedChallenger> {
  const given = await prepare(app, request)
  const plan = await lifecyclePlan(app, given)
  const { step } = request.progress
  return await withRecordedRun(app, given, async (run) => {
    const steps = openSteps(app, run)
    const tags = { [RETRAIN_TAG]: why.trigger, [`${RETRAIN_TAG}.reason`]: why.reason }
    await app.tracking.logBatch(run.id, { tags })
    const judged = await step('Judge walk-forward', (report) =>
      steps.compute('judge', plan.judge, () => judgeHorizons(app, given, report)),
    )
    const [evaluation, ...others] = judged.value
    const selection = selectionOf(app, given, evaluation)
    const further = others.map((one) => ({
      evaluation: one,
      selection: selectionOf(app, given, one),
    }))
    const { value: final } = await step('Train on all data', (report) =>
      steps.compute('fit', plan.fit, () => fitOnAll(app, given, report)),
    )
    const version = await step('Record and register', async (report) => {
      assertNotStopped(given.signal)
      await recordResults(app, given, { run, evaluation, final, furtherEvaluations: others })
      await writeGateRecord(app.tracking, run.id, gateRecordOf(given, { evaluation, selection }))
      return await registerVersion(app, given, { run, final, report })
    })
    await judgeFurther(app, given, { run, version, further })
    await writeSteps(app, run, steps)
    const trainedTo = given.frame.date.at(-1) ?? 0
    return { run: run.id, version: version.version, trainedTo }
  })
}

/** The models that a first champion is chosen from. */
const CLASSICAL = ['ewma', 'garch', 'har']

/** The classical model with the lowest CRPS in the backtest so far. */
export async function bestClassicalModel(
  app: Application,
  request: LifecycleRequest,
): Promise<string> {
  const given = await prepare(app, request)
  const [evaluation] = await request.progress.step('Choose the first champion', (report) =>
    judgeHorizons(app, given, report),
  )
  const { judgement } = ownEvaluation(evaluation)
  const known = CLASSICAL.flatMap((model) => {
    const crps = judgement.scores[model]?.crps
    return crps === undefined ? [] : [{ model, crps }]
  })
  const [best] = known.toSorted((a, b) => a.crps - b.crps)
  if (best !== undefined) return best.model
  const names = CLASSICAL.join(', ')
  throw new RangeError(
    `None of ${names} was judged up to ${formatDay(given.frame.date.at(-1) ?? 0)}`,
  )
}
