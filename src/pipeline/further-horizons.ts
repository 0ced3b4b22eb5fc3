/** The further horizons of a version: judged like the one that it is promoted on, promoted with it. */
import type { LeakageFinding } from '../evaluation/leakage.ts'
import type { SelectionEvidence } from '../evaluation/selection/selection-evidence.ts'
import { restoreForecaster } from '../forecast/model-catalogue.ts'
import { formatDay } from '../market/trading-date.ts'
import type { GateVerdict } from '../registry/gate-verdict.ts'
import { judgeHorizon } from '../registry/horizon-verdicts.ts'
import type { ModelVersion, Run } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'
import { type Evaluation, ownEvaluation } from './evaluate.ts'
import type { FinalFits } from './final-fit.ts'
import { findModelLeaks } from './frames.ts'
import { gateEvidence } from './gate-case.ts'
import { furtherEvidenceFile, type GateRecord, writeGateRecord } from './gate-record.ts'
import { answerForecast, type VersionForecasters } from './next-forecast.ts'
import type { Preparation } from './preparation.ts'
import { recipeAt, recipeDigest, specOfRecipe } from './recipe.ts'
import { type HorizonDocument, scoresDocument } from './run-document.ts'

/** One horizon, judged. */
export interface JudgedHorizon {
  readonly evaluation: Evaluation
  /** What the trial ledger says of the choice of the recipe for it. */
  readonly selection: SelectionEvidence
}

/** What the gate is asked about one horizon, on the whole recipe. */
export function gateRecordOf(
  given: Preparation,
  { evaluation, selection }: JudgedHorizon,
): GateRecord {
  const { own, recipe, live, frame } = given
  const evidence = gateEvidence({
    candidate: recipe.model,
    ...ownEvaluation(evaluation),
    leakage: leakageOf(given, evaluation),
    dataAgeSessions: own.ageSessions,
    historical: own.historical,
    trial: selection.trial,
  })
  return {
    recipe: recipeDigest(recipe),
    champion: live === undefined ? undefined : recipeDigest(live.recipe),
    asOf: formatDay(frame.date.at(-1) ?? 0),
    evidence,
  }
}

/** Looks for a candidate that knows what follows its training span. */
function leakageOf(given: Preparation, evaluation: Evaluation): LeakageFinding[] {
  const { frames, symbol, recipe } = given
  const { folds, horizon } = ownEvaluation(evaluation).backtest
  const trainTo = folds[Math.floor(folds.length / 2)]?.trainTo ?? 0
  return findModelLeaks(frames, [specOfRecipe(recipe)], { symbol, horizon, trainTo })
}

export interface FurtherCase {
  readonly run: Run
  readonly version: ModelVersion
  readonly further: readonly JudgedHorizon[]
}

/**
 * Asks the gate about each further horizon. The verdict decides whether forecasts of it are usable,
 * not whether the version is promoted.
 */
export async function judgeFurther(
  app: Application,
  given: Preparation,
  { run, version, further }: FurtherCase,
): Promise<readonly GateVerdict[]> {
  const verdicts: GateVerdict[] = []
  for (const judged of further) {
    const record = gateRecordOf(given, judged)
    const { evidence } = record
    const { horizon } = evidence
    await writeGateRecord(app.tracking, run.id, record, furtherEvidenceFile(horizon))
    const verdict = judgeHorizon(app.database, {
      model: version.name,
      version: version.version,
      recipe: recipeDigest(recipeAt(given.recipe, horizon)),
      evidence,
      policy: app.gatePolicy,
      atMs: app.clock(),
    })
    const tags = { [`tickerflow.verdict.h${horizon}`]: verdict.decision }
    await app.tracking.updateModelVersion(version, { tags })
    verdicts.push(verdict)
  }
  return verdicts
}

/** The version that a run has made, ready to forecast. */
export function fallbackOf(version: ModelVersion, final: FinalFits): VersionForecasters {
  const further = final.further.map(({ saved }) => restoreForecaster(saved))
  return { version, forecaster: restoreForecaster(final.saved), further }
}

export interface DescribedHorizons {
  readonly further: readonly JudgedHorizon[]
  /** In step with `further`. */
  readonly verdicts: readonly GateVerdict[]
  readonly fallback: VersionForecasters
}

/** The part of a run's document about its further horizons. */
export async function describeHorizons(
  app: Application,
  given: Preparation,
  { further, verdicts, fallback }: DescribedHorizons,
): Promise<HorizonDocument[]> {
  const documents: HorizonDocument[] = []
  for (const [i, { evaluation, selection }] of further.entries()) {
    const { backtest, judgement } = ownEvaluation(evaluation)
    const { horizon } = backtest
    const verdict = verdicts[i]
    if (verdict === undefined) throw new RangeError(`Horizon ${horizon} was never judged`)
    const { decision, reasons, claims } = verdict
    const answer = await answerForecast(app, { ...given, horizon, fallback })
    documents.push({
      horizon,
      scores: scoresDocument(judgement),
      tests: judgement.tests,
      selection,
      gate: { decision, reasons, claims },
      forecast: answer.document,
    })
  }
  return documents
}
