/** What is asked of and answered by the forecast routes; validation, types and OpenAPI in one. */
import { type Static, Type } from 'typebox'

const strict = { additionalProperties: false }
/** More sessions than this are refused: a forecast reads a few hundred. */
const MOST_BARS = 10_000
/** Symbols answered by one request. */
export const MOST_SYMBOLS = 500

export const IsoDate = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', examples: ['2013-03-01'] })
export const SymbolText = Type.String({
  pattern: '^[A-Za-z0-9^][A-Za-z0-9.=^-]{0,15}$',
  examples: ['AAPL'],
  description: 'Ticker symbol; upper and lower case are the same.',
})
const Horizon = Type.Integer({
  minimum: 1,
  maximum: 60,
  description: 'Sessions ahead. Left out: what the model forecasts; another one is refused.',
})
const Level = Type.Number({
  exclusiveMinimum: 0,
  exclusiveMaximum: 1,
  description: 'Probability of one more central price interval, such as 0.9.',
})
const AsOf = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}$',
  description: 'Forecast at the close of this session instead of the last one.',
})

export const ForecastQuery = Type.Object(
  {
    horizon: Type.Optional(Horizon),
    level: Type.Optional(Level),
    asOf: Type.Optional(AsOf),
  },
  strict,
)
export type ForecastQuery = Static<typeof ForecastQuery>

const prices = (description: string) =>
  Type.Array(Type.Number(), { minItems: 1, maxItems: MOST_BARS, description })

export const BarsBody = Type.Object(
  {
    date: Type.Array(IsoDate, {
      minItems: 1,
      maxItems: MOST_BARS,
      description: 'Sessions, oldest first.',
    }),
    open: prices('Opening prices, split-adjusted.'),
    high: prices('Highest prices.'),
    low: prices('Lowest prices.'),
    close: prices('Closing prices.'),
    volume: prices('Shares traded.'),
  },
  { ...strict, description: 'Daily bars by column; all columns have the same length.' },
)
export type BarsBody = Static<typeof BarsBody>

export const ForecastBody = Type.Object(
  {
    symbols: Type.Optional(
      Type.Array(SymbolText, {
        minItems: 1,
        maxItems: MOST_SYMBOLS,
        description: 'From stored bars.',
      }),
    ),
    symbol: Type.Optional(SymbolText),
    bars: Type.Optional(BarsBody),
    model: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Registered model that answers; left out, the one of the symbol.',
      }),
    ),
    horizon: Type.Optional(Horizon),
    level: Type.Optional(Level),
    asOf: Type.Optional(AsOf),
  },
  {
    ...strict,
    description: "Either `symbols`, or `symbol` with the caller's own `bars`.",
    examples: [{ symbols: ['AAPL'] }],
  },
)
export type ForecastBody = Static<typeof ForecastBody>

const Pair = (description: string) =>
  Type.Array(Type.Number(), { minItems: 2, maxItems: 2, description })

const DistributionSchema = Type.Object(
  { location: Type.Number(), scale: Type.Number(), degreesOfFreedom: Type.Number() },
  { description: 'Student-t of the natural-log price return over the horizon.' },
)

const Figures = {
  median: Type.Number({ description: 'Price that is exceeded with probability one half.' }),
  interval80: Pair('Central price interval of probability 0.8.'),
  interval95: Pair('Central price interval of probability 0.95.'),
  probabilityUp: Type.Number(),
  distribution: DistributionSchema,
}

const Baseline = Type.Object(
  { model: Type.String({ description: 'naive: the random walk.' }), ...Figures },
  { description: 'The naive forecast of the same moment.' },
)

const Calibrated = Type.Object(
  {
    level: Type.Number({ description: 'Share of outcomes that such intervals shall hold.' }),
    lower: Type.Number(),
    upper: Type.Number(),
    method: Type.Literal('adaptive-conformal'),
    askedLevel: Type.Number({ description: "Level of the model's own interval that this is." }),
    observedCoverage: Type.Number({
      description: 'Share of matured outcomes inside the calibrated intervals of their days.',
    }),
    ownCoverage: Type.Number({
      description: "Share of matured outcomes inside the model's own intervals at `level`.",
    }),
    matured: Type.Integer({ description: 'Live forecasts that this is learnt from.' }),
  },
  { description: 'Price interval that has learnt from the outcomes of the live forecasts.' },
)

export const ForecastAnswer = Type.Object(
  {
    symbol: Type.String(),
    asOf: IsoDate,
    horizon: Type.Integer(),
    model: Type.String({ description: 'Registered model.' }),
    version: Type.String(),
    kind: Type.String({ description: 'Kind of model, such as lstm.' }),
    trainedTo: IsoDate,
    environment: Type.Enum(['production', 'staging']),
    referenceClose: Type.Number(),
    ...Figures,
    interval: Type.Union([
      Type.Object({ level: Type.Number(), low: Type.Number(), high: Type.Number() }),
      Type.Null(),
    ]),
    calibrated: Type.Union([Calibrated, Type.Null()], {
      description: 'Null while fewer than 60 live forecasts have matured.',
    }),
    usable: Type.Boolean({ description: 'False when the forecast should not be acted on.' }),
    reasons: Type.Array(Type.String()),
    historical: Type.Boolean({ description: 'The series ends in the past on purpose.' }),
    dataAgeSessions: Type.Integer({ description: 'Sessions that ended since `asOf`.' }),
    baseline: Type.Union([Baseline, Type.Null()]),
  },
  { description: 'A forecast with everything needed to judge it.' },
)
export type ForecastAnswer = Static<typeof ForecastAnswer>

export const SymbolProblem = Type.Object({
  symbol: Type.String(),
  type: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
})
export type SymbolProblem = Static<typeof SymbolProblem>

export const ForecastsAnswer = Type.Object({
  forecasts: Type.Array(ForecastAnswer),
  problems: Type.Array(SymbolProblem, { description: 'Symbols without a forecast, and why.' }),
})
export type ForecastsAnswer = Static<typeof ForecastsAnswer>
