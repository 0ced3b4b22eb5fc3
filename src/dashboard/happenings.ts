/** Server-sent events: whoever shows something hears when it may have changed. */

export interface Happening {
  readonly kind: string
  readonly data: Readonly<Record<string, unknown>>
}

export type Connection = 'connecting' | 'live' | 'lost'

const KINDS = ['promotion', 'forecasts', 'monitoring-report', 'alerts']
const listeners = new Set<(happening: Happening) => void>()

export function onHappening(listener: (happening: Happening) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Listens until the returned function is called; the browser connects again by itself. */
export function connect(onState: (state: Connection) => void): () => void {
  const source = new EventSource('/api/v1/events')
  source.onopen = () => onState('live')
  source.onerror = () => onState('lost')
  for (const kind of KINDS) {
    source.addEventListener(kind, ({ data }: MessageEvent<string>) => {
      for (const listener of listeners) listener({ kind, data: JSON.parse(data) })
    })
  }
  return () => source.close()
}

export function wordsOf({ kind, data }: Happening): string {
  if (kind === 'forecasts') return `Forecasts issued: ${data.issued}`
  if (kind === 'monitoring-report') return `New monitoring report on ${data.model}`
  if (kind === 'alerts') return `Open alerts: ${data.open}`
  const state = String(data.state).replace('promotion-', '').replaceAll('-', ' ')
  return `${data.model} version ${data.version}, ${data.environment}: ${state}`
}
