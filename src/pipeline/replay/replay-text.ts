/** A replay told in words and tables, for a terminal and for the file beside the picture. */

import type { PromotionRow } from './promotion-consequences.ts'
import type { DescribedReplay } from './replay-document.ts'

export function replayText(replay: Omit<DescribedReplay, 'liveByDay'>): string {
  const { from, to, sessions, symbols, ledger, audit } = replay
  return [
    `Replay of ${symbols.join(', ')}: ${sessions} sessions, ${from} to ${to}`,
    '',
    'Live skill',
    ...aligned([
      ['symbol', 'sessions', 'CRPS bp', '80 %', '95 %', 'naive', 't', 'ewma', 't', 'har', 't'],
      ...replay.skill.map(({ symbol, n, crps, coverage80, coverage95, against }) => [
        symbol,
        `${n} of ${sessions}`,
        basisPoints(crps),
        percent(coverage80),
        percent(coverage95),
        ...['naive', 'ewma', 'har'].flatMap((name) => [
          percent(against[name]?.skillRatio),
          figure(against[name]?.t),
        ]),
      ]),
    ]),
    'Skill is 1 - CRPS / the baseline’s; t below -2 is significantly better.',
    '',
    'Promotions and what came of them',
    ...aligned([
      ['asked on', 'symbol', 'version', 'replaces', 'gate', 'state', 'live', 'regret bp', 't'],
      ...replay.promotions.map(promotionCells),
    ]),
    'Regret is the CRPS of the new version minus that of the one it replaced: above 0, it has cost.',
    '',
    'What was live',
    ...aligned([
      ['symbol', 'version', 'from', 'to', 'sessions'],
      ...replay.live.map((span) => [
        span.symbol,
        String(span.version),
        span.from,
        span.to,
        String(span.sessions),
      ]),
    ]),
    '',
    'Retrainings',
    ...aligned([
      ['on', 'symbol', 'version', 'trigger', 'outcome'],
      ...replay.retrainings.map(({ startedOn, symbol, version, trigger, outcome }) => [
        startedOn,
        symbol,
        version === null ? '-' : String(version),
        trigger,
        shortened(outcome ?? '-'),
      ]),
    ]),
    '',
    ...replay.monitoring.map(
      ({ symbol, looks, drift, alarms }) =>
        `${symbol} was looked at ${looks} times: drift in ${drift}, worse than a baseline in ${alarms}.`,
    ),
    '',
    `Ledger: ${ledger.lines} lines, ${ledger.intact ? 'intact' : 'DAMAGED'}, digest ${replay.ledgerDigest}`,
    `Audit:  ${audit.lines} lines, ${audit.intact ? 'intact' : 'DAMAGED'}, digest ${replay.auditDigest}`,
  ].join('\n')
}

function promotionCells(row: PromotionRow): string[] {
  const { askedOn, symbol, version, replaces, decision, state, live } = row
  return [
    askedOn,
    symbol,
    String(version),
    replaces === null ? '-' : String(replaces),
    decision,
    state,
    live === null ? '-' : `${live.sessions}`,
    live === null ? '-' : signed(10_000 * live.regret),
    figure(live?.t),
  ]
}

/** Columns as wide as their widest cell, the first row underlined. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd()
  const [head = [], ...body] = rows.map(line)
  return [String(head), `  ${widths.map((width) => '-'.repeat(width)).join('  ')}`, ...body]
}

function basisPoints(value: number): string {
  return (10_000 * value).toFixed(2)
}

function percent(value: number | undefined): string {
  return value === undefined ? '-' : `${(100 * value).toFixed(1)} %`
}

function figure(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : value.toFixed(2)
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(2)}`
}

function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`
}
