/** `tickerflow models history`: what was live when, and how it came to be. */
import { type LiveSpan, liveSpans } from '../registry/history.ts'
import { colours } from './colours.ts'
import { type GlobalOptions, parseInstant, withContext } from './context.ts'
import { minute, promotionDocument } from './promotion-words.ts'
import { isoInstant, table } from './words.ts'

export interface HistoryOptions extends GlobalOptions {
  readonly at?: string
  readonly environment: 'staging' | 'production'
}

export async function history(name: string, options: HistoryOptions): Promise<void> {
  const at = parseInstant(options.at, '--at')
  await withContext(options, {}, async ({ app, answer }) => {
    await app.tracking.getRegisteredModel(name)
    const { environment } = options
    const all = liveSpans(app.promotions.database, { model: name, environment })
    const spans = at === undefined ? all : all.filter((span) => holdsAt(span, at))
    const live = at === undefined ? all.at(-1) : spans[0]
    const document = {
      model: name,
      environment,
      at: isoInstant(at),
      live: live?.promotion.version ?? null,
      history: spans.map(spanDocument),
    }
    answer(document, () => {
      if (spans.length === 0) {
        return `No version of ${name} was in ${environment}${at === undefined ? ' yet' : ` at ${minute(at)} UTC`}.`
      }
      return [colours.bold(`${name} in ${environment} (UTC)`), spanTable(spans)].join('\n')
    })
  })
}

function holdsAt({ fromMs, untilMs }: LiveSpan, at: number): boolean {
  return fromMs <= at && (untilMs === undefined || at < untilMs)
}

function spanDocument({ promotion, fromMs, untilMs }: LiveSpan) {
  const { id, version, kind, requester, approver, reason, decision } = promotionDocument(promotion)
  const span = { from: isoInstant(fromMs), until: isoInstant(untilMs) }
  return { version, ...span, kind, decision, requester, approver, reason, promotion: id }
}

function spanTable(spans: readonly LiveSpan[]): string {
  return table(
    ['version', 'from', 'until', 'by', 'asked by', 'approved by', 'reason'],
    spans.map(({ promotion, fromMs, untilMs }) => [
      ...[
        String(promotion.version),
        minute(fromMs),
        untilMs === undefined ? 'now' : minute(untilMs),
      ],
      ...[promotion.kind, promotion.requester, promotion.approver ?? '–', promotion.reason ?? ''],
    ]),
  )
}
