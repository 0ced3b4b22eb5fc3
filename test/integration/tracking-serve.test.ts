/** `tickerflow tracking serve` as a process: it says where it listens, and ends when told to. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, it } from 'vitest'

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts')

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tracking-serve-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

function serve(...flags: readonly string[]) {
  const store = join(directory, 'store')
  return spawn(process.execPath, [MAIN, 'tracking', 'serve', '--store', store, ...flags], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

it('prints the address to use, answers there, and ends with 0', async () => {
  const server = serve('--port', '0', '--json')
  try {
    const [line] = await once(server.stdout, 'data')
    const { uri } = JSON.parse(String(line))
    expect(uri).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const url = `${uri}/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default`
    expect((await (await fetch(url)).json()).experiment.experiment_id).toBe('0')
    server.kill('SIGTERM')
    const [exitCode] = await once(server, 'exit')
    expect(exitCode).toBe(process.platform === 'win32' ? null : 0)
  } finally {
    server.kill('SIGKILL')
  }
})

it('refuses to let other machines in without a key, or with a short one', async () => {
  const short = join(directory, 'key')
  await writeFile(short, 'short\n')
  for (const flags of [[], ['--key-file', short], ['--key-file', join(directory, 'none')]]) {
    const server = serve('--host', '0.0.0.0', '--port', '0', ...flags)
    const [words, [exitCode]] = await Promise.all([text(server.stderr), once(server, 'exit')])
    expect(words).toMatch(/key/)
    expect(exitCode).toBe(2)
  }
})
