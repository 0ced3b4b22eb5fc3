/** What `run --json` prints; field names and nulls are a contract with scripts. */
import type { Scores } from '../evaluation/backtest.ts'
import type { Judgement, ModelTests } from '../evaluation/judgement.ts'
import type { SelectionEvidence } from '../evaluation/selection/selection-evidence.ts'
import {
  type Forecast,
  priceInterval,
  priceQuantile,
  probabilityOfRise,
} from '../forecast/forecast.ts'
import type { Bars } from '../market/bars.ts'
import type { Finding } from '../market/finding.ts'
import { formatDay } from '../market/trading-date.ts'
import type { Environment } from '../registry/environments.ts'
import type { GateClaim, GateDecision } from '../registry/gate-verdict.ts'

export interface DataDocument {
  readonly rows: number
  /** First and last session, `YYYY-MM-DD`. */
  readonly first: string
  readonly last: string
  readonly digest: string
  readonly findings: readonly Finding[]
}

export interface ForecastDocument {
  readonly horizon: number
  readonly referenceClose: number
  readonly median: number
  readonly interval80: readonly [number, number]
  readonly interval95: readonly [number, number]
  readonly probabilityUp: number
  /** False when the forecast should not be acted on; `reasons` say why. */
  readonly usable: boolean
  readonly reasons: readonly string[]
}

/** Scores with null where a number is undefined. */
export type ScoresDocument = Readonly<Record<string, Readonly<Record<keyof Scores, number | null>>>>

export interface VersionDocument {
  readonly name: string
  readonly version: string
  readonly environment: Environment
}

interface GateDocument {
  readonly decision: GateDecision
  readonly reasons: readonly string[]
  readonly claims: readonly GateClaim[]
}

/** One further horizon of a run: judged like the first, promoted with it. */
export interface HorizonDocument {
  readonly horizon: number
  readonly scores: ScoresDocument
  readonly tests: Readonly<Record<string, ModelTests>>
  readonly selection: SelectionEvidence
  readonly gate: GateDocument
  readonly forecast: ForecastDocument
}

export interface RunDocument {
  readonly symbol: string
  readonly asOf: string
  readonly historical: boolean
  readonly data: DataDocument
  readonly folds: number
  readonly scores: ScoresDocument
  readonly tests: Readonly<Record<string, ModelTests>>
  /** How much luck is in the choice of the candidate, and of the best of these models. */
  readonly selection: SelectionEvidence
  readonly run: { readonly id: string; readonly experiment: string }
  readonly version: VersionDocument
  readonly gate: GateDocument
  readonly forecast: ForecastDocument
  /** The further horizons; absent where there are none. */
  readonly horizons?: readonly HorizonDocument[]
  /** Where the HTML report is. */
  readonly report: string
  readonly durationMs: number
}

export function dataDocument(bars: Bars, findings: readonly Finding[]): DataDocument {
  const { date, digest } = bars
  return {
    rows: date.length,
    first: formatDay(date[0] ?? 0),
    last: formatDay(date.at(-1) ?? 0),
    digest,
    findings,
  }
}

/** @param reasons Why the forecast should not be acted on; none when it may. */
export function forecastDocument(forecast: Forecast, reasons: readonly string[]): ForecastDocument {
  return {
    horizon: forecast.horizon,
    referenceClose: forecast.referenceClose,
    median: priceQuantile(forecast, 0.5),
    interval80: priceInterval(forecast, 0.8),
    interval95: priceInterval(forecast, 0.95),
    probabilityUp: probabilityOfRise(forecast),
    usable: reasons.length === 0,
    reasons,
  }
}

export function scoresDocument(judgement: Judgement): ScoresDocument {
  const models = Object.entries(judgement.scores).map(([model, scores]) => {
    const fields = Object.entries(scores).map(([name, value]) => [name, finiteOrNull(value)])
    return [model, Object.fromEntries(fields)]
  })
  return Object.fromEntries(models)
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
