/** Each channel against a real server on this machine. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, expect, test } from 'vitest'
import type { Alert, Notice } from '../alert.ts'
import { type AlertChannel, sendWithin } from '../deliver-notices.ts'
import { type ChannelSpec, createChannels } from './create-channels.ts'

const ALERT: Alert = {
  id: 'a1',
  rule: 'drift',
  subject: 'aapl-forecaster',
  severity: 'warning',
  summary: 'Inputs <have> drifted & more.',
  raisedAtMs: Date.UTC(2013, 0, 2),
  seenAtMs: Date.UTC(2013, 0, 3),
  resolvedAtMs: undefined,
  acknowledgedAtMs: undefined,
  acknowledgedBy: undefined,
}
const RESOLVED = { ...ALERT, id: 'a2', resolvedAtMs: Date.UTC(2013, 0, 4) }
const NOTICES: readonly Notice[] = [
  { kind: 'raised', alert: ALERT },
  { kind: 'resolved', alert: RESOLVED },
]

interface Received {
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

const endings: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0)) await end()
})

async function webServer(answer: (reply: ServerResponse) => void = (reply) => reply.end('ok')) {
  const received: Received[] = []
  const server: Server = createServer((request, reply) => {
    let text = ''
    request.on('data', (part) => {
      text += part
    })
    request.on('end', () => {
      received.push({ headers: request.headers, body: JSON.parse(text) })
      answer(reply)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endings.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/s3cret` }
}

async function mailServer(options: SMTPServerOptions = {}) {
  const mails: { readonly to: readonly string[]; readonly text: string }[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    ...options,
    onData(stream, session, done) {
      let text = ''
      stream.on('data', (part) => {
        text += part
      })
      stream.on('end', () => {
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text })
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endings.push(async () => await new Promise((resolve) => server.close(() => resolve())))
  return { mails, port: (server.server.address() as AddressInfo).port }
}

function channelOf(
  spec: ChannelSpec,
  secrets: Readonly<Record<string, string>> = {},
): AlertChannel {
  const [channel] = createChannels([spec], {
    secretOf: (variable) => secrets[variable],
    fetch,
    write: () => {},
    expiryMs: 7 * 86_400_000,
  })
  return channel as AlertChannel
}

test('a webhook gets all notices in one message, with the token of the environment', async () => {
  const { received, url } = await webServer()
  const spec = { kind: 'webhook', format: 'json', url, tokenVariable: 'HOOK_TOKEN' } as const
  expect(await sendWithin(channelOf(spec, { HOOK_TOKEN: 't0k' }), NOTICES)).toBeUndefined()
  expect(received).toHaveLength(1)
  expect(received[0]?.headers.authorization).toBe('Bearer t0k')
  expect(received[0]?.body).toMatchObject({
    notices: [
      { kind: 'raised', alert: { rule: 'drift', raisedAt: '2013-01-02T00:00:00.000Z' } },
      { kind: 'resolved', alert: { resolvedAt: '2013-01-04T00:00:00.000Z' } },
    ],
  })
})

test('Slack gets one text, in which nothing of an alert is taken for markup', async () => {
  const { received, url } = await webServer()
  const spec = { kind: 'webhook', format: 'slack', urlVariable: 'SLACK_URL' } as const
  expect(await sendWithin(channelOf(spec, { SLACK_URL: url }), NOTICES)).toBeUndefined()
  const text = JSON.stringify(received[0]?.body)
  expect(text).toContain('*Tickerflow: 1 alert, 1 resolved*')
  expect(text).toContain('Alert (warning): Inputs &lt;have&gt; drifted &amp; more.')
})

test('Alertmanager gets labels, and the end of what is over', async () => {
  const { received, url } = await webServer()
  const spec = { kind: 'webhook', format: 'alertmanager', url } as const
  expect(await sendWithin(channelOf(spec), NOTICES)).toBeUndefined()
  expect(received[0]?.body).toMatchObject([
    {
      labels: { alertname: 'drift', severity: 'warning', subject: 'aapl-forecaster' },
      startsAt: '2013-01-02T00:00:00.000Z',
      endsAt: '2013-01-10T00:00:00.000Z',
    },
    { endsAt: '2013-01-04T00:00:00.000Z' },
  ])
})

test('what a webhook refuses, or who it cannot be reached at, is said without its address', async () => {
  const { url } = await webServer((reply) => {
    reply.statusCode = 500
    reply.end()
  })
  const spec = { kind: 'webhook', format: 'json', url } as const
  expect(await sendWithin(channelOf(spec), NOTICES)).toMatch(/^127\.0\.0\.1:\d+ answered 500$/)
  for (const end of endings.splice(0)) await end()
  const away = await sendWithin(channelOf(spec), NOTICES)
  expect(away).toMatch(/cannot be reached \(ECONNREFUSED\)/)
  expect(away).not.toContain('s3cret')
})

test('a webhook that never answers is given up', async () => {
  const { url } = await webServer(() => {})
  const spec = { kind: 'webhook', format: 'json', url } as const
  expect(await sendWithin(channelOf(spec), NOTICES, 100)).toBe('no answer within 100 ms')
})

test('a redirect is not followed: the token is for one host', async () => {
  const other = await webServer()
  const { url } = await webServer((reply) => {
    reply.writeHead(307, { location: other.url })
    reply.end()
  })
  const spec = { kind: 'webhook', format: 'json', url } as const
  expect(await sendWithin(channelOf(spec), NOTICES)).toMatch(/cannot be reached/)
  expect(other.received).toEqual([])
})

const MAIL = { kind: 'email', host: '127.0.0.1', from: 'tickerflow@example.com' } as const

test('an e-mail has all notices, and goes to all recipients', async () => {
  const { mails, port } = await mailServer()
  const spec = { ...MAIL, port, to: ['ann@example.com', 'bob@example.com'] }
  expect(await sendWithin(channelOf(spec), NOTICES)).toBeUndefined()
  expect(mails).toHaveLength(1)
  expect(mails[0]?.to).toEqual(['ann@example.com', 'bob@example.com'])
  expect(mails[0]?.text).toContain('Subject: Tickerflow: 1 alert, 1 resolved')
  expect(mails[0]?.text).toContain('Alert (warning): Inputs <have> drifted & more.')
})

test('a mail server that refuses is heard', async () => {
  const { port } = await mailServer({
    onMailFrom: (_, __, done) => done(new Error('no mail from strangers')),
  })
  const error = await sendWithin(channelOf({ ...MAIL, port, to: ['ann@example.com'] }), NOTICES)
  expect(error).toContain('no mail from strangers')
})

test('a password is not sent over a connection that anybody can read', async () => {
  let asked = 0
  const { mails, port } = await mailServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (_, __, done) => {
      asked++
      done(null, { user: 'me' })
    },
  })
  const secrets = { MAIL_USER: 'me', MAIL_PASSWORD: 'hunter2' }
  const login = { userVariable: 'MAIL_USER', passwordVariable: 'MAIL_PASSWORD' }
  const spec = { ...MAIL, port, to: ['ann@example.com'], ...login }
  expect(await sendWithin(channelOf(spec, secrets), NOTICES)).toMatch(/TLS/)
  expect([asked, mails.length]).toEqual([0, 0])
})

test('a secret that is not set is named by its variable', async () => {
  const spec = { kind: 'webhook', format: 'slack', urlVariable: 'SLACK_URL' } as const
  const error = await sendWithin(channelOf(spec), NOTICES)
  expect(error).toBe('the environment variable SLACK_URL is not set')
})

test('two channels of one name, or a webhook without an address, are refused', () => {
  const context = { secretOf: () => undefined, fetch, write: () => {}, expiryMs: 1 }
  expect(() => createChannels([{ kind: 'log' }, { kind: 'log' }], context)).toThrow(/called 'log'/)
  expect(() => createChannels([{ kind: 'webhook', format: 'json' }], context)).toThrow(/no address/)
})
