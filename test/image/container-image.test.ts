/** The Dockerfile is really built and its image really run, without a Docker engine. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBuilder, type ImageBuilder } from './image-builder.ts'

const ROOT = resolve(import.meta.dirname, '../..')
/** Of the user `node` in the official images. */
const NODE_USER = 1000
/** What the program and the packages that it runs with may take. */
const APP_MEGABYTES = 150
const BYTES_PER_MEGABYTE = 1_048_576

let work: string
let store: string
let builder: ImageBuilder
let container: string

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'image-'))
  builder = createBuilder(work)
  // Both fetch packages: a registry that is away for a moment is no fault of the image.
  twice(() => builder.makeBase())
  twice(() => builder.build(ROOT, 'tickerflow:test'))
  container = builder.start('tickerflow:test')
  store = join(work, 'data')
  mkdirSync(store)
  chownSync(store, NODE_USER, NODE_USER)
})

afterAll(() => {
  builder?.remove()
  rmSync(work, { recursive: true, force: true })
})

const readOnly = (...command: string[]) => builder.startReadOnly(container, { store, command })
const run = (...command: string[]) => builder.run(container, command)

describe('the image', () => {
  test('runs as another user than root, and has neither source nor build tools', () => {
    expect(run('id', '-u').trim()).toBe(String(NODE_USER))
    expect(run('ls', '/app').trim().split('\n')).toEqual([
      'LICENSE',
      'bin',
      'build',
      'data',
      'dist',
      'node_modules',
      'package.json',
    ])
    expect(run('ls', '/app/node_modules')).not.toMatch(/^(typescript|vitest|assemblyscript)$/m)
  })

  test('says in its configuration how it is started, watched and where it keeps things', () => {
    const config = builder.configOf('tickerflow:test')
    expect(config).toMatchObject({
      User: 'node',
      Entrypoint: ['tickerflow'],
      Cmd: ['serve', '--host', '0.0.0.0', '--auth'],
      Volumes: { '/data': {} },
      ExposedPorts: { '8080/tcp': {} },
    })
    expect(config.Healthcheck?.Test?.join(' ')).toContain('/health/live')
  })

  test('has the drivers of the servers that a team may point it at', () => {
    const script = `for (const name of ['pg', 'kysely', 'ioredis', '@aws-sdk/client-s3'])
      await import(name)
      console.log('all')`
    const inApp = ['sh', '-c', `cd /app && node --input-type=module -e "${script}"`]
    expect(run(...inApp).trim()).toBe('all')
  })

  test('takes no more room than it needs', () => {
    const megabytes = (path: string) => builder.bytesOf(container, path) / BYTES_PER_MEGABYTE
    expect(megabytes('/app')).toBeGreaterThan(10)
    expect(megabytes('/app')).toBeLessThan(APP_MEGABYTES)
  })

  test('can write below /data and /tmp alone, and gain no privilege', async () => {
    const places = ['/app/x', '/home/node/x', '/etc/x', '/usr/local/bin/x', '/tmp/x', '/data/x']
    const script = `
      const { rmSync, writeFileSync, readFileSync } = require('node:fs')
      const writable = ${JSON.stringify(places)}.filter((file) => {
        try { writeFileSync(file, ''); rmSync(file); return true } catch { return false }
      })
      const status = readFileSync('/proc/self/status', 'utf8')
      const line = (name) => status.split('\\n').find((one) => one.startsWith(name))?.split(/\\s+/)[1]
      console.log(JSON.stringify([writable, process.getuid(), line('NoNewPrivs'), line('CapEff')]))`
    const { text } = await outcomeOf(readOnly('node', '-e', script))
    expect(JSON.parse(text)).toEqual([['/tmp/x', '/data/x'], NODE_USER, '1', '0000000000000000'])
  })

  test('trains a model and answers for a forecast of it over HTTP, with a dashboard', async () => {
    const { exitCode, text } = await outcomeOf(readOnly('tickerflow', 'run', '--json'))
    expect(exitCode, text).toBe(0)
    const document = JSON.parse(text)
    expect(document.version).toMatchObject({ name: 'aapl-forecaster', environment: 'production' })
    const port = await freePort()
    const listen = ['--host', '0.0.0.0', '--port', String(port), '--insecure']
    const server = readOnly('tickerflow', 'serve', ...listen)
    const at = (path: string) => `http://127.0.0.1:${port}${path}`
    const forecast = await answerFrom(at('/api/v1/forecasts/AAPL'), server)
    expect(forecast).toMatchObject({
      symbol: 'AAPL',
      version: '1',
      median: document.forecast.median,
      interval95: document.forecast.interval95,
    })
    const page = await (await fetch(at('/'))).text()
    const scripts = [...page.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css))"/g)].map(
      ([, path]) => path,
    )
    expect(scripts.length).toBeGreaterThan(1)
    for (const path of scripts) expect((await fetch(at(path ?? ''))).status, path).toBe(200)
    const check = healthCheck(port)
    expect((await outcomeOf(readOnly(...check))).exitCode).toBe(0)
    // It ends by itself when an orchestrator asks it to, and the check says that it is gone.
    expect(await ended(server)).toBe(0)
    expect((await outcomeOf(readOnly(...check))).exitCode).toBe(1)
  })

  test('refuses requests without a key when it is started as it comes', async () => {
    const made = readOnly('tickerflow', 'keys', 'create', '--name', 'test', '--json')
    const key = JSON.parse((await outcomeOf(made)).text)
    const port = await freePort()
    const { Entrypoint = [], Cmd = [] } = builder.configOf('tickerflow:test')
    const server = readOnly(...Entrypoint, ...Cmd, '--port', String(port))
    try {
      const uri = `http://127.0.0.1:${port}/api/v1/forecasts/AAPL`
      await answerFrom(`http://127.0.0.1:${port}/health/live`, server)
      expect((await fetch(uri)).status).toBe(401)
      const { key: secret } = key
      const answer = await fetch(uri, { headers: { authorization: `Bearer ${secret}` } })
      expect(answer.status).toBe(200)
    } finally {
      await ended(server)
    }
  })
})

