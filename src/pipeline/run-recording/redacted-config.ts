/** The resolved configuration as a run keeps it: everything but secrets. */
import type { Config } from '../../config.ts'

/** The address of a webhook is a secret by itself. */
const SECRET_NAME =
  /(^url$|secret|password|passphrase|token|credential|api_?key|private_?key|authorization)/i
/** `user:password@` in an address. */
const SECRET_IN_ADDRESS = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi
export const REDACTED = '[redacted]'

/** JSON with an indent of two spaces. */
export function redactedConfig(config: Config): string {
  return `${JSON.stringify(redacted(config), null, 2)}\n`
}

function redacted(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(SECRET_IN_ADDRESS, `$1${REDACTED}@`)
  if (Array.isArray(value)) return value.map(redacted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      SECRET_NAME.test(name) ? REDACTED : redacted(field),
    ]),
  )
}
