/**
 * Smaller twin of experiments/gate-under-the-null: fitted forecasters on simulated bars, judged and
 * put to the gate; and the best of two hundred noise configurations. Twins with many more series and
 * forecasts in closed form are in src/registry/gate-null.test.ts.
 */
import { expect, test, vi } from 'vitest'
import { searchNoise } from '../../experiments/gate-under-the-null/noise-search.ts'
import {
  type CandidateOutcome,
  judgeSeries,
  type SeriesTask,
} from '../../experiments/gate-under-the-null/series-judgement.ts'
import { DEFAULT_GATE_POLICY } from '../../src/registry/gate-policy.ts'

vi.setConfig({ testTimeout: 60_000 })

/** Most of so many that alpha allows, within three standard errors. */
const mostOf = (n: number) => {
  const { alpha } = DEFAULT_GATE_POLICY
  return n * alpha + 3 * Math.sqrt(n * alpha * (1 - alpha))
}

async function judgeMany(
  count: number,
  task: Omit<SeriesTask, 'market'> & { readonly market: Omit<SeriesTask['market'], 'seed'> },
): Promise<readonly CandidateOutcome[]> {
  const series = Array.from({ length: count }, (_, k) =>
    judgeSeries({ ...task, market: { ...task.market, seed: `twin ${k}` } }),
  )
  return (await Promise.all(series)).flat()
}

const countOf = (outcomes: readonly CandidateOutcome[], test: (one: CandidateOutcome) => boolean) =>
  outcomes.filter(test).length
const isPromoted = ({ decision }: CandidateOutcome) => decision === 'promote'

test('fitted models are promoted on walks without skill no more often than alpha', async () => {
  const outcomes = await judgeMany(15, {
    market: { alpha: 0, beta: 0 },
    trainSessions: 800,
    testSessions: 504,
    candidates: [{ name: 'har' }, { name: 'drift' }],
  })
  expect(outcomes).toHaveLength(30)
  expect(countOf(outcomes, isPromoted)).toBeLessThanOrEqual(mostOf(30))
})

test('clustered volatility makes no direction, and no edge over the classical models', async () => {
  const outcomes = await judgeMany(12, {
    market: { alpha: 0.08, beta: 0.9 },
    trainSessions: 800,
    testSessions: 504,
    candidates: [{ name: 'drift' }],
  })
  for (const claim of ['better-than-classical', 'directional-skill'] as const) {
    expect(countOf(outcomes, ({ held }) => held.includes(claim))).toBeLessThanOrEqual(mostOf(12))
  }
})

test('GARCH is promoted where volatility clusters strongly', async () => {
  const outcomes = await judgeMany(8, {
    market: { alpha: 0.2, beta: 0.78 },
    trainSessions: 1500,
    testSessions: 1000,
    candidates: [{ name: 'garch' }],
  })
  expect(countOf(outcomes, isPromoted)).toBeGreaterThanOrEqual(7)
})

test('the best of two hundred noise configurations is refused because of the other trials', () => {
  const search = searchNoise('twin', 200)
  expect(search.alone.decision).toBe('promote')
  expect(search.counted.decision).not.toBe('promote')
  expect(search.counted.reasons.join('\n')).toMatch(/trial \d+ on these days/)
  expect(search.promotedCounted).toBe(0)
  expect(search.deflatedSharpe).toBeLessThan(0.95)
})
