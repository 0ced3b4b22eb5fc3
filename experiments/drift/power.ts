/**
 * After how many sessions a planted change is found: by the window, by the alarm, by the data checks.
 *
 *     node experiments/drift/power.ts [--series 100] [--window 60] [--persistence 0.98]
 */
import { parseArgs } from 'node:util'
import type { Bars } from '../../src/market/bars.ts'
import { createCalendar } from '../../src/market/calendar.ts'
import { sliceBars } from '../../src/market/create-bars.ts'
import { checkBars } from '../../src/market/quality.ts'
import { createDriftReference } from '../../src/monitoring/drift/drift-reference.ts'
import { followDrift } from '../../src/monitoring/drift/follow-drift.ts'
import { measureDrift } from '../../src/monitoring/drift/measure-drift.ts'
import { exp, log } from '../../src/numerics/elementary.ts'
import { quantile } from '../../src/numerics/statistics.ts'
import {
  CHANGE_AT,
  changeBars,
  FOLLOWING_ROWS,
  REFERENCE_ROWS,
  simulateHistory,
} from './simulated-history.ts'

const { values: asked } = parseArgs({
  options: {
    series: { type: 'string', default: '100' },
    window: { type: 'string', default: '60' },
    persistence: { type: 'string', default: '0.98' },
  },
})
const window = Number(asked.window)
const series = Number(asked.series)
const persistence = Number(asked.persistence)
const calendar = createCalendar('weekdays')
/** Sessions after the change that are looked at. */
const LOOKS = Math.min(120, FOLLOWING_ROWS)

const scaled = (bars: Bars, factor: number) =>
  changeBars(bars, (name, values) => {
    if (name === 'volume') return
    const base = log(bars.close[CHANGE_AT - 1] as number)
    for (let t = CHANGE_AT; t < values.length; t++) {
      values[t] = exp(base + factor * (log(values[t] as number) - base))
    }
  })

const times = (bars: Bars, factor: number, volume: boolean) =>
  changeBars(bars, (name, values) => {
    if ((name === 'volume') !== volume) return
    for (let t = CHANGE_AT; t < values.length; t++) values[t] = (values[t] as number) * factor
  })

const CHANGES: Readonly<Record<string, (bars: Bars) => Bars>> = {
  'nothing changes': (bars) => bars,
  'volatility doubled': (bars) => scaled(bars, 2),
  'volatility halved': (bars) => scaled(bars, 0.5),
  'volume tripled': (bars) => times(bars, 3, true),
  'volume frozen': (bars) =>
    changeBars(bars, (name, values) => {
      if (name === 'volume') values.fill(values[CHANGE_AT - 1] as number, CHANGE_AT)
    }),
  'volume in thousands': (bars) => times(bars, 0.001, true),
  'prices in cents': (bars) => times(bars, 100, false),
}

for (const [name, change] of Object.entries(CHANGES)) {
  const found = { window: [] as number[], alarm: [] as number[], checks: [] as number[] }
  for (let s = 0; s < series; s++) {
    let bars: Bars | undefined
    const history = simulateHistory({
      seed: `power/${persistence}/${s}`,
      persistence,
      change(before) {
        bars = change(before)
        return bars
      },
    })
    const { firstWindow, firstAlarm } = firstFound(history.cut)
    found.window.push(firstWindow)
    found.alarm.push(firstAlarm)
    // The checks are slow to repeat for every session, and all histories are alike to them.
    if (bars !== undefined && s < 5) found.checks.push(firstFinding(bars))
  }
  const of = (values: readonly number[]) => {
    const share = values.filter(Number.isFinite).length / values.length
    const spoken = (p: number) => {
      const at = quantile(
        values.map((v) => Math.min(v, 1e6)),
        p,
      )
      return at > LOOKS ? '–' : String(Math.round(at))
    }
    return `${`${(100 * share).toFixed(0)} %`.padStart(6)} ${spoken(0.5).padStart(4)} ${spoken(0.9).padStart(4)}`
  }
  const cells = [of(found.window), of(found.alarm), of(found.checks)].join('   ')
  process.stdout.write(`${name.padEnd(22)}${cells}\n`)
}

function firstFound(cut: ReturnType<typeof simulateHistory>['cut']) {
  const reference = createDriftReference(cut(0, REFERENCE_ROWS), { window })
  const ratios: number[] = []
  let [firstWindow, firstAlarm] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let look = 1; look <= LOOKS && firstAlarm === Number.POSITIVE_INFINITY; look++) {
    const report = measureDrift(
      reference,
      cut(REFERENCE_ROWS + look - window, REFERENCE_ROWS + look),
    )
    const ratio = Math.max(...report.columns.map(({ distance, threshold }) => distance / threshold))
    ratios.push(ratio)
    const frozen = report.columns.some((column) => column.frozen)
    if (ratio > 1 || frozen) firstWindow = Math.min(firstWindow, look)
    if (frozen || followDrift(ratios).raised) firstAlarm = look
  }
  return { firstWindow, firstAlarm }
}

/** Sessions until the data checks find something that they did not find on the eve of the change. */
function firstFinding(bars: Bars): number {
  const checksOf = (to: number) => {
    const cut = sliceBars(bars, 0, to)
    const now = calendar.closeTime(cut.date.at(-1) as number) + 60_000
    return checkBars(cut, { calendar, now }).map(({ check }) => check)
  }
  const before = new Set(checksOf(CHANGE_AT))
  for (const look of [1, 2, 3, 5, 10, 20, 30, 40, 60, 90, 120]) {
    if (checksOf(CHANGE_AT + look).some((check) => !before.has(check))) return look
  }
  return Number.POSITIVE_INFINITY
}
