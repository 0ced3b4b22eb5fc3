/**
 * A calm market becomes a crisis: how long until calibrated intervals hold their share again?
 *
 *     node experiments/regime-switch/run.ts [--series 500] [--picture]
 *
 * See README.md. `--picture` draws coverage.svg and coverage.png beside this file.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  adaptiveConformalLevels,
  coverageAt,
} from '../../src/forecast/calibration/calibrated-levels.ts'
import { conformityScore } from '../../src/forecast/calibration/split-conformal.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import { formatDay, parseIsoDate } from '../../src/market/trading-date.ts'
import { log } from '../../src/numerics/elementary.ts'
import { createRandom } from '../../src/numerics/random.ts'
import { drawStudentT, fitStudentT, studentTCdf } from '../../src/numerics/student-t.ts'
import { drawCoverage } from './picture.ts'

const { values: asked } = parseArgs({
  options: {
    series: { type: 'string', default: '500' },
    picture: { type: 'boolean', default: false },
  },
})
const SERIES = Number(asked.series)
/** Sessions to fit on, then calm ones to calibrate on, then of the crisis. */
const [FITTED, CALM, CRISIS] = [750, 250, 750]
const JUMP = 2.5
const NOMINAL = 0.8
const RATES = [0.005, 0.01, 0.02, 0.05]
/** Mean coverage over so many sessions ahead counts as that of a session. */
const WINDOW = 20
const TOLERANCE = 0.02

/** Share of histories whose outcome lay inside, for each session [CALM + CRISIS], by method. */
const inside = new Map<string, Float64Array>()
const METHODS = ['own', ...RATES.map(String)]
for (const method of METHODS) inside.set(method, new Float64Array(CALM + CRISIS))

for (let s = 0; s < SERIES; s++) {
  const pit = pitOfStatic(simulatedReturns(s), FITTED)
  for (const method of METHODS) {
    const levels = levelsOf(pit, method)
    const counts = inside.get(method) as Float64Array
    for (let day = 0; day < pit.length; day++) {
      const held = conformityScore(pit[day] as number) <= (levels[day] as number)
      counts[day] = (counts[day] as number) + (held ? 1 / SERIES : 0)
    }
  }
}

say(`Simulated, ${SERIES} histories; volatility times ${JUMP}; objective ${NOMINAL}.`)
for (const method of METHODS) {
  const shares = inside.get(method) as Float64Array
  const crisis = shares.subarray(CALM)
  const back = returnedAfter(crisis)
  say(
    [
      method === 'own' ? 'own intervals' : `adaptive, rate ${method}`,
      `calm ${percent(shares.subarray(0, CALM))}`,
      `sessions 1-60 ${percent(crisis.subarray(0, 60))}`,
      `61-125 ${percent(crisis.subarray(60, 125))}`,
      `126-250 ${percent(crisis.subarray(125, 250))}`,
      `251-750 ${percent(crisis.subarray(250))}`,
      back === undefined ? 'never back' : `back after ${back} sessions`,
    ].join('; '),
  )
}

const CRISIS_FROM = parseIsoDate('2008-09-15') ?? 0
const CRISIS_TO = parseIsoDate('2009-06-30') ?? 0
const FITTED_TO = parseIsoDate('2006-12-29') ?? 0
for (const symbol of ['AAPL', 'GOOG', 'IBM', 'MSFT']) {
  const { date, close } = await readSampleBars(symbol)
  const changes = close.slice(1).map((value, row) => log(value / (close[row] as number)))
  const fitted = date.findIndex((day) => day > FITTED_TO) - 1
  const pit = pitOfStatic(changes, fitted)
  const days = date.slice(fitted + 1)
  const from = days.findIndex((day) => day >= CRISIS_FROM)
  const to = days.findIndex((day) => day > CRISIS_TO)
  say(
    `${symbol}, ${formatDay(days[from] ?? 0)} to ${formatDay(days[to - 1] ?? 0)}, ${to - from} sessions:`,
  )
  for (const method of METHODS) {
    const levels = levelsOf(pit, method)
    const part = (a: number, b: number) =>
      `${(100 * coverageAt(pit.subarray(a, b), levels.subarray(a, b))).toFixed(1)} %`
    say(
      `  ${method}: first 60 sessions ${part(from, from + 60)}, whole crisis ${part(from, to)}, 2007 to 2012 ${part(0, pit.length)}`,
    )
  }
}

if (asked.picture) {
  const drawn = await drawCoverage({
    nominal: NOMINAL,
    calm: CALM,
    series: METHODS.filter((method) => method !== '0.005').map((method) => ({
      name: method === 'own' ? 'own intervals' : `adaptive, rate ${method}`,
      values: rolling(inside.get(method) as Float64Array),
    })),
  })
  writeFileSync(new URL('coverage.svg', import.meta.url), drawn.svg)
  writeFileSync(new URL('coverage.png', import.meta.url), drawn.png)
}

/** GARCH(1,1) with Student-t shocks; from one session on everything is `JUMP` times as wide. */
function simulatedReturns(seed: number): Float64Array {
  const random = createRandom(`regime-switch/${seed}`)
  const [alpha, beta, longRun, df] = [0.08, 0.9, 0.0001, 6]
  let variance = longRun
  return Float64Array.from({ length: FITTED + CALM + CRISIS }, (_, day) => {
    const shock = drawStudentT(random, df) * Math.sqrt((df - 2) / df)
    const calm = Math.sqrt(variance) * shock
    variance = longRun * (1 - alpha - beta) + alpha * calm * calm + beta * variance
    return day < FITTED + CALM ? calm : JUMP * calm
  })
}

/** PIT values of the forecast that is fitted once and never again. */
function pitOfStatic(returns: Float64Array, fitted: number): Float64Array {
  const { location, scale, degreesOfFreedom } = fitStudentT(returns.slice(0, fitted))
  return returns
    .slice(fitted)
    .map((value) => studentTCdf((value - location) / scale, degreesOfFreedom))
}

function levelsOf(pit: Float64Array, method: string): Float64Array {
  if (method === 'own') return new Float64Array(pit.length).fill(NOMINAL)
  const options = { nominal: [NOMINAL], horizon: 1, rate: Number(method) }
  return adaptiveConformalLevels(pit, options)[0] as Float64Array
}

/** First session whose next `WINDOW` sessions together held their share to within `TOLERANCE`. */
function returnedAfter(shares: Float64Array): number | undefined {
  for (let day = 0; day + WINDOW <= shares.length; day++) {
    if (meanOf(shares.subarray(day, day + WINDOW)) >= NOMINAL - TOLERANCE) return day
  }
  return undefined
}

function rolling(shares: Float64Array): (number | null)[] {
  return [...shares].map((_, day) =>
    day + 1 < WINDOW ? null : meanOf(shares.subarray(day + 1 - WINDOW, day + 1)),
  )
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function percent(values: Float64Array): string {
  return `${(100 * meanOf(values)).toFixed(1)} %`
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
