/**
 * Judges the window that follows each simulated history without change. See README.md.
 *
 *     node experiments/drift-false-alarms/run.ts [--series 1000] [--persistence 0.95,0.98,0.99]
 */
import { parseArgs } from 'node:util'
import { buildFeatureFrame, lookbackOf } from '../../src/features/build-frame.ts'
import { FEATURES } from '../../src/features/feature-set.ts'
import { createDriftReference } from '../../src/monitoring/drift/drift-reference.ts'
import { measureDrift } from '../../src/monitoring/drift/measure-drift.ts'
import { simulateBars } from '../../test/simulated-bars.ts'

const { values: asked } = parseArgs({
  options: {
    series: { type: 'string', default: '1000' },
    persistence: { type: 'string', default: '0.95,0.98,0.99' },
  },
})
const NAMES = FEATURES.map(({ name }) => name).filter((n) => n !== 'weekday' && n !== 'sessionGap')
const ROWS = 1250
const WINDOWS = [20, 60, 125, 250]
const WARM_UP = lookbackOf(NAMES) + 250
for (const persistence of asked.persistence.split(',').map(Number)) {
  const alarms = WINDOWS.map(() => 0)
  for (let s = 0; s < Number(asked.series); s++) {
    const alpha = 0.08
    const bars = simulateBars({
      ...{ sessions: WARM_UP + ROWS + 250, seed: `${persistence}/${s}` },
      ...{ alpha, beta: persistence - alpha },
    })
    const { columns } = buildFeatureFrame(bars)
    const cut = (from: number, to: number) =>
      new Map(NAMES.map((n) => [n, (columns.get(n) as Float64Array).slice(from, to)]))
    const span = cut(WARM_UP, WARM_UP + ROWS)
    for (const [i, window] of WINDOWS.entries()) {
      const reference = createDriftReference(span, { window })
      const next = cut(WARM_UP + ROWS, WARM_UP + ROWS + window)
      if (measureDrift(reference, next).columns.some(({ drifted }) => drifted))
        alarms[i] = (alarms[i] as number) + 1
    }
  }
  const shares = alarms.map(
    (n, i) => `${WINDOWS[i]}: ${((100 * n) / Number(asked.series)).toFixed(1)} %`,
  )
  process.stdout.write(`persistence ${persistence}  ${shares.join('  ')}\n`)
}
