/**
 * The configuration: one schema, parsed once. Flags win over the environment, the environment over
 * the file, the file over the defaults; nothing else in the program reads environment variables.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { TickerflowError } from './errors.ts'
import { schemaMismatch } from './schema-mismatch.ts'

const strict = { additionalProperties: false }
const IsoDate = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })
const Count = Type.Integer({ minimum: 1 })
const Horizon = Type.Integer({ minimum: 1, maximum: 60 })

const EvaluationSchema = Type.Object(
  {
    from: Type.Optional(IsoDate),
    to: Type.Optional(IsoDate),
    refit: Type.Union([
      Type.Literal('yearly'),
      Type.Literal('quarterly'),
      Type.Literal('monthly'),
      Type.Literal('never'),
    ]),
    rollingSessions: Type.Optional(Count),
    embargoSessions: Type.Integer({ minimum: 0 }),
  },
  strict,
)

const LstmSchema = Type.Object(
  {
    features: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    windowLength: Type.Optional(Count),
    hiddenSizes: Type.Optional(Type.Array(Count, { minItems: 1 })),
    seeds: Type.Optional(Count),
    epochs: Type.Optional(Count),
    batchSize: Type.Optional(Count),
    learningRate: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    schedule: Type.Optional(
      Type.Union([
        Type.Literal('constant'),
        Type.Literal('cosine'),
        Type.Literal('reduce-on-plateau'),
      ]),
    ),
    finalFraction: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    plateauFactor: Type.Optional(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 })),
    plateauPatience: Type.Optional(Count),
    dropout: Type.Optional(Type.Number({ minimum: 0, exclusiveMaximum: 1 })),
    weightDecay: Type.Optional(Type.Number({ minimum: 0 })),
    clipNorm: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    patience: Type.Optional(Count),
    validationSessions: Type.Optional(Count),
    validationBlocks: Type.Optional(Count),
    refit: Type.Optional(Type.Boolean()),
    gapSessions: Type.Optional(Type.Integer({ minimum: 0 })),
    locationWeight: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  },
  strict,
)

/** What `tickerflow tune` searches, and how hard. */
const TuneSchema = Type.Object(
  {
    /** Settings drawn from the ranges, beside the configured one. */
    trials: Count,
    /** Of the trials of a round, one in so many goes on to the next. */
    reduction: Type.Integer({ minimum: 2 }),
    /** Walk-forward folds of the last round, all before the evaluation span; sessions in each. */
    folds: Count,
    foldSessions: Type.Integer({ minimum: 20 }),
    /** By option of the LSTM: a list of choices, or an interval. Left out: sensible ones. */
    ranges: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Union([
          Type.Array(Type.Unknown(), { minItems: 1 }),
          Type.Object(
            {
              from: Type.Number(),
              to: Type.Number(),
              /** `log` needs `from` above zero. */
              scale: Type.Union([
                Type.Literal('linear'),
                Type.Literal('log'),
                Type.Literal('integer'),
              ]),
            },
            strict,
          ),
        ]),
      ),
    ),
  },
  strict,
)

const PromotionSchema = Type.Object(
  {
    /** Who may approve promotions to Production where the gate's policy says `team`. */
    approvers: Type.Array(Type.String({ minLength: 1 })),
    /** Hours in which a promotion can be approved. */
    approvalHours: Type.Number({ exclusiveMinimum: 0 }),
    /** What becomes of an alias or stage that another MLflow client has moved. */
    aliasMoves: Type.Union([
      Type.Literal('ignore'),
      Type.Literal('restore'),
      Type.Literal('accept'),
    ]),
  },
  strict,
)

/** When a challenger is trained, and what it goes through before the gate. */
const RetrainSchema = Type.Object(
  {
    schedule: Type.Union([
      Type.Literal('monthly'),
      Type.Literal('quarterly'),
      Type.Literal('yearly'),
      Type.Literal('never'),
    ]),
    /** Calendar days since the last session that the live version has learnt from. */
    maximumAgeDays: Type.Optional(Count),
    /** Sessions that the live version has not learnt from. */
    newSessions: Type.Optional(Count),
    /** On the verdict `drift` of the latest monitoring report. */
    onDrift: Type.Boolean(),
    /** When the live version has become worse than a baseline, by the latest monitoring report. */
    onPerformance: Type.Boolean(),
    /** Sessions that a challenger forecasts beside the live version before the gate is asked. */
    shadowSessions: Type.Integer({ minimum: 0 }),
    /** Retrainings of one model in `budgetDays` days, at most; none by hand is refused. */
    budget: Count,
    budgetDays: Count,
  },
  strict,
)

/** When `tickerflow schedule start` does what: after each close, by a cron pattern, or never. */
const Due = Type.Union([Type.String({ minLength: 1 }), Type.Null()])
const ScheduleSchema = Type.Object(
  {
    /** Left out: `symbol` alone. */
    symbols: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    ingest: Due,
    monitor: Due,
    retrain: Due,
    forecast: Due,
    backup: Due,
    /** Directory of backups, for the job of that name. */
    backupTo: Type.Optional(Type.String({ minLength: 1 })),
    backupsKept: Count,
  },
  strict,
)

const Severity = Type.Union([
  Type.Literal('info'),
  Type.Literal('warning'),
  Type.Literal('critical'),
])
const Watched = Type.Optional(Type.Union([Severity, Type.Literal('off')]))
const Variable = Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' })
const Told = {
  /** Left out: the kind. */
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  /** What is lighter is not told. Left out: `info`. */
  minimumSeverity: Type.Optional(Severity),
}

