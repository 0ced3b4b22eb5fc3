/** Notices by e-mail, one message for all of them. */
import type { Severity } from '../alert.ts'
import type { AlertChannel } from '../deliver-notices.ts'
import { headline, noticeLine } from './notice-words.ts'

export interface EmailOptions {
  readonly name: string
  readonly minimumSeverity: Severity
  /** Of the SMTP server. */
  readonly host: string
  readonly port: number
  /** TLS from the first byte (port 465); otherwise STARTTLS where the server offers it. */
  readonly secure: boolean
  readonly from: string
  readonly to: readonly string[]
  /** Looked up at each message. @throws {Error} When it is not known. */
  readonly user?: (() => string) | undefined
  readonly password?: (() => string) | undefined
  readonly timeoutMs: number
}

export function createEmailChannel(options: EmailOptions): AlertChannel {
  const { name, minimumSeverity, host, port, secure, from, to, timeoutMs } = options
  return {
    name,
    minimumSeverity,
    async send(notices, signal) {
      const { createTransport } = await import('nodemailer')
      const [user, password] = [options.user?.(), options.password?.()]
      const transport = createTransport({
        host,
        port,
        secure,
        // A password is only sent over TLS.
        requireTLS: user !== undefined && !secure,
        ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
      })
      const end = () => transport.close()
      signal.addEventListener('abort', end)
      try {
        const { rejected } = await transport.sendMail({
          from,
          to: [...to],
          subject: `Tickerflow: ${headline(notices)}`,
          text: notices.map(noticeLine).join('\n\n'),
        })
        if (rejected.length > 0) throw new Error(`${host} refused ${rejected.length} recipient(s)`)
      } finally {
        signal.removeEventListener('abort', end)
        transport.close()
      }
    },
  }
}
