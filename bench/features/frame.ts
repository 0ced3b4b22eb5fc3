/** Times the feature frame of the bundled AAPL bars, after checking a column by hand. */
import { buildFeatureFrame } from '../../src/features/build-frame.ts'
import { frameColumn } from '../../src/features/feature-frame.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import { log } from '../../src/numerics/elementary.ts'
import { machine, median, report } from '../measure.ts'

const ROUNDS = 30

const bars = await readSampleBars('AAPL')
const logReturn = frameColumn(buildFeatureFrame(bars), 'logReturn')
for (let t = 1; t < logReturn.length; t++) {
  const expected = log((bars.close[t] as number) / (bars.close[t - 1] as number))
  if (logReturn[t] !== expected) throw new Error(`Row ${t}: ${logReturn[t]} is not ${expected}`)
}

const rounds = Array.from({ length: ROUNDS }, () => {
  const startMs = performance.now()
  buildFeatureFrame(bars)
  return performance.now() - startMs
})
const frame = buildFeatureFrame(bars)
report({
  name: 'features',
  bars: bars.date.length,
  features: frame.columns.size,
  medianMs: median(rounds),
  roundsMs: rounds,
  ...machine(),
})
