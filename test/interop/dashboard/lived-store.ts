/** A store that has lived: a real run, two versions that were live, a hundred days of forecasts. */
import { buildFeatureFrame } from '../../../src/features/build-frame.ts'
import { createForecaster } from '../../../src/forecast/model-catalogue.ts'
import type { Bars } from '../../../src/market/bars.ts'
import { createCalendar } from '../../../src/market/calendar.ts'
import type { LedgerEntry } from '../../../src/monitoring/ledger/ledger-line.ts'
import { createRandom } from '../../../src/numerics/random.ts'
import type { Application } from '../../../src/pipeline/application.ts'
import { promote, registerFitted } from '../../integration/serving-fixture.ts'

const DAYS = 120

/** Versions after the run's own: fitted like it, put live without the gate, as an emergency would. */
export async function addVersions(app: Application, bars: Bars): Promise<number> {
  const { version } = await registerFitted(app, bars, { spec: { name: 'har' } })
  promote(app, version)
  return version
}

/** What the champion and the baseline said at each of the last closes, as a schedule would have had it. */
export async function issueForecasts(app: Application, bars: Bars, version: number): Promise<void> {
  const frame = buildFeatureFrame(bars)
  const calendar = createCalendar('nyse')
  const { symbol, date } = bars
  const first = date.length - DAYS
  const span = { from: date[0] ?? 0, to: date[first - 1] ?? 0 }
  const fit = (name: string) =>
    createForecaster({ name }).fit({
      frames: [frame],
      symbol,
      span,
      horizon: 1,
      random: createRandom(3),
    })
  const ledger = app.openLedger('schedule')
  const tracks = [
    { model: 'aapl-forecaster', version, role: 'champion', fitted: fit('har') },
    { model: 'naive', version: 0, role: 'baseline', fitted: fit('naive') },
  ] as const
  for (let row = first; row < date.length; row++) {
    const entries = tracks.flatMap(({ fitted, ...track }): LedgerEntry[] => {
      const said = fitted.forecast(frame, row)
      if (said === undefined) return []
      const { asOf, horizon, distribution, referenceClose } = said
      const issuedAtMs = calendar.closeTime(asOf) + 60_000
      const key = { symbol, horizon, ...track, asOf, issuedAtMs }
      return [
        { forecast: { ...key, distribution, referenceClose, inputs: bars.digest, late: false } },
      ]
    })
    await ledger.append(entries)
  }
  await ledger.close()
}
