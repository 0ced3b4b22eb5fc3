import { describe, expect, it } from 'vitest'
import { createRandom } from '../numerics/random.ts'
import { decideGate } from './gate.ts'
import { evidenceDigest, type GateEvidence } from './gate-evidence.ts'
import { alphaAtLook, DEFAULT_GATE_POLICY } from './gate-policy.ts'
import type { ClaimName, GateVerdict } from './gate-verdict.ts'

const SESSIONS = 1000

/** Losses that are this much of a common noisy series, plus noise of their own. */
function losses(level: number, label: string, noise = 0.05): Float64Array {
  const common = createRandom(1)
  const own = createRandom(1).fork(label)
  return Float64Array.from(
    { length: SESSIONS },
    () => level * (1 + 0.5 * common.uniform()) + noise * (own.uniform() - 0.5),
  )
}

const signs = (label: string) => {
  const random = createRandom(2).fork(label)
  return Float64Array.from({ length: SESSIONS }, () => random.normal())
}

/** A candidate that deserves promotion: 5 % better than naive, level with the best classical. */
const DESERVING: GateEvidence = {
  horizon: 1,
  losses: {
    candidate: losses(0.95, 'candidate', 0.01),
    naive: losses(1, 'naive'),
    classical: {
      ewma: losses(0.97, 'ewma', 0.01),
      garch: losses(0.96, 'garch', 0.01),
      har: losses(0.95, 'har', 0.01),
    },
  },
  direction: { forecasts: signs('forecasts'), outcomes: signs('outcomes') },
  coverage80: 0.79,
  coverage95: 0.95,
  leakageFindings: [],
  dataAgeSessions: 1,
  historical: false,
  look: 1,
}

const decide = (changes: Partial<GateEvidence> = {}) =>
  decideGate({ ...DESERVING, ...changes }, DEFAULT_GATE_POLICY)
const withLosses = (changes: Partial<GateEvidence['losses']>) =>
  decide({ losses: { ...DESERVING.losses, ...changes } })
const claim = (verdict: GateVerdict, name: ClaimName) =>
  verdict.claims.find((candidate) => candidate.claim === name)

