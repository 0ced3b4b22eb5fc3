/** `tickerflow monitor`: how what is in Production does on what has really happened. */
import type { MonitoringReport } from '../monitoring/monitoring-report.ts'
import { monitorSymbol } from '../pipeline/monitor/monitor.ts'
import { tellChannels } from './alerts.ts'
import { withContext } from './context.ts'
import { driftWords } from './drift.ts'
import { configOf, type DataOptions } from './flags.ts'
import { basisPoints, percent, table } from './words.ts'

export async function monitor(options: DataOptions): Promise<void> {
  await withContext(options, configOf(options), async ({ app, config, answer }) => {
    const report = await monitorSymbol(app, { config, symbol: config.symbol })
    await tellChannels(app)
    answer(report, () => reportWords(report))
  })
}

function reportWords(report: MonitoringReport): string {
  const { outcomes, data, model, liveVersion } = report
  return [
    `${model}: ${liveVersion === null ? 'nothing in Production' : `version ${liveVersion} in Production`}, ` +
      `prices to ${data.lastSession ?? '–'} (${data.ageSessions ?? '–'} sessions old).`,
    `Outcomes: ${outcomes.matured} new, ${outcomes.pending} pending, ${outcomes.closed} closed, ` +
      `${outcomes.restated} restated, ${outcomes.unmatched} of days that were no session.`,
    ...(report.performance.length === 0 ? ['No forecast has been issued yet.'] : [scores(report)]),
    ...report.performance.flatMap(alarms),
    ...report.regret.map(
      ({ role, model: other, n, regret }) =>
        `The champion's CRPS is ${basisPoints(Math.abs(regret))} bp ${regret > 0 ? 'worse' : 'better'} than that of ${other} (${role}) on ${n} days.`,
    ),
    `Drift: ${driftWords(report.drift)}`,
    ...report.notes.map((note) => `Note: ${note}.`),
  ].join('\n')
}

function scores({ performance }: MonitoringReport): string {
  return table(
    [
      'model',
      'version',
      'role',
      'sessions',
      'matured',
      'pending',
      'CRPS bp',
      'estimated bp',
      '80 %',
      '95 %',
      'skill against',
    ],
    performance.map((row) => [
      row.model,
      row.version === 0 ? '–' : String(row.version),
      row.role,
      String(row.horizon),
      String(row.matured),
      String(row.pending),
      basisPoints(row.crps),
      basisPoints(row.estimated.pendingCrps),
      percent(row.coverage80),
      percent(row.coverage95),
      Object.entries(row.skill)
        .map(([name, { skillRatio }]) => `${name} ${percent(skillRatio)}`)
        .join(', '),
    ]),
  )
}

function alarms({ model, version, horizon, change }: MonitoringReport['performance'][number]) {
  return Object.entries(change)
    .filter(([, { alarm }]) => alarm)
    .map(
      ([baseline, { since }]) =>
        `${model} version ${version}, ${horizon} session(s) ahead, has become worse than ${baseline} since ${since}.`,
    )
}
