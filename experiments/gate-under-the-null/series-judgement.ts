/** One simulated series from its bars to the gate's verdicts, as the program itself goes about it. */
import { runFoldTask } from '../../src/evaluation/fold-task.ts'
import { judge } from '../../src/evaluation/judgement.ts'
import { lossDifference, meanWithError } from '../../src/evaluation/skill/loss-difference.ts'
import { walkForward } from '../../src/evaluation/walk-forward.ts'
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import type { ForecasterSpec } from '../../src/forecast/forecaster.ts'
import { mean } from '../../src/numerics/statistics.ts'
import { gateEvidence } from '../../src/pipeline/gate-case.ts'
import { decideGate } from '../../src/registry/gate.ts'
import { DEFAULT_GATE_POLICY } from '../../src/registry/gate-policy.ts'
import type { ClaimName, GateVerdict } from '../../src/registry/gate-verdict.ts'
import { type SimulatedMarket, simulateBars } from '../../test/simulated-bars.ts'

/** Plain data, so that it can cross to a worker thread. */
export interface SeriesTask {
  readonly market: Omit<SimulatedMarket, 'sessions'>
  /** Sessions before the first test day, all of which are learnt from. */
  readonly trainSessions: number
  readonly testSessions: number
  /** Judged beside the benchmarks, each put to the gate by itself. */
  readonly candidates: readonly ForecasterSpec[]
}

export interface CandidateOutcome {
  readonly candidate: string
  readonly decision: GateVerdict['decision']
  /** Claims that hold. */
  readonly held: readonly ClaimName[]
  /** p of being better than naive. */
  readonly p: number
  /** Mean CRPS difference over its standard error, against naive and each classical model. */
  readonly gains: Readonly<Record<string, Gain>>
}

export interface Gain {
  /** Relative to the benchmark's mean CRPS; negative is better. */
  readonly difference: number
  readonly standardError: number
}

const BENCHMARKS = ['naive', 'ewma', 'garch', 'har']

export async function judgeSeries(task: SeriesTask): Promise<readonly CandidateOutcome[]> {
  const { market, trainSessions, testSessions, candidates } = task
  // The outcome of the last test day needs one more session.
  const bars = simulateBars({ ...market, sessions: trainSessions + testSessions + 1 })
  const { date } = bars
  const named = candidates.map((spec) => spec.label ?? spec.name)
  const benchmarks = BENCHMARKS.filter((name) => !named.includes(name)).map((name) => ({ name }))
  const fold = {
    trainFrom: date[0] as number,
    trainTo: date[trainSessions - 1] as number,
    testFrom: date[trainSessions] as number,
    testTo: date[trainSessions + testSessions - 1] as number,
  }
  const { backtests } = await walkForward(
    {
      frames: [buildFeatureFrame(bars)],
      symbols: [bars.symbol],
      models: [...benchmarks, ...candidates],
      folds: [fold],
      horizon: 1,
      seed: 1,
    },
    { execute: async (fit) => runFoldTask(fit) },
  )
  const [backtest] = backtests
  if (backtest === undefined) throw new RangeError('Nothing was judged')
  const judgement = judge(backtest)
  return named.map((candidate) => {
    const evidence = gateEvidence({
      candidate,
      backtest,
      judgement,
      leakage: [],
      dataAgeSessions: 0,
      historical: false,
      trial: 1,
    })
    const verdict = decideGate({ ...evidence, look: 1 }, DEFAULT_GATE_POLICY)
    const { losses } = evidence
    const gains = Object.entries({ naive: losses.naive, ...losses.classical }).map(
      ([name, benchmark]) => [name, gainOver(losses.candidate, benchmark)] as const,
    )
    return {
      candidate,
      decision: verdict.decision,
      held: verdict.claims.flatMap(({ claim, standing }) => (standing === 'holds' ? [claim] : [])),
      p: verdict.claims.find(({ claim }) => claim === 'better-than-naive')?.p ?? 1,
      gains: Object.fromEntries(gains),
    }
  })
}

function gainOver(candidate: Float64Array, benchmark: Float64Array): Gain {
  const unit = mean(benchmark)
  const estimate = meanWithError(lossDifference(candidate, benchmark), { horizon: 1 })
  return {
    difference: (estimate?.mean ?? 0) / unit,
    standardError: (estimate?.standardError ?? 0) / unit,
  }
}