/** Who is told of what; secrets by the name of the environment variable that holds them. */
const AlertsSchema = Type.Object(
  {
    channels: Type.Array(
      Type.Union([
        Type.Object({ kind: Type.Literal('log'), ...Told }, strict),
        Type.Object(
          {
            kind: Type.Literal('webhook'),
            ...Told,
            format: Type.Union([
              Type.Literal('json'),
              Type.Literal('slack'),
              Type.Literal('alertmanager'),
            ]),
            url: Type.Optional(Type.String({ pattern: '^https?://' })),
            urlVariable: Type.Optional(Variable),
            tokenVariable: Type.Optional(Variable),
          },
          strict,
        ),
        Type.Object(
          {
            kind: Type.Literal('email'),
            ...Told,
            host: Type.String({ minLength: 1 }),
            port: Type.Integer({ minimum: 1, maximum: 65535 }),
            /** TLS from the first byte. Left out: on port 465. */
            secure: Type.Optional(Type.Boolean()),
            from: Type.String({ minLength: 3 }),
            to: Type.Array(Type.String({ minLength: 3 }), { minItems: 1 }),
            userVariable: Type.Optional(Variable),
            passwordVariable: Type.Optional(Variable),
          },
          strict,
        ),
      ]),
    ),
    /** Severities that differ from the defaults; `off` for what is not watched. */
    rules: Type.Object(
      {
        'data-stale': Watched,
        'data-blocked': Watched,
        drift: Watched,
        'worse-than-baseline': Watched,
        'coverage-off': Watched,
        'job-failed': Watched,
      },
      strict,
    ),
    /** Sessions that prices may lag behind before it is an alert. */
    staleSessions: Type.Integer({ minimum: 0 }),
    /** An open alert that nobody has acknowledged is told of again after so many hours. */
    remindHours: Type.Number({ exclusiveMinimum: 0 }),
    /** An alert that comes back is told of again so many minutes after the last time, at the earliest. */
    coolDownMinutes: Type.Number({ minimum: 0 }),
  },
  strict,
)

const ConfigSchema = Type.Object(
  {
    store: Type.String({ minLength: 1 }),
    symbol: Type.String({ minLength: 1 }),
    /**
     * Symbols that the LSTM learns from besides `symbol`. Left out: the others of the sample where
     * the bars come from it, else none.
     */
    panel: Type.Optional(Type.Array(Type.String())),
    /** Left out: the latest snapshot in the store, else the sample. */
    source: Type.Optional(Type.Union([Type.Literal('sample'), Type.Literal('yahoo')])),
    /** Splits that the prices of a CSV file are not adjusted for yet. */
    splits: Type.Array(
      Type.Object({ date: IsoDate, ratio: Type.Number({ exclusiveMinimum: 0 }) }, strict),
    ),
    /** Blocking findings that a person has looked at: only warned of on these days. */
    accepted: Type.Array(Type.Object({ check: Type.String(), date: IsoDate }, strict)),
    calendar: Type.Union([Type.Literal('nyse'), Type.Literal('weekdays'), Type.Literal('data')]),
    /** The horizon that a version is promoted on. */
    horizon: Horizon,
    /** Horizons that a version forecasts too, each with a verdict of its own. */
    furtherHorizons: Type.Optional(Type.Array(Horizon)),
    seed: Type.Integer({ minimum: 0 }),
    coverageObjective: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
    threads: Type.Optional(Count),
    models: Type.Array(Type.String(), { minItems: 1 }),
    /** The model that becomes a version; one of `models`. */
    candidate: Type.String(),
    evaluation: EvaluationSchema,
    lstm: LstmSchema,
    tune: TuneSchema,
    promotion: PromotionSchema,
    retrain: RetrainSchema,
    schedule: ScheduleSchema,
    alerts: AlertsSchema,
    /** Where the gate's policy differs from the default one, or the JSON file that says it. */
    gate: Type.Optional(
      Type.Union([Type.String({ minLength: 1 }), Type.Record(Type.String(), Type.Unknown())]),
    ),
    experiment: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    /** Left out: the store itself. Credentials are no configuration: `trackingCredentials`. */
    trackingUri: Type.Optional(Type.String({ minLength: 1 })),
    s3EndpointUrl: Type.Optional(Type.String({ minLength: 1 })),
    trackingRetries: Type.Optional(Type.Integer({ minimum: 0, maximum: 30 })),
    trackingTimeoutSeconds: Type.Optional(Count),
  },
  strict,
)

export type Config = Static<typeof ConfigSchema>

type Section = 'evaluation' | 'lstm' | 'tune' | 'promotion' | 'retrain' | 'schedule' | 'alerts'

/** Any part of the configuration: what a file, the environment or the flags give. */
export type PartialConfig = Partial<Omit<Config, Section>> & {
  readonly evaluation?: Partial<Config['evaluation']>
  readonly lstm?: Config['lstm']
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
  evaluation: { refit: 'yearly', embargoSessions: 0 },
  lstm: {},
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
  const { evaluation, lstm, tune, promotion, retrain, schedule, alerts, ...rest } =
    withoutUndefined(over)
  return {
    ...base,
    ...rest,
    evaluation: mergeSection(base.evaluation, evaluation),
    lstm: mergeSection(base.lstm, lstm),
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
  return withoutUndefined({ store, symbol, ...mlflow }) as PartialConfig
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
