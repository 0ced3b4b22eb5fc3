/** `tickerflow models`: what has been registered, and what is live. */

import type { Application } from '../pipeline/application.ts'
import { liveVersion, promotionsOf } from '../registry/promotion-journal.ts'
import { colours } from './colours.ts'
import { type GlobalOptions, withContext } from './context.ts'
import { promotionDocument } from './promotion-words.ts'
import { isoInstant, table } from './words.ts'

export async function listModels(options: GlobalOptions): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const { items } = await app.tracking.listRegisteredModels()
    const models = items.map(({ name, aliases }) => ({
      name,
      live: liveIn(app, name),
      development: aliases.development ?? null,
    }))
    answer(models, () =>
      models.length === 0
        ? 'No models yet: tickerflow run registers one.'
        : table(
            ['model', 'in Production', 'in Development'],
            models.map(({ name, live, development }) => [name, spoken(live), spoken(development)]),
          ),
    )
  })
}

export async function showModel(name: string, options: GlobalOptions): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const model = await app.tracking.getRegisteredModel(name)
    const { items } = await app.tracking.listModelVersions(name)
    const live = liveIn(app, name)
    const versions = items.map(({ version, description, runId, createdAtMs, tags }) => ({
      version,
      live: version === live,
      description,
      runId: runId ?? null,
      createdAt: isoInstant(createdAtMs),
      tags,
    }))
    const promotions = promotionsOf(app.promotions.database, name).map(promotionDocument)
    const { description } = model
    answer({ name, description, live, versions, promotions }, () =>
      [
        colours.bold(`${name}: ${spoken(live)} in Production`),
        table(
          ['version', 'live', 'created', 'what'],
          versions.map((one) => [
            String(one.version),
            one.live ? 'yes' : '',
            one.createdAt?.slice(0, 16).replace('T', ' ') ?? '–',
            one.description,
          ]),
        ),
        ...promotions.flatMap((one) => [
          '',
          `Version ${one.version} to ${one.environment}: ${one.state}${one.approver === null ? '' : `, approved by ${one.approver}`}`,
          ...one.reasons.map((reason) => `  ${reason}`),
        ]),
      ].join('\n'),
    )
  })
}

function liveIn(app: Application, model: string): number | null {
  return liveVersion(app.promotions.database, { model, environment: 'production' }) ?? null
}

function spoken(version: number | null): string {
  return version === null ? 'nothing' : `version ${version}`
}
