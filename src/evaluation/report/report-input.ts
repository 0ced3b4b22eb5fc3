/** What a report is made from: plain data, so that any caller can fill it in. */
import type { StudentTDistribution } from '../../forecast/forecast.ts'
import type { Backtest, Scores, TestResult } from '../backtest.ts'
import type { SelectionEvidence } from '../selection/selection-evidence.ts'

/** One finding of the quality checks. */
export interface ReportFinding {
  /** Name of the check. */
  readonly check: string
  /** `blocking` or `warning`. */
  readonly severity: string
  readonly message: string
  /** How many rows show it. */
  readonly count?: number
  readonly remedy?: string
}

interface ReportData {
  readonly rows: number
  /** First and last session, `YYYY-MM-DD`. */
  readonly first: string
  readonly last: string
  /** SHA-256 (hex) of the bars. */
  readonly digest: string
  readonly findings: readonly ReportFinding[]
}

/** Diebold–Mariano tests on CRPS; t < 0 means better than the benchmark; p is one-sided. */
interface ReportTests {
  readonly dmVsNaive: TestResult
  readonly dmVsEwma: TestResult
  readonly dmVsHar?: TestResult
}

export interface ReportClaim {
  /** Name of the claim, its words joined by hyphens. */
  readonly claim: string
  readonly statement: string
  /** `open`: the estimate speaks for it, the evidence is too little. */
  readonly standing: 'holds' | 'open' | 'fails'
  /** Promotion needs it. */
  readonly required?: boolean
}

export interface ReportGate {
  /** `promote`, `hold` or `insufficient-evidence`. */
  readonly decision: string
  readonly reasons: readonly string[]
  readonly claims: readonly ReportClaim[]
}

/** The latest forecast; prices in the basis of the bars. */
export interface ReportForecast {
  /** Sessions ahead. */
  readonly horizon: number
  readonly referenceClose: number
  readonly median: number
  readonly interval80: readonly [number, number]
  readonly interval95: readonly [number, number]
  readonly probabilityUp: number
  readonly usable: boolean
  readonly reasons: readonly string[]
  readonly distribution: StudentTDistribution
}

export interface ReportInput {
  readonly title: string
  readonly symbol: string
  /** Last complete session known, `YYYY-MM-DD`. */
  readonly asOf: string
  /** The data end in the past on purpose: the forecast is not about a day still to come. */
  readonly historical: boolean
  /** ISO 8601 instant; left out of the page when absent, so that equal inputs give equal bytes. */
  readonly generatedAt?: string
  readonly data: ReportData
  readonly backtest: Backtest
  readonly scores: Readonly<Record<string, Scores>>
  readonly tests: Readonly<Record<string, ReportTests>>
  /** CRPS of each test day [n] by model. */
  readonly losses: Readonly<Record<string, Float64Array>>
  /** Probability integral transform of each test day [n] by model. */
  readonly pit: Readonly<Record<string, Float64Array>>
  /** The model that the report is about; by default `lstm` if it took part, else the best by CRPS. */
  readonly candidate?: string
  readonly gate?: ReportGate
  /** How much luck is in the choice of the candidate. */
  readonly selection?: SelectionEvidence
  readonly version?: {
    readonly name: string
    readonly version: string | number
    readonly environment: string
  }
  readonly forecast?: ReportForecast
  /** The latest sessions [m], oldest first; what the price chart draws. */
  readonly recentBars: { readonly date: Int32Array; readonly close: Float64Array }
  readonly run?: { readonly id: string; readonly experiment: string }
  /** Everything that shaped the result, as text. */
  readonly settings: Readonly<Record<string, string>>
  /** Sign before prices; `$` by default. */
  readonly currency?: string
}

/** The benchmark that every difference in the report is taken to. */
export const BENCHMARK = 'naive'

/** Names of the models in the backtest, in its order. */
export function modelsOf(input: Pick<ReportInput, 'backtest'>): readonly string[] {
  return input.backtest.tracks.map((track) => track.model)
}

/** The model that the report is about, or `undefined` when the backtest has none. */
export function candidateOf(
  input: Pick<ReportInput, 'backtest' | 'scores' | 'candidate'>,
): string | undefined {
  const models = modelsOf(input)
  if (input.candidate !== undefined && models.includes(input.candidate)) return input.candidate
  return models.includes('lstm') ? 'lstm' : bestByCrps(input)
}

/** The model of the lowest mean CRPS, or `undefined` when no score is a number. */
export function bestByCrps(input: Pick<ReportInput, 'backtest' | 'scores'>): string | undefined {
  let best: string | undefined
  let lowest = Number.POSITIVE_INFINITY
  for (const model of modelsOf(input)) {
    const crps = input.scores[model]?.crps ?? Number.NaN
    if (crps < lowest) {
      lowest = crps
      best = model
    }
  }
  return best
}
