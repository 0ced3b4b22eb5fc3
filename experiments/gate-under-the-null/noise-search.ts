/** The best of many worthless configurations on one series, with and without the trial ledger. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Backtest } from '../../src/evaluation/backtest.ts'
import { edgeReturns } from '../../src/evaluation/selection/edge-strategy.ts'
import { selectionEvidence } from '../../src/evaluation/selection/selection-evidence.ts'
import { normalCdf, normalDensity } from '../../src/numerics/normal.ts'
import { createRandom, type Random } from '../../src/numerics/random.ts'
import { mean } from '../../src/numerics/statistics.ts'
import { decideGate } from '../../src/registry/gate.ts'
import type { GateEvidence } from '../../src/registry/gate-evidence.ts'
import { DEFAULT_GATE_POLICY } from '../../src/registry/gate-policy.ts'
import type { GateVerdict } from '../../src/registry/gate-verdict.ts'
import { candidatesTriedOn, recordTrial } from '../../src/registry/trial-ledger.ts'
import { TRIAL_LEDGER_SCHEMA } from '../../src/registry/trial-ledger-schema.ts'
import { openDatabase } from '../../src/sqlite/open-database.ts'

const SESSIONS = 500
const SCALE = 0.01
/** Standard deviation of a configuration's daily location, in units of the scale. */
const TILT = 0.03

export interface NoiseSearch {
  readonly configurations: number
  /** The verdict on the configuration with the lowest p if it were the first of its kind. */
  readonly alone: GateVerdict
  /** The verdict on the same one as the trial that it was. */
  readonly counted: GateVerdict
  /** Configurations that would be promoted by themselves, and as counted. */
  readonly promotedAlone: number
  readonly promotedCounted: number
  /** Of the configuration with the highest Sharpe ratio of its strategy. */
  readonly probabilisticSharpe: number
  readonly deflatedSharpe: number
}

/**
 * Each configuration forecasts the true distribution of an independent Gaussian walk, shifted every
 * day by a small location that knows nothing, and is entered in a trial ledger in its turn.
 */
export function searchNoise(seed: string, configurations: number): NoiseSearch {
  const random = createRandom(seed)
  const outcome = series(random.fork('returns'), SCALE)
  const directory = mkdtempSync(join(tmpdir(), 'noise-search-'))
  const database = openDatabase(join(directory, 'tickerflow.db'), [TRIAL_LEDGER_SCHEMA])
  try {
    const tried = Array.from({ length: configurations }, (_, k) => {
      const location = series(random.fork(`configuration ${k}`), TILT * SCALE)
      const evidence = evidenceOf(outcome, location)
      const trial = {
        symbol: 'SIM',
        dataDigest: seed,
        recipe: `configuration ${k}`,
        model: 'noise',
        role: 'candidate' as const,
        horizon: 1,
        date: Int32Array.from(outcome, (_, i) => i),
        losses: evidence.losses.candidate,
        returns: returnsOf(outcome, location),
        atMs: k,
      }
      const number = recordTrial(database, trial)
      return {
        alone: decideGate({ ...evidence, trial: 1 }, DEFAULT_GATE_POLICY),
        counted: decideGate({ ...evidence, trial: number }, DEFAULT_GATE_POLICY),
        trial,
        number,
      }
    })
    const byP = tried.toSorted((a, b) => pOf(a.alone) - pOf(b.alone))
    const bySharpe = tried.toSorted((a, b) => mean(b.trial.returns) - mean(a.trial.returns))
    const [best, richest] = [byP[0], bySharpe[0]]
    if (best === undefined || richest === undefined) throw new RangeError('Nothing was tried')
    const span = { symbol: 'SIM', horizon: 1, firstDay: 0, lastDay: SESSIONS }
    const { strategy } = selectionEvidence({
      horizon: 1,
      candidate: richest.trial,
      tried: candidatesTriedOn(database, span),
      trial: richest.number,
      losses: {},
      outcome,
      random: random.fork('selection'),
    })
    return {
      configurations,
      alone: best.alone,
      counted: best.counted,
      promotedAlone: tried.filter(({ alone }) => alone.decision === 'promote').length,
      promotedCounted: tried.filter(({ counted }) => counted.decision === 'promote').length,
      probabilisticSharpe: strategy.probabilisticSharpe ?? 0,
      deflatedSharpe: strategy.deflatedSharpe ?? 0,
    }
  } finally {
    database.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

function pOf(verdict: GateVerdict): number {
  return verdict.claims.find(({ claim }) => claim === 'better-than-naive')?.p ?? 1
}

function series(random: Random, scale: number): Float64Array {
  return Float64Array.from({ length: SESSIONS }, () => scale * random.normal())
}

function evidenceOf(outcome: Float64Array, location: Float64Array): GateEvidence {
  const naive = outcome.map((value) => normalCrps(value / SCALE))
  return {
    horizon: 1,
    losses: {
      candidate: outcome.map((value, i) => normalCrps((value - (location[i] as number)) / SCALE)),
      naive,
      classical: { ewma: naive },
    },
    direction: { forecasts: location, outcomes: outcome },
    coverage80: 0.8,
    coverage95: 0.95,
    leakageFindings: [],
    dataAgeSessions: 0,
    historical: false,
    look: 1,
  }
}

/** CRPS of a normal forecast, in units of the scale; Gneiting & Raftery 2007, equation 21. */
function normalCrps(z: number): number {
  return SCALE * (z * (2 * normalCdf(z) - 1) + 2 * normalDensity(z) - 1 / Math.sqrt(Math.PI))
}

function returnsOf(outcome: Float64Array, location: Float64Array): Float64Array {
  const n = outcome.length
  const backtest: Backtest = {
    symbol: 'SIM',
    horizon: 1,
    folds: [],
    date: new Int32Array(n),
    fold: new Int32Array(n),
    referenceClose: new Float64Array(n).fill(1),
    outcome,
    varianceProxy: new Float64Array(n),
    naivePriceError: new Float64Array(n),
    tracks: [],
  }
  return edgeReturns(backtest, {
    model: 'noise',
    location,
    scale: new Float64Array(n).fill(SCALE),
    degreesOfFreedom: new Float64Array(n).fill(Number.POSITIVE_INFINITY),
  })
}