describe('decideGate', () => {
  it('promotes a version that beats naive and matches the best classical model', () => {
    const verdict = decide()
    expect(verdict.decision).toBe('promote')
    expect(verdict.reasons.join('\n')).toMatch(/CRPS 4\.9\d % lower than the naive forecast/)
    expect(verdict.reasons.join('\n')).toMatch(/best classical model, har,/)
    expect(verdict).toMatchObject({ policyVersion: '1', look: 1, alpha: 0.025 })
  })

  it('holds a version that is no better than naive', () => {
    const verdict = withLosses({ candidate: losses(1.01, 'candidate') })
    expect(verdict.decision).toBe('hold')
    expect(verdict.reasons.join('\n')).toMatch(/CRPS 1\.\d+ % higher than the naive forecast/)
  })

  it('holds a version whose losses are those of the naive forecast', () => {
    const verdict = withLosses({ candidate: DESERVING.losses.naive })
    expect(claim(verdict, 'better-than-naive')).toMatchObject({ standing: 'fails', p: null })
    expect(verdict.decision).toBe('hold')
  })

  it('says about how many sessions are missing when an advantage may be chance', () => {
    const verdict = withLosses({
      candidate: losses(0.9985, 'candidate', 0.1),
      classical: { ewma: losses(1.05, 'ewma') },
    })
    expect(verdict.decision).toBe('insufficient-evidence')
    const open = claim(verdict, 'better-than-naive')
    expect(open).toMatchObject({ standing: 'open' })
    expect(open?.moreSessions).toBeGreaterThan(100)
    expect(verdict.reasons).toEqual([
      expect.stringMatching(new RegExp(`Not enough evidence.*about ${open?.moreSessions} more`)),
    ])
  })

  it('holds a version that is clearly worse than the best classical model', () => {
    const verdict = withLosses({
      classical: { ewma: losses(0.97, 'ewma'), har: losses(0.93, 'har', 0.01) },
    })
    expect(verdict.decision).toBe('hold')
    expect(claim(verdict, 'not-inferior-to-classical')).toMatchObject({
      standing: 'fails',
      statistic: expect.closeTo(0.0215, 2),
      threshold: 0.005,
    })
  })

  it('asks for more sessions where a version could be too much worse than a classical model', () => {
    const verdict = withLosses({
      candidate: losses(0.95, 'candidate', 0.4),
      classical: { har: losses(0.95, 'har', 0.4) },
    })
    expect(verdict.decision).toBe('insufficient-evidence')
    const open = claim(verdict, 'not-inferior-to-classical')
    expect(open?.standing).toBe('open')
    expect(open?.bound).toBeGreaterThan(0.005)
    expect(open?.moreSessions).toBeGreaterThan(0)
  })

  it('takes the champion as a benchmark only where there is one', () => {
    expect(claim(decide(), 'not-inferior-to-champion')).toBeUndefined()
    const level = withLosses({ champion: DESERVING.losses.candidate })
    expect(claim(level, 'not-inferior-to-champion')).toMatchObject({ standing: 'holds', bound: 0 })
    expect(level.decision).toBe('promote')
    const worse = withLosses({ champion: losses(0.9, 'champion', 0.01) })
    expect(worse.decision).toBe('hold')
    expect(worse.reasons.join()).toContain('the version that is live')
  })

  it('holds a version with no classical model beside it', () => {
    expect(withLosses({ classical: {} }).decision).toBe('hold')
  })

  it.each([
    ['coverage of the 80 % interval', { coverage80: 0.7 }, /80 % interval held 70\.0 %/],
    ['coverage of the 95 % interval', { coverage95: 0.99 }, /95 % interval held 99\.0 %/],
    ['coverage that is not a number', { coverage80: Number.NaN }, /80 % interval/],
    ['a leakage finding', { leakageFindings: ['volume peeks ahead'] }, /volume peeks ahead/],
    ['stale data', { dataAgeSessions: 6 }, /Sessions since the last bar: 6; at most 5/],
  ])('holds for %s', (_, changes, reason) => {
    const verdict = decide(changes)
    expect(verdict.decision).toBe('hold')
    expect(verdict.reasons).toEqual([expect.stringMatching(reason)])
  })

  it('does not hold their age against historical data', () => {
    expect(decide({ dataAgeSessions: 3000, historical: true }).decision).toBe('promote')
  })

  it('asks for the least number of sessions', () => {
    const cut = (values: Float64Array) => values.subarray(0, 400)
    const verdict = decide({
      losses: {
        candidate: cut(DESERVING.losses.candidate),
        naive: cut(DESERVING.losses.naive),
        classical: { har: cut(losses(0.97, 'har', 0.01)) },
      },
      direction: {
        forecasts: cut(DESERVING.direction.forecasts),
        outcomes: cut(DESERVING.direction.outcomes),
      },
    })
    expect(verdict.decision).toBe('insufficient-evidence')
    expect(verdict.reasons).toEqual([expect.stringMatching(/400 test sessions.*about 100 more/)])
  })

  it.each([0, 1])('says that %i sessions are too few, and nothing else', (n) => {
    const none = new Float64Array(n)
    const verdict = decide({
      losses: { candidate: none, naive: none, classical: { har: none } },
      direction: { forecasts: none, outcomes: none },
    })
    expect(verdict.decision).toBe('insufficient-evidence')
    expect(verdict.reasons).toHaveLength(1)
  })

  it('holds when losses are not numbers, and names the series', () => {
    const broken = DESERVING.losses.candidate.with(3, Number.NaN)
    const verdict = withLosses({ candidate: broken })
    expect(verdict.decision).toBe('hold')
    expect(verdict.reasons).toEqual([expect.stringContaining('candidate')])
  })

  it('reports being better than the classical models without asking for it', () => {
    const level = claim(decide(), 'better-than-classical')
    expect(level).toMatchObject({ required: false })
    expect(level?.standing).not.toBe('holds')
    expect(level?.statement).toContain('har, the hardest')
    const better = withLosses({
      classical: { ewma: losses(0.97, 'ewma', 0.01), har: losses(0.96, 'har', 0.01) },
    })
    expect(claim(better, 'better-than-classical')?.standing).toBe('holds')
  })

  it('reports directional skill without asking for it', () => {
    expect(claim(decide(), 'directional-skill')?.standing).not.toBe('holds')
    const { outcomes } = DESERVING.direction
    const seeing = decide({ direction: { forecasts: outcomes, outcomes } })
    expect(claim(seeing, 'directional-skill')).toMatchObject({ standing: 'holds', required: false })
    const constant = decide({ direction: { forecasts: new Float64Array(SESSIONS), outcomes } })
    expect(claim(constant, 'directional-skill')).toMatchObject({ standing: 'fails', p: null })
    expect(constant.decision).toBe('promote')
  })

  it('sees no skill in signs that depend on the outcome but are right less often than always "up"', () => {
    const random = createRandom(6)
    const outcomes = Float64Array.from({ length: SESSIONS }, () => random.uniform() - 0.3)
    const forecasts = outcomes.map((outcome) =>
      random.uniform() < (outcome > 0 ? 0.55 : 0.35) ? 1 : -1,
    )
    const direction = claim(decide({ direction: { forecasts, outcomes } }), 'directional-skill')
    expect(direction?.statistic).toBeGreaterThan(4)
    expect(direction?.standing).not.toBe('holds')
    expect(direction?.statement).toContain('where the commoner sign has 7')
  })

  it('counts only outcomes that do not overlap as evidence of direction', () => {
    const { forecasts, outcomes } = DESERVING.direction
    const everyFifthRight = forecasts.map((_, i) => (i % 5 === 0 ? 1 : -1) * (outcomes[i] ?? 0))
    const verdict = decide({ horizon: 5, direction: { forecasts: everyFifthRight, outcomes } })
    expect(claim(verdict, 'directional-skill')?.standing).toBe('holds')
  })

  it('asks more of every further look', () => {
    const candidate = losses(0.9975, 'candidate', 0.08)
    const evidence = {
      losses: { ...DESERVING.losses, candidate, classical: { har: losses(1, 'h') } },
    }
    expect(decide({ ...evidence, look: 1 }).decision).toBe('promote')
    expect(decide({ ...evidence, look: 40 }).decision).toBe('insufficient-evidence')
  })

  it('asks more of a recipe that comes after many others', () => {
    const candidate = losses(0.9975, 'candidate', 0.08)
    const evidence = {
      losses: { ...DESERVING.losses, candidate, classical: { har: losses(1, 'h') } },
    }
    expect(decide({ ...evidence, trial: 1 }).decision).toBe('promote')
    const late = decide({ ...evidence, look: 1, trial: 40 })
    expect(late).toMatchObject({ decision: 'insufficient-evidence', look: 1, trial: 40 })
    expect(late.alpha).toBeCloseTo(0.05 / (40 * 41), 12)
    expect(late.reasons.join()).toContain('at look 1, trial 40 on these days')
    const sameCost = decide({ ...evidence, look: 40, trial: 3 })
    expect(sameCost.alpha).toBe(late.alpha)
  })

  it('names the policy it judged by, and its digest', () => {
    const policy = { ...DEFAULT_GATE_POLICY, version: 'strict', alpha: 0.01 }
    const strict = decideGate(DESERVING, policy)
    expect(strict.policyVersion).toBe('strict')
    expect(strict.policyDigest).toMatch(/^[0-9a-f]{64}$/)
    expect(strict.policyDigest).not.toBe(decide().policyDigest)
  })

  it('refuses series of different lengths', () => {
    expect(() => withLosses({ naive: new Float64Array(3) })).toThrowError(RangeError)
  })

  it('is plain JSON', () => {
    const verdict = decide()
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict)
  })
})

describe('alphaAtLook', () => {
  it('spends less than alpha over any number of looks', () => {
    let spent = 0
    for (let look = 1; look <= 1000; look++) spent += alphaAtLook(DEFAULT_GATE_POLICY, look)
    expect(spent).toBeCloseTo(0.05 * (1 - 1 / 1001), 12)
  })

  it.each([0, -1, 1.5, Number.NaN])('refuses look %s', (look) => {
    expect(() => alphaAtLook(DEFAULT_GATE_POLICY, look)).toThrowError(RangeError)
  })
})

describe('evidenceDigest', () => {
  it('is the same for the same figures and another for any other', () => {
    const copy = structuredClone(DESERVING)
    expect(evidenceDigest(copy)).toBe(evidenceDigest(DESERVING))
    copy.losses.naive[7] = (copy.losses.naive[7] ?? 0) + 1e-15
    expect(evidenceDigest(copy)).not.toBe(evidenceDigest(DESERVING))
    expect(evidenceDigest({ ...DESERVING, horizon: 5 })).not.toBe(evidenceDigest(DESERVING))
  })
})
