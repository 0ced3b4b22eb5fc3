import { describe, expect, it } from 'vitest'
import { normalCdf, normalDensity } from '../numerics/normal.ts'
import { createRandom, type Random } from '../numerics/random.ts'
import { decideGate } from './gate.ts'
import type { GateEvidence } from './gate-evidence.ts'
import { DEFAULT_GATE_POLICY } from './gate-policy.ts'
import type { ClaimName, GateVerdict } from './gate-verdict.ts'

/**
 * Small twins of the gate's simulations: seeded series without skill, and one with, judged by
 * forecasts in closed form. Bounds are alpha plus three standard errors of the number of trials.
 */
const ALPHA = DEFAULT_GATE_POLICY.alpha
const TRIALS = 200
const TRAIN = 250
const TEST = 500
const AT_MOST = ALPHA + 3 * Math.sqrt((ALPHA * (1 - ALPHA)) / TRIALS)

interface Track {
  readonly location: (t: number) => number
  readonly scale: (t: number) => number
}

/** CRPS of a normal forecast; Gneiting & Raftery 2007, equation 21. */
function normalCrps(outcome: number, location: number, scale: number): number {
  const z = (outcome - location) / scale
  return scale * (z * (2 * normalCdf(z) - 1) + 2 * normalDensity(z) - 1 / Math.sqrt(Math.PI))
}

function crpsOf(returns: Float64Array, track: Track): Float64Array {
  return Float64Array.from({ length: returns.length - TRAIN }, (_, i) =>
    normalCrps(returns[TRAIN + i] ?? 0, track.location(TRAIN + i), track.scale(TRAIN + i)),
  )
}

function naiveOf(returns: Float64Array): Track {
  let squares = 0
  for (const r of returns.subarray(0, TRAIN)) squares += r * r
  const scale = Math.sqrt(squares / TRAIN)
  return { location: () => 0, scale: () => scale }
}

/** Exponentially weighted scale of the returns before t. */
function ewmaOf(returns: Float64Array, weight: number): Track {
  const scales = new Float64Array(returns.length)
  const start = naiveOf(returns).scale(0)
  let variance = start * start
  for (const [t, r] of returns.entries()) {
    scales[t] = Math.sqrt(variance)
    variance += weight * (r * r - variance)
  }
  return { location: () => 0, scale: (t) => scales[t] ?? 0 }
}

/** The same forecast with a location that knows nothing: a small random tilt, day by day. */
function tilted(track: Track, random: Random): Track {
  const tilt = Float64Array.from({ length: TRAIN + TEST }, () => 0.03 * random.normal())
  return { ...track, location: (t) => (tilt[t] ?? 0) * track.scale(t) }
}

interface Trial {
  readonly returns: Float64Array
  readonly candidate: Track
}

function evidenceOf({ returns, candidate }: Trial, sessions: number, look: number): GateEvidence {
  const seen = returns.subarray(0, TRAIN + sessions)
  const crps = (track: Track) => crpsOf(seen, track)
  return {
    horizon: 1,
    losses: {
      candidate: crps(candidate),
      naive: crps(naiveOf(seen)),
      classical: { ewma: crps(ewmaOf(seen, 0.06)), slow: crps(ewmaOf(seen, 0.02)) },
    },
    direction: {
      forecasts: Float64Array.from({ length: sessions }, (_, i) => candidate.location(TRAIN + i)),
      outcomes: seen.slice(TRAIN),
    },
    coverage80: 0.8,
    coverage95: 0.95,
    leakageFindings: [],
    dataAgeSessions: 0,
    historical: false,
    look,
  }
}

function walk(random: Random): Float64Array {
  return Float64Array.from({ length: TRAIN + TEST }, () => 0.01 * random.normal())
}

/** GARCH(1,1) with the persistence of daily equity returns. */
function garchWalk(random: Random): Float64Array {
  let variance = 1e-4
  return Float64Array.from({ length: TRAIN + TEST }, () => {
    const r = Math.sqrt(variance) * random.normal()
    variance = 2e-6 + 0.1 * r * r + 0.88 * variance
    return r
  })
}

const shareOf = (verdicts: readonly GateVerdict[], test: (verdict: GateVerdict) => boolean) =>
  verdicts.filter(test).length / verdicts.length
const isPromoted = (verdict: GateVerdict) => verdict.decision === 'promote'
const holds = (name: ClaimName) => (verdict: GateVerdict) =>
  verdict.claims.some(({ claim, standing }) => claim === name && standing === 'holds')

function simulate(seed: string, judge: (random: Random) => GateVerdict): readonly GateVerdict[] {
  const root = createRandom(seed)
  return Array.from({ length: TRIALS }, (_, trial) => judge(root.fork(trial)))
}

describe('the gate over many series', () => {
  it('promotes no more than alpha of forecasts without skill on independent Gaussian walks', () => {
    const verdicts = simulate('gaussian', (random) => {
      const returns = walk(random.fork('returns'))
      const candidate = tilted(naiveOf(returns), random.fork('tilt'))
      return decideGate(evidenceOf({ returns, candidate }, TEST, 1), DEFAULT_GATE_POLICY)
    })
    expect(shareOf(verdicts, isPromoted)).toBeLessThanOrEqual(AT_MOST)
    expect(shareOf(verdicts, holds('directional-skill'))).toBeLessThanOrEqual(AT_MOST)
  })

  it('promotes no more than alpha of them however often each is looked at', () => {
    const policy = { ...DEFAULT_GATE_POLICY, minimumSessions: 100 }
    const verdicts = simulate('looks', (random) => {
      const returns = walk(random.fork('returns'))
      const candidate = tilted(naiveOf(returns), random.fork('tilt'))
      const looks = [100, 200, 300, 400, 500].map((sessions, index) =>
        decideGate(evidenceOf({ returns, candidate }, sessions, index + 1), policy),
      )
      return looks.find(isPromoted) ?? (looks[4] as GateVerdict)
    })
    expect(shareOf(verdicts, isPromoted)).toBeLessThanOrEqual(AT_MOST)
  })

  it('claims neither an edge over the classical models nor direction where only volatility clusters', () => {
    const verdicts = simulate('garch', (random) => {
      const returns = garchWalk(random.fork('returns'))
      const candidate = tilted(ewmaOf(returns, 0.06), random.fork('tilt'))
      return decideGate(evidenceOf({ returns, candidate }, TEST, 1), DEFAULT_GATE_POLICY)
    })
    expect(shareOf(verdicts, holds('better-than-classical'))).toBeLessThanOrEqual(AT_MOST)
    expect(shareOf(verdicts, holds('directional-skill'))).toBeLessThanOrEqual(AT_MOST)
  })

  it('promotes most forecasts that know tomorrow’s volatility', () => {
    const verdicts = simulate('signal', (random) => {
      const noise = random.fork('noise')
      const scales = Float64Array.from({ length: TRAIN + TEST }, () =>
        noise.uniform() < 0.5 ? 0.005 : 0.015,
      )
      const returns = scales.map((scale) => scale * noise.normal())
      const candidate: Track = { location: () => 0, scale: (t) => scales[t] ?? 0 }
      return decideGate(evidenceOf({ returns, candidate }, TEST, 1), DEFAULT_GATE_POLICY)
    })
    expect(shareOf(verdicts, isPromoted)).toBeGreaterThanOrEqual(0.8)
    expect(shareOf(verdicts, holds('better-than-classical'))).toBeGreaterThanOrEqual(0.8)
  })
})
