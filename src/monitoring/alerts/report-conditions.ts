/** What of a monitoring report a person should be told. */
import type { MonitoringReport, PerformanceEntry } from '../monitoring-report.ts'
import { ALERT_RULES, type AlertRule, type Condition, type Severity } from './alert.ts'

export interface RuleSettings {
  /** Severities that differ from the defaults, and rules that are off. */
  readonly rules: Readonly<Partial<Record<AlertRule, Severity | 'off'>>>
  /** Prices may be so many sessions old. */
  readonly staleSessions: number
}

/** Fewer matured forecasts say nothing about coverage. */
const LEAST_FORECASTS = 60
const LEVEL = 0.8
/** Standard errors of a share; looks follow each other, so that 2 would alarm for nothing. */
const STANDARD_ERRORS = 3.5

/** @returns One condition for each rule and subject; none of a rule that is off. */
export function reportConditions(
  report: MonitoringReport,
  settings: RuleSettings,
): readonly Condition[] {
  const { symbol, model, data, drift } = report
  const found: Omit<Condition, 'severity'>[] = [
    ...report.performance.flatMap((entry) => ofTrack(report, entry)),
  ]
  const { ageSessions, ageSeconds, blocking, lastSession } = data
  // A history that ended long ago and is meant to has no age in seconds.
  if (ageSeconds !== null && (ageSessions ?? 0) > settings.staleSessions) {
    const summary = `The prices of ${symbol} end on ${lastSession}, ${ageSessions} sessions ago.`
    found.push({ rule: 'data-stale', subject: symbol, summary })
  }
  if (blocking > 0) {
    const summary = `${blocking} finding(s) of the data checks block the prices of ${symbol}: no outcome is settled. tickerflow check --symbol ${symbol} lists them.`
    found.push({ rule: 'data-blocked', subject: symbol, summary })
  }
  if (drift.verdict === 'drift') {
    const since = drift.since == null ? '' : ` since ${drift.since}`
    const summary = `The inputs of ${model} have drifted${since}: ${drift.reasons.join('; ')}.`
    found.push({ rule: 'drift', subject: model, summary })
  }
  return found.flatMap((one) => withSeverity(one, settings))
}

export function withSeverity(
  found: Omit<Condition, 'severity'>,
  { rules }: Pick<RuleSettings, 'rules'>,
): readonly Condition[] {
  const severity = rules[found.rule] ?? ALERT_RULES[found.rule]
  return severity === 'off' ? [] : [{ ...found, severity }]
}

/** Of the version in Production alone: the others are there to be compared with. */
function ofTrack(
  { liveVersion, model }: MonitoringReport,
  entry: PerformanceEntry,
): Omit<Condition, 'severity'>[] {
  if (entry.role !== 'champion' || entry.model !== model || entry.version !== liveVersion) return []
  const who = `${model} version ${entry.version}, ${entry.horizon} session(s) ahead`
  const track = `${model} version ${entry.version} horizon ${entry.horizon}`
  const worse = Object.entries(entry.change).flatMap(([baseline, { alarm, since }]) => {
    const summary = `${who}, has become worse than ${baseline} since ${since}.`
    const rule = 'worse-than-baseline' as const
    return alarm ? [{ rule, subject: `${track} against ${baseline}`, summary }] : []
  })
  const { coverage80: coverage, matured } = entry
  const tolerance = STANDARD_ERRORS * Math.sqrt((LEVEL * (1 - LEVEL) * entry.horizon) / matured)
  if (coverage === null || matured < LEAST_FORECASTS || Math.abs(coverage - LEVEL) <= tolerance) {
    return worse
  }
  const summary = `${(100 * coverage).toFixed(1)} % of ${matured} outcomes were inside the 80 % interval of ${who}.`
  return [...worse, { rule: 'coverage-off', subject: track, summary }]
}
