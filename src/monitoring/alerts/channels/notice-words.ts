/** Notices as people read them. */
import type { Notice, NoticeKind } from '../alert.ts'

const KIND_WORDS: Readonly<Record<NoticeKind, string>> = {
  raised: 'Alert',
  reminder: 'Still open',
  resolved: 'Resolved',
  test: 'Test',
}

/** Such as `Alert (warning): The inputs of aapl-forecaster have drifted …`. */
export function noticeLine({ kind, alert }: Notice): string {
  const { severity, summary, raisedAtMs } = alert
  const since = kind === 'raised' || kind === 'test' ? '' : ` Since ${instant(raisedAtMs)}.`
  return `${KIND_WORDS[kind]} (${severity}): ${summary}${since}`
}

/** Such as `2 alerts, 1 resolved`. */
export function headline(notices: readonly Notice[]): string {
  const count = (...kinds: readonly NoticeKind[]) =>
    notices.filter(({ kind }) => kinds.includes(kind)).length
  const [open, reminders, resolved, tests] = [
    count('raised'),
    count('reminder'),
    count('resolved'),
    count('test'),
  ]
  return [
    ...(open === 0 ? [] : [`${open} alert${open === 1 ? '' : 's'}`]),
    ...(reminders === 0 ? [] : [`${reminders} still open`]),
    ...(resolved === 0 ? [] : [`${resolved} resolved`]),
    ...(tests === 0 ? [] : ['a test']),
  ].join(', ')
}

export function instant(ms: number): string {
  return new Date(ms).toISOString()
}
