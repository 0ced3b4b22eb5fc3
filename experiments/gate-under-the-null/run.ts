/**
 * Sends simulated series through the gate: walks without skill, walks of clustered volatility,
 * planted signals, and searches among noise. See README.md.
 *
 *     node experiments/gate-under-the-null/run.ts [--series 500] [--signals 200] [--threads N] [--json]
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Piscina } from 'piscina'
import type { ClaimName } from '../../src/registry/gate-verdict.ts'
import { searchNoise } from './noise-search.ts'
import { statedPower } from './power.ts'
import type { CandidateOutcome, SeriesTask } from './series-judgement.ts'

const { values: asked } = parseArgs({
  options: {
    series: { type: 'string', default: '500' },
    signals: { type: 'string', default: '200' },
    threads: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'boolean', default: false },
  },
})
const SERIES = Number(asked.series)
const SIGNAL_SERIES = Number(asked.signals)
const PILOT = Math.max(10, Math.round(SIGNAL_SERIES / 4))
/** Each tries 200 configurations. */
const SEARCHES = Math.max(10, Math.round(SERIES / 5))
const CONFIGURATIONS = 200

/** Small networks, so that a thousand of them are fitted in minutes. */
const LSTM = {
  name: 'lstm',
  options: { windowLength: 10, hiddenSizes: [8], seeds: 1, epochs: 8, validationSessions: 150 },
}
const DIRECTIONAL_LSTM = {
  name: 'lstm',
  options: {
    ...{ windowLength: 5, hiddenSizes: [8], seeds: 2, epochs: 15, validationSessions: 250 },
    locationWeight: 1,
  },
}

type Scenario = Omit<SeriesTask, 'market'> & { readonly market: Omit<SeriesTask['market'], 'seed'> }

const NULLS: Readonly<Record<string, Scenario>> = {
  'independent walks': {
    market: { alpha: 0, beta: 0 },
    ...{ trainSessions: 900, testSessions: 504 },
    candidates: [LSTM, { name: 'har' }, { name: 'drift' }],
  },
  'clustered volatility': {
    market: { alpha: 0.08, beta: 0.9 },
    ...{ trainSessions: 900, testSessions: 504 },
    candidates: [LSTM, { name: 'har' }, { name: 'drift' }],
  },
}

const SIGNALS: Readonly<Record<string, Scenario>> = {
  'volatility that GARCH sees': {
    market: { alpha: 0.12, beta: 0.84 },
    ...{ trainSessions: 1500, testSessions: 1000 },
    candidates: [{ name: 'garch' }],
  },
  'momentum that the LSTM sees': {
    market: { alpha: 0, beta: 0, momentum: 0.3 },
    ...{ trainSessions: 1500, testSessions: 1000 },
    candidates: [DIRECTIONAL_LSTM],
  },
}

const pool = new Piscina<SeriesTask, readonly CandidateOutcome[]>({
  filename: fileURLToPath(new URL('series-worker.ts', import.meta.url)),
  name: 'runTask',
  maxThreads: Number(asked.threads),
  minThreads: 0,
})

async function judgeMany(name: string, scenario: Scenario, count: number) {
  const startedMs = performance.now()
  let done = 0
  const judged = await Promise.all(
    Array.from({ length: count }, async (_, k) => {
      const market = { ...scenario.market, seed: `${name} ${k}` }
      const outcome = await pool.run({ ...scenario, market })
      done += 1
      progress(`${name}: ${done} of ${count} series`)
      return outcome
    }),
  )
  const seconds = Math.round((performance.now() - startedMs) / 1000)
  return { name, seconds, outcomes: judged.flat() }
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
  else if (text !== '' && / (\d*00|\d*50) of|^search \d*0 /.test(text)) console.error(text)
}

/** Shares of the series, by candidate. */
function sharesOf(outcomes: readonly CandidateOutcome[]) {
  const share = (own: readonly CandidateOutcome[], test: (one: CandidateOutcome) => boolean) =>
    own.filter(test).length / own.length
  const holds = (claim: ClaimName) => (one: CandidateOutcome) => one.held.includes(claim)
  const names = [...new Set(outcomes.map(({ candidate }) => candidate))]
  return names.map((candidate) => {
    const own = outcomes.filter((one) => one.candidate === candidate)
    return {
      candidate,
      series: own.length,
      promoted: share(own, ({ decision }) => decision === 'promote'),
      insufficient: share(own, ({ decision }) => decision === 'insufficient-evidence'),
      betterThanNaive: share(own, holds('better-than-naive')),
      betterThanClassical: share(own, holds('better-than-classical')),
      directionalSkill: share(own, holds('directional-skill')),
    }
  })
}

const nulls = []
for (const [name, scenario] of Object.entries(NULLS)) {
  const { outcomes, seconds } = await judgeMany(name, scenario, SERIES)
  nulls.push({ name, seconds, shares: sharesOf(outcomes) })
}
const signals = []
for (const [name, scenario] of Object.entries(SIGNALS)) {
  const pilot = await judgeMany(`${name} (pilot)`, scenario, PILOT)
  const { outcomes, seconds } = await judgeMany(name, scenario, SIGNAL_SERIES)
  const power = statedPower(pilot.outcomes)
  signals.push({ name, seconds: seconds + pilot.seconds, power, shares: sharesOf(outcomes) })
}
await pool.close()
const searches = Array.from({ length: SEARCHES }, (_, k) => {
  progress(`search ${k + 1} among ${CONFIGURATIONS} noise configurations`)
  return searchNoise(`search ${k}`, CONFIGURATIONS)
})
progress('')

const shareOf = (test: (search: (typeof searches)[number]) => boolean) =>
  searches.filter(test).length / searches.length
const noise = {
  searches: searches.length,
  configurations: CONFIGURATIONS,
  bestPromotedAlone: shareOf(({ alone }) => alone.decision === 'promote'),
  bestPromotedCounted: shareOf(({ counted }) => counted.decision === 'promote'),
  anyPromotedCounted: shareOf(({ promotedCounted }) => promotedCounted > 0),
  richestAbove95: shareOf(({ probabilisticSharpe }) => probabilisticSharpe > 0.95),
  richestDeflatedAbove95: shareOf(({ deflatedSharpe }) => deflatedSharpe > 0.95),
}

if (asked.json) console.log(JSON.stringify({ series: SERIES, nulls, signals, noise }, null, 2))
else {
  for (const { name, seconds, shares } of nulls) {
    console.log(`\n${name} (${seconds} s)`)
    console.table(shares)
  }
  for (const { name, seconds, power, shares } of signals) {
    console.log(`\n${name} (${seconds} s); stated power ${power.promotion.toFixed(3)}`, power)
    console.table(shares)
  }
  console.log('\nthe best of many noise configurations')
  console.table(noise)
}
