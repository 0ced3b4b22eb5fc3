/** Turns a fitted model into a registered version in Development. */

import { isTickerflowError } from '../errors.ts'
import { formatDay } from '../market/trading-date.ts'
import { placeInDevelopment } from '../registry/environments.ts'
import { versionTags } from '../registry/forecaster-name.ts'
import type { ModelVersion, Run, StringMap } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'
import type { FinalFits } from './final-fit.ts'
import { MODEL_DIRECTORY, writeModelFiles } from './model-file.ts'
import type { Preparation } from './preparation.ts'
import type { Report } from './progress.ts'
import { horizonsOf, recipeDigest } from './recipe.ts'
import { dataTag } from './training-bars.ts'

export interface Registration {
  readonly run: Run
  readonly final: FinalFits
  readonly report: Report
}

export async function registerVersion(
  app: Application,
  given: Preparation,
  { run, final, report }: Registration,
): Promise<ModelVersion> {
  const { tracking } = app
  const { recipe, modelName: name, frame, symbol } = given
  const trainedTo = formatDay(frame.date.at(-1) ?? 0)
  const further = final.further.map(({ saved }) => saved)
  const model = { recipe, trainedTo, saved: final.saved, ...(further.length > 0 && { further }) }
  await writeModelFiles(tracking, run.id, model, frame)
  await ensureModel(app, name, symbol)
  const version = await tracking.createModelVersion({
    name,
    source: `runs:/${run.id}/${MODEL_DIRECTORY}`,
    runId: run.id,
    description: `${recipe.model} on ${recipe.panel.join(', ')}, trained to ${trainedTo}`,
    tags: {
      ...versionTags({
        symbols: [symbol],
        horizons: horizonsOf(recipe),
        recipe: recipeDigest(recipe),
      }),
      ...lineageTags(given),
    },
  })
  await placeInDevelopment(tracking, version)
  report(`${name} version ${version.version}`)
  return version
}

/** What a version was made from, and what it is meant to follow. */
function lineageTags({ panel, live, frame }: Preparation): StringMap {
  const digests = panel.map(({ bars }) => [dataTag(bars.symbol), bars.digest])
  return {
    ...Object.fromEntries(digests),
    'tickerflow.trainedTo': formatDay(frame.date.at(-1) ?? 0),
    ...(live === undefined ? {} : { 'tickerflow.parentVersion': String(live.version.version) }),
  }
}

async function ensureModel(app: Application, name: string, symbol: string): Promise<void> {
  try {
    await app.tracking.createRegisteredModel({
      name,
      description: `Forecasts of the log return of ${symbol}`,
    })
  } catch (error) {
    if (!isTickerflowError(error) || error.code !== 'ALREADY_EXISTS') throw error
  }
}
