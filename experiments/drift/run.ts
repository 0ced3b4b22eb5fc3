/**
 * False alarms on histories without change, before and after persistence. See README.md.
 *
 *     node experiments/drift/run.ts [--series 1000] [--persistence 0.95,0.98,0.99] [--seed confirm]
 */
import { parseArgs } from 'node:util'
import { createDriftReference } from '../../src/monitoring/drift/drift-reference.ts'
import { followDrift } from '../../src/monitoring/drift/follow-drift.ts'
import { driftRatio } from '../../src/monitoring/drift/measure-drift.ts'
import { type History, REFERENCE_ROWS, simulateHistory } from './simulated-history.ts'

const { values: asked } = parseArgs({
  options: {
    series: { type: 'string', default: '1000' },
    persistence: { type: 'string', default: '0.95,0.98,0.99' },
    seed: { type: 'string', default: 'confirm' },
  },
})
const WINDOWS = [20, 60, 125, 250]
/** Sessions of a month, and of the looks before it that an alarm needs. */
const [MONTH, BEFORE] = [21, 15]
/** Every window of the month is looked at in one history of so many: it is slow. */
const FOLLOWED = 2

const series = Number(asked.series)
for (const persistence of asked.persistence.split(',').map(Number)) {
  const found = WINDOWS.map(() => ({ windows: 0, months: 0, followed: 0 }))
  for (let s = 0; s < series; s++) {
    const history = simulateHistory({ seed: `${asked.seed}/${persistence}/${s}`, persistence })
    for (const [i, window] of WINDOWS.entries()) {
      const count = found[i] as (typeof found)[number]
      const ratios = monthlyRatios(history, window, s % FOLLOWED === 0)
      if ((ratios[0] as number) > 1) count.windows++
      if (ratios.length === 1) continue
      count.followed++
      if (followDrift(ratios).times > 0) count.months++
    }
  }
  const share = (n: number, of: number) => `${((100 * n) / of).toFixed(1)} %`.padStart(7)
  const row = (title: string, cells: readonly string[]) =>
    process.stdout.write(`${String(persistence).padEnd(6)}${title.padEnd(10)}${cells.join('')}\n`)
  row(
    'windows',
    found.map(({ windows }) => share(windows, series)),
  )
  row(
    'months',
    found.map(({ months, followed }) => share(months, followed)),
  )
}

/** Of the window that follows the reference, and where it is followed, of those of a month's sessions. */
function monthlyRatios({ cut }: History, window: number, follow: boolean): readonly number[] {
  const reference = createDriftReference(cut(0, REFERENCE_ROWS), { window })
  const looks = follow ? MONTH + BEFORE : 1
  return Array.from({ length: looks }, (_, look) =>
    driftRatio(reference, cut(REFERENCE_ROWS + look, REFERENCE_ROWS + look + window)),
  )
}
