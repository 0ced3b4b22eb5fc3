/** What a configuration may say: one schema, from which its type follows. */
import { type Static, Type } from 'typebox'

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
    warmStartEpochs: Type.Optional(Count),
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

/** Where the program's own records are, for several machines. Left out: in the store. */
const StateSchema = Type.Object(
  {
    /** `postgres://user@host/database`; the password comes from the environment (`PGPASSWORD`). */
    postgres: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
    /** `redis://host`: request limits are counted there, for all replicas together. */
    redis: Type.Optional(Type.String({ pattern: '^rediss?://' })),
  },
  strict,
)

/** Who does the fits that are sent to be done. Left out: the processes of this machine. */
const QueueSchema = Type.Object(
  {
    /** `redis://host:6379`; the password comes from the environment (`TICKERFLOW_REDIS_PASSWORD`). */
    redis: Type.Optional(Type.String({ pattern: '^rediss?://' })),
    /** Before the keys in Redis. */
    prefix: Type.String({ pattern: '^[A-Za-z0-9_.-]+$' }),
    /** Begun so often without an end, a job is given up. */
    attempts: Count,
    /** Before the second attempt; each further one waits twice as long. */
    backOffSeconds: Type.Number({ exclusiveMinimum: 0 }),
    /** A worker that has given no sign of life for so long is taken for dead. */
    leaseSeconds: Type.Number({ minimum: 1 }),
    /** Jobs and results are kept for so long. */
    keepDays: Type.Number({ exclusiveMinimum: 0 }),
    /** At most so many jobs begin within the seconds, on all workers together. */
    rate: Type.Optional(
      Type.Object({ jobs: Count, seconds: Type.Number({ exclusiveMinimum: 0 }) }, strict),
    ),
  },
  strict,
)

export const ConfigSchema = Type.Object(
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
    queue: QueueSchema,
    tune: TuneSchema,
    promotion: PromotionSchema,
    retrain: RetrainSchema,
    schedule: ScheduleSchema,
    alerts: AlertsSchema,
    /** Where the gate's policy differs from the default one, or the JSON file that says it. */
    gate: Type.Optional(
      Type.Union([Type.String({ minLength: 1 }), Type.Record(Type.String(), Type.Unknown())]),
    ),
    state: StateSchema,
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
