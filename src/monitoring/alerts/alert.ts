/** Something that a person should know, from when it was first seen until it is over. */

/** By weight, the lightest first. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const

export type Severity = (typeof SEVERITIES)[number]

/** What is watched, with the severity that each has by default. */
export const ALERT_RULES = {
  'data-stale': 'warning',
  'data-blocked': 'critical',
  drift: 'warning',
  'worse-than-baseline': 'warning',
  'coverage-off': 'warning',
  'job-failed': 'warning',
} as const satisfies Readonly<Record<string, Severity>>

export type AlertRule = keyof typeof ALERT_RULES

export const RULE_NAMES = Object.keys(ALERT_RULES) as AlertRule[]

/** What a look has found. Rule and subject together say which alert it is. */
export interface Condition {
  readonly rule: AlertRule
  /** What it is about, such as `aapl-forecaster` or `ingest AAPL`; without figures that change. */
  readonly subject: string
  readonly severity: Severity
  /** One sentence with the figures of this look. */
  readonly summary: string
}

export interface Alert extends Condition {
  readonly id: string
  /** UTC milliseconds, as the others. */
  readonly raisedAtMs: number
  /** Of the last look that found it. */
  readonly seenAtMs: number
  readonly resolvedAtMs: number | undefined
  readonly acknowledgedAtMs: number | undefined
  readonly acknowledgedBy: string | undefined
}

export type NoticeKind = 'raised' | 'reminder' | 'resolved' | 'test'

/** What a channel is told about an alert. */
export interface Notice {
  readonly kind: NoticeKind
  readonly alert: Alert
}

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least)
}
