/** `tickerflow serve` and `keys` as processes: where they listen, whom they let in, how they end. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createWorkplace, successOf, type Workplace } from './cli-process.ts'

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts')
const STORE = ['--store', 'store']

let place: Workplace

beforeEach(async () => {
  place = await createWorkplace()
})
afterEach(() => place.remove())

function serve(...flags: readonly string[]) {
  const always = [...STORE, '--port', '0', '--json', '--log-level', 'error']
  return spawn(process.execPath, [MAIN, 'serve', ...always, ...flags], {
    cwd: place.directory,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

it.each([
  ['one process', []],
  ['two processes', ['--workers', '2']],
])('%s: says where, answers there, and ends with 0', async (_name, flags) => {
  const server = serve(...flags)
  try {
    const [line] = await once(server.stdout, 'data')
    const { uri } = JSON.parse(String(line))
    expect(await (await fetch(`${uri}/health/live`)).json()).toEqual({ live: true })
    expect((await fetch(`${uri}/health/ready`)).status).toBe(503)
    expect(await (await fetch(`${uri}/metrics`)).text()).toContain('http_request_duration_seconds')
    server.kill('SIGTERM')
    const [exitCode] = await once(server, 'exit')
    expect(exitCode).toBe(process.platform === 'win32' ? null : 0)
  } finally {
    server.kill('SIGKILL')
  }
})

it('keys are made, shown once, listed without their texts, and revoked', async () => {
  const keys = async (...args: string[]) =>
    successOf(await place.tickerflow(['keys', ...args, ...STORE, '--json']))
  const { key, id } = await keys('create', '--name', 'dashboard', '--scope', 'read')
  expect(key).toMatch(/^tfk_/)
  const listed = await keys('list')
  expect(listed).toMatchObject([{ id, name: 'dashboard', scopes: ['read'], revokedAt: null }])
  expect(JSON.stringify(listed)).not.toContain(key)
  expect(await keys('revoke', id)).toMatchObject({ id, revokedAt: expect.any(String) })
  const open = await place.tickerflow(['serve', '--host', '0.0.0.0', '--port', '0', ...STORE])
  expect([open.exitCode, open.stderr]).toEqual([2, expect.stringContaining('--auth')])
})
