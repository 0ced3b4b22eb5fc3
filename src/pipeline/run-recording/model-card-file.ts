/** Writes a version's model card: an artifact of its run, which the version's tags point to. */
import { formatDay } from '../../market/trading-date.ts'
import type { ModelVersion, Run } from '../../tracking/tracking-store.ts'
import type { Application } from '../application.ts'
import type { FinalFit } from '../final-fit.ts'
import { experimentOf, type Preparation } from '../preparation.ts'
import { modelCard, summary } from './model-card.ts'
import type { CardJudgement, CardSections, CardSource } from './model-card-source.ts'

export const MODEL_CARD_FILE = 'model-card.md'
/** Where the card of a version is, as an MLflow URI. */
const MODEL_CARD_TAG = 'tickerflow.modelCard'

export interface CardRequest {
  readonly run: Run
  readonly version: ModelVersion
  readonly final: FinalFit
  readonly judged?: CardJudgement
  readonly sections?: CardSections
}

export async function writeModelCard(
  app: Application,
  given: Preparation,
  request: CardRequest,
): Promise<void> {
  const { tracking } = app
  const source = await cardSource(app, given, request)
  await tracking.writeArtifact(request.run.id, MODEL_CARD_FILE, modelCard(source))
  await tracking.updateModelVersion(request.version, {
    description: summary(source),
    tags: { [MODEL_CARD_TAG]: `runs:/${request.run.id}/${MODEL_CARD_FILE}` },
  })
}

async function cardSource(
  app: Application,
  given: Preparation,
  { run, version, final, judged, sections }: CardRequest,
): Promise<CardSource> {
  const { recipe, panel, live, frame, own } = given
  const { tags } = await app.tracking.getRun(run.id)
  return {
    version,
    parentVersion: live?.version.version,
    recipe,
    panel,
    trainedTo: formatDay(frame.date.at(-1) ?? 0),
    historical: own.historical,
    training: final.training,
    run: { id: run.id, experiment: experimentOf(given), tags },
    ...(judged === undefined ? {} : { judged }),
    ...(sections === undefined ? {} : { sections }),
  }
}
