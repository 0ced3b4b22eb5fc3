/** Everything that is held beside the champion speaks at the same moments, by schedule and by API. */
import { expect, test, vi } from 'vitest'
import { createCalendar } from '../../src/market/calendar.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import type { LedgerLine } from '../../src/monitoring/ledger/ledger-line.ts'
import { readLedger, verifyLedger } from '../../src/monitoring/ledger/verify-ledger.ts'
import type { Application } from '../../src/pipeline/application.ts'
import { issueForecasts } from '../../src/pipeline/issuing/issue-forecasts.ts'
import { createLedgerRecorder } from '../../src/serving/forecasts/ledger-recorder.ts'
import { createForecastServer } from '../../src/serving/server.ts'
import { openLifecycle } from './lifecycle-application.ts'
import { promote, registerFitted } from './serving-fixture.ts'

async function withThreeVersions(app: Application): Promise<number[]> {
  const bars = await readSampleBars('AAPL')
  const versions: number[] = []
  for (const name of ['ewma', 'har', 'ewma'] as const) {
    const { version } = await registerFitted(app, bars, { spec: { name }, rows: 2_000 })
    versions.push(version)
  }
  const [first = 0, second = 0, third = 0] = versions
  promote(app, first)
  promote(app, second)
  promote(app, third, 'staging')
  return versions
}

const speakers = (lines: readonly LedgerLine[]) =>
  lines.map(({ role, model, version }) => `${role} ${model} ${version}`).toSorted()

test('a session is issued by the champion, the one before, the challenger and both baselines', async () => {
  const { app, config, end } = await openLifecycle({ source: 'sample' })
  try {
    const [first, second, third] = await withThreeVersions(app)
    const options = { config, symbols: ['AAPL', 'NOPE'], chain: 'schedule' }
    const { issued, problems } = await issueForecasts(app, options)
    const spoken = [
      'baseline ewma 0',
      'baseline naive 0',
      `champion aapl-forecaster ${second}`,
      `previous aapl-forecaster ${first}`,
      `shadow aapl-forecaster ${third}`,
    ]
    expect(speakers([...readLedger(app.database)])).toEqual(spoken)
    expect(issued[0]?.notes).toEqual([])
    expect(issued[0]?.lines.every(({ late }) => !late)).toBe(true)
    expect(problems).toMatchObject([{ symbol: 'NOPE' }])

    await issueForecasts(app, options)
    expect(verifyLedger(app.database)).toMatchObject({ intact: true, lines: 10 })
    const counted = app.database.prepare('SELECT count(*) AS n FROM ledger_forecasts').get()
    expect(counted).toEqual({ n: 5 })
  } finally {
    await end()
  }
})

test('the server records the others once for each session, and never answers them', async () => {
  const { app, config, end } = await openLifecycle({ source: 'sample' })
  const [first, second, third] = await withThreeVersions(app)
  const server = await createForecastServer({
    app,
    config,
    access: { host: '127.0.0.1' },
    record: createLedgerRecorder({
      ledger: app.openLedger('api'),
      calendar: createCalendar('nyse'),
      clock: app.clock,
    }),
    limits: { maxEventLoopDelayMs: 0 },
  })
  try {
    const ask = async () => (await server.inject('/api/v1/forecasts/AAPL')).json()
    const answer = await ask()
    expect(answer).toMatchObject({ version: String(second), baseline: { model: 'naive' } })
    await vi.waitFor(() => expect([...readLedger(app.database)]).toHaveLength(6))
    await ask()
    await vi.waitFor(() => expect([...readLedger(app.database)]).toHaveLength(8))
    const others = speakers([...readLedger(app.database)].slice(2, 6))
    expect(others).toEqual([
      'baseline ewma 0',
      'baseline naive 0',
      `previous aapl-forecaster ${first}`,
      `shadow aapl-forecaster ${third}`,
    ])
  } finally {
    await server.close()
    await end()
  }
})
