/** What routes work with. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { Config } from '../../config.ts'
import type { Application } from '../../pipeline/application.ts'
import type { CurrentBars } from '../forecasts/current-bars.ts'
import type { ForecastDesk } from '../forecasts/forecast-desk.ts'
import type { TypeBoxProvider } from '../http/typebox-compiler.ts'
import type { ServingMetrics } from '../metrics.ts'
import type { LiveModels } from '../models/live-models.ts'

export interface ServingContext {
  readonly app: Application
  readonly config: Config
  readonly models: LiveModels
  readonly market: CurrentBars
  readonly desk: ForecastDesk
  readonly metrics: ServingMetrics
  /** The metrics of all processes of a cluster. */
  readonly clusterMetrics?: (() => Promise<string>) | undefined
}

/** A server whose handlers see what the schemas of their routes say. */
export type TypedServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxProvider
>
