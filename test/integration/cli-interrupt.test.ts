/** Ctrl-C, and worse: whatever ends a run half-way, the store stays whole and usable. */
import { readdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createWorkplace,
  documentOf,
  filesBelow,
  SMALL_CONFIG,
  successOf,
  type Workplace,
} from './cli-process.ts'

vi.setConfig({ testTimeout: 60_000 })

/** Trains for minutes when nobody stops it. */
const LONG_CONFIG = {
  ...SMALL_CONFIG,
  lstm: { windowLength: 60, hiddenSizes: [64], epochs: 5000, patience: 5000, seeds: 4 },
}

let workplace: Workplace

beforeEach(async () => {
  workplace = await createWorkplace()
  await workplace.write('long.json', LONG_CONFIG)
})
afterEach(() => workplace.remove())

/** Starts a command and sends it signals once it has said it is past reading the data. */
function interrupted(args: readonly string[], ...signals: readonly NodeJS.Signals[]) {
  const queue = [...signals]
  return workplace.tickerflow([...args, '--json'], {
    onStderr(stderr, kill) {
      if (!stderr.includes('Build features')) return
      // A moment later, so that the workers are at it.
      const signal = queue.shift()
      if (signal !== undefined) setTimeout(() => kill(signal), 300)
    },
  })
}

const read = async (...args: readonly string[]) =>
  successOf(await workplace.tickerflow([...args, '--json']))

describe.skipIf(process.platform === 'win32')('a run stopped by Ctrl-C', () => {
  test('exit code 130, recorded as killed, nothing half-written, and the next run works', async () => {
    const outcome = await interrupted(['run', '--config', 'long.json'], 'SIGINT')
    expect(outcome.exitCode).toBe(130)
    expect(documentOf(outcome).error).toMatchObject({ code: 'INTERRUPTED' })
    expect(outcome.stderr).toContain('press Ctrl-C again')
    expect(outcome.stderr).not.toContain('    at ')
    expect(await readdir(workplace.path('.tickerflow', 'tmp'))).toEqual([])
    expect(await read('models')).toEqual([])
    expect(await read('runs')).toMatchObject([{ status: 'KILLED', endedAt: expect.any(String) }])
    const files = [...(await filesBelow(workplace.path('.tickerflow'))).keys()]
    const artifacts = files.filter((name) => name.startsWith('artifacts'))
    expect(artifacts.map((name) => basename(name))).toEqual(['configuration.json'])

    const { version } = await read('run', '--config', 'small.json')
    expect(version.version).toBe('1')
    const statuses = (await read('runs')).map(({ status }: { status: string }) => status)
    expect(statuses).toEqual(['FINISHED', 'KILLED'])
  })

  test('a backtest too', async () => {
    const outcome = await interrupted(['backtest', '--config', 'long.json'], 'SIGINT')
    expect(outcome.exitCode).toBe(130)
    expect(documentOf(outcome).error.code).toBe('INTERRUPTED')
  })

  test('training too, and by the signal that ends services', async () => {
    const outcome = await interrupted(['train', '--config', 'long.json'], 'SIGTERM')
    expect(outcome.exitCode).toBe(130)
    expect(await read('models')).toEqual([])
    expect(await read('runs')).toMatchObject([{ status: 'KILLED' }])
  })
})

test('a run that is killed outright leaves a store that still works', async () => {
  const { digest } = await read('ingest')
  const outcome = await interrupted(['run', '--config', 'long.json'], 'SIGKILL')
  expect(outcome).toMatchObject({ exitCode: null, stdout: '' })
  expect((await read('check')).data.digest).toBe(digest)
  const { version } = await read('run', '--config', 'small.json')
  expect(version.version).toBe('1')
})
