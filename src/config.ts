/**
 * The configuration: one schema, parsed once. Flags win over the environment, the environment over
 * the file, the file over the defaults; nothing else in the program reads environment variables.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Value } from 'typebox/value'
import { type Config, ConfigSchema } from './config-schema.ts'
import { TickerflowError } from './errors.ts'
import { schemaMismatch } from './schema-mismatch.ts'

export type { Config }

type Section =
  | 'state'
  | 'queue'
  | 'evaluation'
  | 'lstm'
  | 'tune'
  | 'promotion'
  | 'retrain'
  | 'schedule'
  | 'alerts'

/** Any part of the configuration: what a file, the environment or the flags give. */
export type PartialConfig = Partial<Omit<Config, Section>> & {
  readonly state?: Config['state']
  readonly evaluation?: Partial<Config['evaluation']>
  readonly lstm?: Config['lstm']
  readonly queue?: Partial<Config['queue']>
  readonly tune?: Partial<Config['tune']>
  readonly promotion?: Partial<Config['promotion']>
  readonly retrain?: Partial<Config['retrain']>
  readonly schedule?: Partial<Config['schedule']>
  readonly alerts?: Partial<Config['alerts']>
}

export const DEFAULT_CONFIG: Config = {
  store: '.tickerflow',
  symbol: 'AAPL',
  splits: [],
  accepted: [],
  calendar: 'nyse',
  horizon: 1,
  seed: 7,
  coverageObjective: 0.8,
  models: ['naive', 'drift', 'ewma', 'garch', 'har', 'lstm'],
  candidate: 'lstm',
  state: {},
  evaluation: { refit: 'yearly', embargoSessions: 0 },
  lstm: {},
  queue: { prefix: 'tickerflow', attempts: 3, backOffSeconds: 1, leaseSeconds: 15, keepDays: 7 },
  tune: { trials: 18, reduction: 3, folds: 4, foldSessions: 126 },
  promotion: { approvers: [], approvalHours: 72, aliasMoves: 'ignore' },
  retrain: {
    schedule: 'quarterly',
    onDrift: true,
    onPerformance: true,
    shadowSessions: 5,
    budget: 2,
    budgetDays: 30,
  },
  schedule: {
    ingest: 'close+20m',
    monitor: 'close+25m',
    retrain: 'close+30m',
    forecast: 'close+35m',
    backup: null,
    backupsKept: 14,
  },
  alerts: {
    channels: [{ kind: 'log' }],
    rules: {},
    staleSessions: 1,
    remindHours: 24,
    coolDownMinutes: 360,
  },
}

const FILE_NAMES = ['tickerflow.config.ts', 'tickerflow.config.json']

export interface ConfigSources {
  readonly flags: PartialConfig
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `--config`; without it, `tickerflow.config.ts` or `.json` in `directory` if there is one. */
  readonly file?: string
  readonly directory: string
}

/** One source of configuration, with its name for messages. */
interface Layer {
  readonly name: string
  readonly content: PartialConfig
}

/** @throws {TickerflowError} CONFIG_INVALID; names the source, the field and what was expected. */
export async function resolveConfig(sources: ConfigSources): Promise<Config> {
  const layers = [
    await readConfigFile(sources),
    { name: 'the environment', content: fromEnvironment(sources.environment) },
    { name: 'the flags', content: sources.flags },
  ]
  return layers.reduce(withLayer, DEFAULT_CONFIG)
}

/** The configuration with a source's fields over it, checked, so that the source to blame is known. */
function withLayer(base: Config, { name, content }: Layer): Config {
  const merged: unknown = mergeConfig(base, content)
  if (Value.Check(ConfigSchema, merged)) return merged
  const { path, problem } = schemaMismatch(ConfigSchema, merged)
  throw new TickerflowError(
    'CONFIG_INVALID',
    `The configuration (${name}) is wrong at '${path}': ${problem}. ` +
      'Compare it with docs/reference/configuration.md.',
    { details: { source: name, path } },
  )
}

