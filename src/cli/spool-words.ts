/** What becomes of writes to a tracking server, in words. */
import type { SpoolEvent } from '../tracking/client/spool/outbox.ts'

export function spoolWords(event: SpoolEvent): string {
  switch (event.kind) {
    case 'server-away':
      return `${event.reason} Meanwhile everything is kept in the store.`
    case 'server-back':
      return 'The tracking server is back and has everything.'
    case 'refused':
      return `The tracking server refused a write to run ${event.runId}: ${event.reason} It was set aside in the store's spool.`
    case 'left-behind':
      return `The tracking server does not have everything yet: ${event.bytes} bytes wait in ${event.directory}. The next command sends them, or 'tickerflow tracking sync'.`
  }
}
