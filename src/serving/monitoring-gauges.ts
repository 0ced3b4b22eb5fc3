/** Gauges of the latest monitoring report of each model, read when somebody asks for metrics. */
import { Gauge, type Registry } from 'prom-client'
import { listAlerts } from '../monitoring/alerts/alert-store.ts'
import type { MonitoringReport } from '../monitoring/monitoring-report.ts'
import { latestReports, monitoredModels } from '../monitoring/report-store.ts'
import type { Application } from '../pipeline/application.ts'

const TRACK = ['model_name', 'model_version', 'symbol', 'horizon', 'role'] as const

type SetGauge = (labels: Record<string, string>, value: number | null | undefined) => void

interface GaugeOfReports {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  fill(report: MonitoringReport, set: SetGauge, elapsedSeconds: number): void
}

const GAUGES: readonly GaugeOfReports[] = [
  {
    name: 'forecast_loss',
    help: 'Mean CRPS of matured live forecasts, in log-return units.',
    labelNames: TRACK,
    fill: (report, set) => eachTrack(report, (labels, entry) => set(labels, entry.crps)),
  },
  {
    name: 'forecast_skill_ratio',
    help: '1 - mean CRPS / that of the baseline on the same days.',
    labelNames: [...TRACK, 'baseline'],
    fill: (report, set) =>
      eachTrack(report, (labels, entry) => {
        for (const [baseline, { skillRatio }] of Object.entries(entry.skill)) {
          set({ ...labels, baseline }, skillRatio)
        }
      }),
  },
  {
    name: 'interval_coverage_ratio',
    help: 'Share of outcomes inside the interval of the level.',
    labelNames: [...TRACK, 'level'],
    fill: (report, set) =>
      eachTrack(report, (labels, entry) => {
        set({ ...labels, level: '0.8' }, entry.coverage80)
        set({ ...labels, level: '0.95' }, entry.coverage95)
      }),
  },
  {
    name: 'labels_pending',
    help: 'Forecasts that wait for their outcome.',
    labelNames: TRACK,
    fill: (report, set) => eachTrack(report, (labels, entry) => set(labels, entry.pending)),
  },
  {
    name: 'drift_score',
    help: 'Drift statistic over its threshold; above 1, the window differs from the training span.',
    labelNames: ['model_name', 'feature'],
    fill: ({ model, drift }, set) => {
      for (const [feature, score] of Object.entries(drift.scores)) {
        set({ model_name: model, feature }, score)
      }
    },
  },
  {
    name: 'model_age_seconds',
    help: 'Since the version in Production was promoted.',
    labelNames: ['model_name'],
    fill: ({ model, modelAgeSeconds: age }, set, elapsed) =>
      set({ model_name: model }, age === null ? null : age + elapsed),
  },
  {
    name: 'data_age_seconds',
    help: 'Since the close of the last session that the monitored bars have.',
    labelNames: ['symbol'],
    fill: ({ symbol, data: { ageSeconds: age } }, set, elapsed) =>
      set({ symbol }, age === null ? null : age + elapsed),
  },
]

function eachTrack(
  report: MonitoringReport,
  visit: (labels: Record<string, string>, entry: MonitoringReport['performance'][number]) => void,
): void {
  for (const entry of report.performance) {
    const { model, version, symbol, horizon, role } = entry
    const numbers = { model_version: String(version), horizon: String(horizon) }
    visit({ model_name: model, symbol, role, ...numbers }, entry)
  }
}

/** Every process of a cluster reads the same reports: the first one's figures are all of theirs. */
export function addMonitoringGauges(
  registry: Registry,
  { database, clock }: Pick<Application, 'database' | 'clock'>,
): void {
  for (const { name, help, labelNames, fill } of GAUGES) {
    new Gauge({
      name,
      help,
      labelNames,
      aggregator: 'first',
      registers: [registry],
      collect() {
        this.reset()
        for (const model of monitoredModels(database)) {
          const [report] = latestReports(database, model, 1)
          if (report === undefined) continue
          const elapsed = Math.max(0, (clock() - Date.parse(report.at)) / 1000)
          fill(
            report,
            (labels, value) => {
              if (value !== null && value !== undefined) this.set(labels, value)
            },
            elapsed,
          )
        }
      },
    })
  }
}

/** Open alerts by rule and severity; no series where there is none. */
export function addAlertGauge(
  registry: Registry,
  { database }: Pick<Application, 'database'>,
): void {
  new Gauge({
    name: 'open_alerts',
    help: 'Alerts that are not over.',
    labelNames: ['rule', 'severity'],
    aggregator: 'first',
    registers: [registry],
    collect() {
      this.reset()
      for (const { rule, severity } of listAlerts(database, { all: false, limit: 10_000 })) {
        this.inc({ rule, severity })
      }
    },
  })
}
