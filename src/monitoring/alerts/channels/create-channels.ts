/** The channels that the configuration declares. */
import { TickerflowError } from '../../../errors.ts'
import type { Severity } from '../alert.ts'
import type { AlertChannel } from '../deliver-notices.ts'
import { createEmailChannel } from './email-channel.ts'
import { createLogChannel } from './log-channel.ts'
import { createWebhookChannel, type WebhookFormat } from './webhook-channel.ts'

/** As the configuration has it: secrets by the name of the environment variable that holds them. */
export type ChannelSpec =
  | { readonly kind: 'log'; readonly name?: string; readonly minimumSeverity?: Severity }
  | {
      readonly kind: 'webhook'
      readonly name?: string
      readonly minimumSeverity?: Severity
      readonly format: WebhookFormat
      readonly url?: string
      readonly urlVariable?: string
      readonly tokenVariable?: string
    }
  | {
      readonly kind: 'email'
      readonly name?: string
      readonly minimumSeverity?: Severity
      readonly host: string
      readonly port: number
      readonly secure?: boolean
      readonly from: string
      readonly to: readonly string[]
      readonly userVariable?: string
      readonly passwordVariable?: string
    }

export interface ChannelContext {
  /** Of the environment, looked up at each message: nothing else keeps a secret. */
  readonly secretOf: (variable: string) => string | undefined
  readonly fetch: typeof fetch
  readonly write: (line: string) => void
  /** Alertmanager takes an alert for over at this time after its last notice. */
  readonly expiryMs: number
}

const TIMEOUT_MS = 10_000

/** @throws {TickerflowError} CONFIG_INVALID when two have one name, or a webhook has no address. */
export function createChannels(
  specs: readonly ChannelSpec[],
  context: ChannelContext,
): readonly AlertChannel[] {
  const channels = specs.map((spec) => createChannel(spec, context))
  const names = channels.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice === undefined) return channels
  throw new TickerflowError(
    'CONFIG_INVALID',
    `Two channels of alerts are called '${twice}'; give each a 'name' of its own.`,
    { details: { channel: twice } },
  )
}

function createChannel(
  spec: ChannelSpec,
  { secretOf, fetch, write, expiryMs }: ChannelContext,
): AlertChannel {
  const common = { name: spec.name ?? spec.kind, minimumSeverity: spec.minimumSeverity ?? 'info' }
  const secret = (variable: string | undefined) =>
    variable === undefined ? undefined : () => secretIn(variable, secretOf)
  switch (spec.kind) {
    case 'log':
      return createLogChannel(common.name, { ...common, write })
    case 'webhook': {
      const { url: given, urlVariable, tokenVariable, format } = spec
      const url = given === undefined ? secret(urlVariable) : () => given
      if (url === undefined) throw withoutAddress(common.name)
      return createWebhookChannel({
        ...common,
        url,
        token: secret(tokenVariable),
        format,
        fetch,
        expiryMs,
      })
    }
    case 'email': {
      const { host, port, secure = port === 465, from, to, userVariable, passwordVariable } = spec
      const [user, password] = [secret(userVariable), secret(passwordVariable)]
      const server = { host, port, secure, timeoutMs: TIMEOUT_MS }
      return createEmailChannel({ ...common, ...server, from, to, user, password })
    }
  }
}

function secretIn(variable: string, secretOf: ChannelContext['secretOf']): string {
  const value = secretOf(variable)
  if (value !== undefined && value !== '') return value
  throw new Error(`the environment variable ${variable} is not set`)
}

function withoutAddress(name: string): TickerflowError {
  return new TickerflowError(
    'CONFIG_INVALID',
    `The channel '${name}' has no address: give its 'url', or in 'urlVariable' the environment variable that has it.`,
    { details: { channel: name } },
  )
}
