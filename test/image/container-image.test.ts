/** The Dockerfile is really built and its image really run, without a Docker engine. */
import type { ChildProcess } from 'node:child_process'
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

let work: string
let store: string
let builder: ImageBuilder
let container: string

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'image-'))
  builder = createBuilder(work)
  builder.makeBase()
  builder.build(ROOT, 'tickerflow:test')
  container = builder.start('tickerflow:test')
  store = join(work, 'data')
  mkdirSync(store)
  chownSync(store, NODE_USER, NODE_USER)
})

afterAll(() => {
  builder?.remove()
  rmSync(work, { recursive: true, force: true })
})

const run = (...command: string[]) => builder.run(container, { store, command })

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

  test('trains a model and answers for a forecast of it over HTTP', async () => {
    const document = JSON.parse(run('tickerflow', 'run', '--json'))
    expect(document.version).toMatchObject({ name: 'aapl-forecaster', environment: 'production' })
    const port = await freePort()
    const server = builder.spawn(container, {
      store,
      command: ['tickerflow', 'serve', '--host', '0.0.0.0', '--port', String(port), '--insecure'],
    })
    try {
      const forecast = await answerFrom(`http://127.0.0.1:${port}/api/v1/forecasts/AAPL`, server)
      expect(forecast).toMatchObject({
        symbol: 'AAPL',
        version: '1',
        median: document.forecast.median,
        interval95: document.forecast.interval95,
      })
    } finally {
      await ended(server)
    }
  })

  test('refuses requests without a key when it is started as it comes', async () => {
    const key = JSON.parse(run('tickerflow', 'keys', 'create', '--name', 'test', '--json'))
    const port = await freePort()
    const server = builder.spawn(container, {
      store,
      command: ['tickerflow', 'serve', '--host', '0.0.0.0', '--port', String(port), '--auth'],
    })
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

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const address = probe.address()
  await new Promise((done) => probe.close(done))
  if (address === null || typeof address === 'string') throw new Error('No port to be had')
  return address.port
}

async function answerFrom(uri: string, server: ChildProcess): Promise<unknown> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (server.exitCode !== null) throw new Error(`The server ended with ${server.exitCode}`)
    const reply = await fetch(uri).catch(() => undefined)
    if (reply?.ok === true) return await reply.json()
    await sleep(200)
  }
  throw new Error(`${uri} did not answer within a minute`)
}

/** Ends the server as an orchestrator does, and waits for it. */
async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return
  const exit = new Promise((done) => server.once('exit', done))
  server.kill('SIGTERM')
  await exit
}
