/** What the forecast server is built from. */
import type { FastifyBaseLogger } from 'fastify'
import type { Registry } from 'prom-client'
import type { Config } from '../config.ts'
import type { Application } from '../pipeline/application.ts'
import type { VerifyToken } from './access/bearer-tokens.ts'
import type { RecordForecasts } from './forecasts/recording.ts'
import type { SharedCounts } from './http/shared-counts.ts'

export interface ServingOptions {
  readonly app: Application
  readonly config: Config
  readonly access: {
    /** The address that the server listens on. */
    readonly host: string
    readonly allowedHosts?: readonly string[]
    /** Origins whose pages may call the server; none without it. */
    readonly corsOrigins?: readonly string[]
    readonly authenticates?: boolean
    readonly isOpenOnPurpose?: boolean
    readonly verifyToken?: VerifyToken | undefined
  }
  readonly limits?: Partial<ServingLimits>
  /** Where requests are counted for all replicas together; left out, each counts its own. */
  readonly sharedCounts?: SharedCounts | undefined
  /** Share of the requests, 0 to 1, that Staging's version answers; by a hash of the request's id. */
  readonly canaryShare?: number
  /** Staging's version is asked for every forecast, too; its answers are logged, never returned. */
  readonly shadows?: boolean
  readonly record?: RecordForecasts | undefined
  /** Left out: nothing is logged. */
  readonly logger?: FastifyBaseLogger | undefined
  /** Joins this process's metrics with those of a cluster; returns how to get all of them. */
  readonly shareMetrics?: ((registry: Registry) => () => Promise<string>) | undefined
}

export interface ServingLimits {
  readonly bodyBytes: number
  /** Requests per minute of one key, token or address. */
  readonly requestsPerMinute: number
  /** A request that has not arrived by then is ended. */
  readonly requestTimeoutMs: number
  /** 503 beyond this delay of the event loop. */
  readonly maxEventLoopDelayMs: number
  /** Of all loaded models together. */
  readonly modelBytes: number
  readonly modelLoadTimeoutMs: number
}

export const DEFAULT_SERVING_LIMITS: ServingLimits = {
  bodyBytes: 2_000_000,
  requestsPerMinute: 6_000,
  requestTimeoutMs: 10_000,
  maxEventLoopDelayMs: 1_000,
  modelBytes: 512 * 1024 * 1024,
  modelLoadTimeoutMs: 10_000,
}
