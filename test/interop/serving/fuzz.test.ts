/**
 * Schemathesis generates requests from the OpenAPI document, right and wrong ones: no answer may be a
 * fault, have a status or a form that the document does not name, or accept what it excludes.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PYTHON } from '../python-environment.ts'

const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts')
const SCHEMATHESIS = join(dirname(PYTHON), process.platform === 'win32' ? 'st.exe' : 'st')
const EXAMPLES_PER_OPERATION = 40
const LEAST_REQUESTS = 2_000

let work: string
let server: ChildProcess

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'tickerflow-fuzz-'))
  const run = ['run', '--store', 'store', '--from', '2011-01-01']
  await promisify(execFile)(process.execPath, [MAIN, ...run], { cwd: work })
  server = spawn(
    process.execPath,
    [MAIN, 'serve', '--store', 'store', '--port', '0', '--json', '--rate-limit', '1000000000'],
    { cwd: work, stdio: ['ignore', 'pipe', 'ignore'] },
  )
})

afterAll(async () => {
  server?.kill('SIGKILL')
  await rm(work, { recursive: true, force: true, maxRetries: 3 })
})

test('thousands of generated requests find no fault and no undocumented answer', async () => {
  const [line] = await once(server.stdout as NonNullable<typeof server.stdout>, 'data')
  const { uri } = JSON.parse(String(line)) as { readonly uri: string }
  const flags = [
    ...['run', `${uri}/openapi.json`, '--seed', '11', '--no-color', '--no-shrink'],
    ...['--phases', 'examples,coverage,fuzzing', '--continue-on-failure'],
    ...['--max-examples', String(EXAMPLES_PER_OPERATION), '--checks', 'all'],
    // A valid request may well be refused: no bars of that symbol, a date without a session.
    ...['--exclude-checks', 'positive_data_acceptance'],
    // A stream that never ends.
    ...['--exclude-path', '/api/v1/events'],
  ]
  const { stdout, failed } = await promisify(execFile)(SCHEMATHESIS, flags, {
    cwd: work,
    maxBuffer: 64 * 1024 * 1024,
    timeout: 400_000,
  }).then(
    ({ stdout }) => ({ stdout, failed: false }),
    (error: { readonly stdout?: string }) => ({ stdout: error.stdout ?? '', failed: true }),
  )
  if (failed) expect.fail(stdout.slice(-20_000))
  const generated = Number(/(\d+) generated/.exec(stdout)?.[1])
  expect(generated).toBeGreaterThan(LEAST_REQUESTS)
  expect((await fetch(`${uri}/health/ready`)).status).toBe(200)
  expect(server.exitCode).toBeNull()
}, 420_000)