/** The image's own health check, at another port. */
function healthCheck(port: number): readonly string[] {
  const [kind, ...command] = builder.configOf('tickerflow:test').Healthcheck?.Test ?? []
  expect(kind).toBe('CMD')
  expect(command.join(' ')).toContain(':8080/')
  return command.map((part) => part.replace(':8080/', `:${port}/`))
}

/** What a command printed, and how it ended. */
async function outcomeOf(child: ChildProcess): Promise<{ exitCode: number; text: string }> {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (part) => {
    text += part
  })
  const [exitCode] = await once(child, 'close')
  return { exitCode, text }
}

function twice(work: () => void): void {
  try {
    work()
  } catch {
    work()
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const address = probe.address()
  await new Promise((done) => probe.close(done))
  if (address === null || typeof address === 'string') throw new Error('No port to be had')
  return address.port
}

async function answerFrom(uri: string, server: ChildProcess): Promise<unknown> {
  server.stdout?.resume()
  for (let attempt = 0; attempt < 300; attempt++) {
    if (server.exitCode !== null) throw new Error(`The server ended with ${server.exitCode}`)
    const reply = await fetch(uri).catch(() => undefined)
    if (reply?.ok === true) return await reply.json()
    await sleep(200)
  }
  throw new Error(`${uri} did not answer within a minute`)
}

/** Ends the server as an orchestrator does. @returns Its exit code. */
async function ended(server: ChildProcess): Promise<number | null> {
  if (server.exitCode === null && server.signalCode === null) {
    const exit = once(server, 'exit')
    server.kill('SIGTERM')
    await exit
  }
  return server.exitCode
}