/** What is not an object is taken as it is, for the schema to refuse. */
function mergeConfig(base: Config, over: PartialConfig): unknown {
  if (!isRecord(over)) return over
  const { state, queue, evaluation, lstm, tune, promotion, retrain, schedule, alerts, ...rest } =
    withoutUndefined(over)
  return {
    ...base,
    ...rest,
    state: mergeSection(base.state, state),
    evaluation: mergeSection(base.evaluation, evaluation),
    lstm: mergeSection(base.lstm, lstm),
    queue: mergeSection(base.queue, queue),
    tune: mergeSection(base.tune, tune),
    promotion: mergeSection(base.promotion, promotion),
    retrain: mergeSection(base.retrain, retrain),
    schedule: mergeSection(base.schedule, schedule),
    alerts: mergeSection(base.alerts, alerts),
  }
}

function mergeSection(base: object, over: unknown): unknown {
  if (over === undefined) return base
  return isRecord(over) ? { ...base, ...withoutUndefined(over) } : over
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function withoutUndefined<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T
}

function fromEnvironment(environment: ConfigSources['environment']): PartialConfig {
  const { TICKERFLOW_STORE: store, TICKERFLOW_SYMBOL: symbol } = environment
  const { TICKERFLOW_POSTGRES: postgres, TICKERFLOW_REDIS: redis } = environment
  const { TICKERFLOW_QUEUE: queueRedis } = environment
  const { MLFLOW_TRACKING_URI: trackingUri, MLFLOW_EXPERIMENT_NAME: experiment } = environment
  const { MLFLOW_S3_ENDPOINT_URL: s3EndpointUrl } = environment
  const { MLFLOW_HTTP_REQUEST_MAX_RETRIES: retries } = environment
  const { MLFLOW_HTTP_REQUEST_TIMEOUT: timeout } = environment
  const mlflow = {
    trackingUri: trackingUri || undefined,
    experiment: experiment || undefined,
    s3EndpointUrl: s3EndpointUrl || undefined,
    trackingRetries: retries ? Number(retries) : undefined,
    trackingTimeoutSeconds: timeout ? Number(timeout) : undefined,
  }
  const state = withoutUndefined({ postgres: postgres || undefined, redis: redis || undefined })
  const queue = queueRedis ? { redis: queueRedis } : undefined
  return withoutUndefined({ store, symbol, state, queue, ...mlflow }) as PartialConfig
}

/** A secret of the alerts' channels, by the name of its variable; asked for at each message. */
export function secretIn(environment: ConfigSources['environment']) {
  return (variable: string): string | undefined => environment[variable]
}

/** What the tracking server asks for; kept apart, so that no record of the configuration has it. */
export function trackingCredentials(environment: ConfigSources['environment']) {
  const { MLFLOW_TRACKING_TOKEN: token } = environment
  const { MLFLOW_TRACKING_USERNAME: username, MLFLOW_TRACKING_PASSWORD: password } = environment
  return {
    ...(token ? { token } : {}),
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
  }
}

async function readConfigFile(sources: ConfigSources): Promise<Layer> {
  const found =
    sources.file ?? FILE_NAMES.find((name) => existsSync(resolve(sources.directory, name)))
  if (found === undefined) return { name: 'the defaults', content: {} }
  const path = resolve(sources.directory, found)
  try {
    return { name: found, content: await loadConfigFile(path) }
  } catch (cause) {
    throw new TickerflowError(
      'CONFIG_INVALID',
      `Cannot read the configuration file ${path}: ${(cause as Error).message}. ` +
        'Expected JSON, or a module whose default export is the configuration.',
      { details: { path }, cause },
    )
  }
}

async function loadConfigFile(path: string): Promise<PartialConfig> {
  if (extname(path) === '.json') return JSON.parse(await readFile(path, 'utf8'))
  const module = (await import(pathToFileURL(path).href)) as { default?: PartialConfig }
  if (module.default === undefined) throw new Error('it has no default export')
  return module.default
}
