/** Notices as lines of text, such as on standard error. */
import type { Severity } from '../alert.ts'
import type { AlertChannel } from '../deliver-notices.ts'
import { noticeLine } from './notice-words.ts'

export function createLogChannel(
  name: string,
  options: { readonly minimumSeverity: Severity; readonly write: (line: string) => void },
): AlertChannel {
  const { minimumSeverity, write } = options
  return {
    name,
    minimumSeverity,
    async send(notices) {
      for (const notice of notices) write(noticeLine(notice))
    },
  }
}
