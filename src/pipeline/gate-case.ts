/** Lays a backtest before the gate. */
import type { Backtest } from '../evaluation/backtest.ts'
import type { Judgement } from '../evaluation/judgement.ts'
import type { LeakageFinding } from '../evaluation/leakage.ts'
import type { GateEvidence } from '../registry/gate-evidence.ts'
import { CHAMPION_LABEL } from './champion.ts'

/** The classical models that a candidate must not be inferior to. */
const CLASSICAL = ['ewma', 'garch', 'har']

export interface GateCase {
  readonly candidate: string
  readonly backtest: Backtest
  readonly judgement: Judgement
  /** What the leakage checks found on this very data and recipe; they must have run. */
  readonly leakage: readonly LeakageFinding[]
  readonly dataAgeSessions: number
  readonly historical: boolean
  /** Number of the candidate's trial in the trial ledger. */
  readonly trial: number
}

export function gateEvidence(input: GateCase): Omit<GateEvidence, 'look'> {
  const { candidate, backtest, judgement, leakage, dataAgeSessions, historical, trial } = input
  const lossesOf = (model: string) => {
    const losses = judgement.losses[model]
    if (losses === undefined) throw new RangeError(`The backtest has no model '${model}'`)
    return losses
  }
  const present = CLASSICAL.filter((model) => model in judgement.losses && model !== candidate)
  const champion = judgement.losses[CHAMPION_LABEL]
  const scores = judgement.scores[candidate]
  const track = backtest.tracks.find(({ model }) => model === candidate)
  return {
    horizon: backtest.horizon,
    losses: {
      candidate: lossesOf(candidate),
      naive: lossesOf('naive'),
      classical: Object.fromEntries(present.map((model) => [model, lossesOf(model)])),
      ...(champion === undefined ? {} : { champion }),
    },
    direction: { forecasts: track?.location ?? new Float64Array(), outcomes: backtest.outcome },
    coverage80: scores?.coverage80 ?? Number.NaN,
    coverage95: scores?.coverage95 ?? Number.NaN,
    leakageFindings: leakage.map((finding) => finding.message),
    dataAgeSessions,
    historical,
    trial,
  }
}
