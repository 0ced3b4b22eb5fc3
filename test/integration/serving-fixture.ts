/** A forecast server on a store of its own, with a model in Production that was fitted quickly. */
import type { FastifyInstance } from 'fastify'
import { vi } from 'vitest'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import type { FittedForecaster, ForecasterSpec } from '../../src/forecast/forecaster.ts'
import { createForecaster } from '../../src/forecast/model-catalogue.ts'
import type { Bars } from '../../src/market/bars.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import { formatDay } from '../../src/market/trading-date.ts'
import { createRandom } from '../../src/numerics/random.ts'
import type { Application } from '../../src/pipeline/application.ts'
import { writeModelFiles } from '../../src/pipeline/model-file.ts'
import { createRecipe, recipeDigest } from '../../src/pipeline/recipe.ts'
import { dataTag } from '../../src/pipeline/training-bars.ts'
import type { GuardedEnvironment } from '../../src/registry/environments.ts'
import { insertPromotion, transition } from '../../src/registry/promotion-journal.ts'
import { createForecastServer } from '../../src/serving/server.ts'
import type { ServingOptions } from '../../src/serving/serving-options.ts'
import { openLifecycle } from './lifecycle-application.ts'

export interface ServingFixture {
  readonly app: Application
  readonly server: FastifyInstance
  readonly bars: Bars
  end(): Promise<void>
}

/** Enough of an LSTM to have every part of one. */
export const QUICK_LSTM: ForecasterSpec = { name: 'lstm', options: { epochs: 1, seeds: 2 } }

export async function openServing(
  overrides: Partial<Omit<ServingOptions, 'app' | 'config'>> = {},
  prepare: (app: Application) => Promise<void> = async () => {},
): Promise<ServingFixture> {
  const lifecycle = await openLifecycle({ models: ['naive', 'har'] })
  const { app, config } = lifecycle
  const bars = await readSampleBars('AAPL')
  await prepare(app)
  const server = await createForecastServer({
    app,
    config,
    access: { host: '127.0.0.1' },
    ...overrides,
    // Fitting in this process holds its event loop up.
    limits: { maxEventLoopDelayMs: 0, ...overrides.limits },
  })
  return {
    app,
    server,
    bars,
    async end() {
      await server.close()
      await lifecycle.end()
    },
  }
}

export interface RegisteredModel {
  readonly version: number
  readonly forecaster: FittedForecaster
  readonly runId: string
  /** Of the further horizons. */
  readonly further: readonly FittedForecaster[]
}

interface FitOptions {
  readonly spec: ForecasterSpec
  readonly rows?: number
  readonly furtherHorizons?: readonly number[]
  /** The version says which bars it was trained on, and they are in the store. */
  readonly knowsItsData?: boolean
}

/** Fits on the bars up to a row and registers the version, in no environment yet. */
export async function registerFitted(
  app: Application,
  bars: Bars,
  { spec, rows = bars.date.length, furtherHorizons = [], knowsItsData = false }: FitOptions,
): Promise<RegisteredModel> {
  const frame = buildFeatureFrame(bars)
  const { symbol, date } = bars
  const to = date[rows - 1] ?? 0
  const span = { from: date[0] ?? 0, to }
  const fitAt = (horizon: number) =>
    createForecaster(spec).fit({ frames: [frame], symbol, span, horizon, random: createRandom(11) })
  const forecaster = fitAt(1)
  const further = furtherHorizons.map(fitAt)
  const name = `${symbol.toLowerCase()}-forecaster`
  const experiment =
    (await app.tracking.getExperimentByName(name)) ??
    (await app.tracking.createExperiment({ name }))
  const run = await app.tracking.createRun({ experimentId: experiment.id, name: 'fit' })
  const recipe = createRecipe({
    spec,
    symbol,
    panel: [symbol],
    horizon: 1,
    seed: 11,
    furtherHorizons,
  })
  const trainedTo = formatDay(to)
  await writeModelFiles(app.tracking, run.id, {
    recipe,
    trainedTo,
    saved: forecaster.serialise(),
    ...(further.length > 0 && { further: further.map((one) => one.serialise()) }),
  })
  await app.tracking.createRegisteredModel({ name }).catch(() => {})
  const source = `runs:/${run.id}/model`
  if (knowsItsData) await app.bars.save(bars)
  const tags = knowsItsData ? { [dataTag(symbol)]: bars.digest } : {}
  const { version } = await app.tracking.createModelVersion({ name, source, runId: run.id, tags })
  return { version, forecaster, runId: run.id, further }
}

/** Commits a promotion in the journal, as the gate and an approver would in the end. */
export function promote(
  app: Application,
  version: number,
  environment: GuardedEnvironment = 'production',
): void {
  const { database, newId, clock } = app
  const id = newId()
  const model = 'aapl-forecaster'
  const spec = { name: 'naive' }
  const recipe = createRecipe({ spec, symbol: 'AAPL', panel: [], horizon: 1, seed: 1 })
  const promotion = {
    id,
    model,
    version,
    environment,
    kind: 'gate' as const,
    reason: undefined,
    expiresAtMs: undefined,
    recipe: recipeDigest(recipe),
    requester: 'test',
    approvals: 'local' as const,
    requestedAtMs: clock(),
  }
  insertPromotion(database, promotion, {})
  const states = ['requested', 'gated', 'approved', 'alias-moved', 'committed'] as const
  for (const [i, to] of states.slice(1).entries()) {
    transition(database, id, { from: states[i] ?? 'requested', to, atMs: clock() })
  }
}

/** The rows `from` to `to` (not included) as a request has them. */
export function barsBody(bars: Bars, from: number, to: number) {
  const cut = (column: Float64Array) => Array.from(column.subarray(from, to))
  return {
    date: Array.from(bars.date.subarray(from, to), formatDay),
    open: cut(bars.open),
    high: cut(bars.high),
    low: cut(bars.low),
    close: cut(bars.close),
    volume: cut(bars.volume),
  }
}

/** Repeats the question until its answer is the version. */
export async function untilVersion(server: FastifyInstance, version: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const reply = await server.inject('/api/v1/forecasts/AAPL')
      if (reply.json().version !== String(version)) throw new Error(reply.body)
    },
    { timeout: 10_000, interval: 20 },
  )
}
