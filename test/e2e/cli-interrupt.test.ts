/** Ctrl-C, and worse: whatever ends a run half-way, the store stays whole and usable. */

import { readdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createWorkplace,
  documentOf,
  filesBelow,
  SMALL_CONFIG,
  successOf,
  type Workplace,
} from '../integration/cli-process.ts'

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

describe('a backtest that is stopped half-way', () => {
  const FOLDS = 4
  const config = {
    ...SMALL_CONFIG,
    evaluation: { from: '2009-01-01', to: '2012-12-31' },
    lstm: { windowLength: 20, hiddenSizes: [32], epochs: 12, patience: 12, seeds: 2 },
    threads: 1,
    queue: { leaseSeconds: 1 },
  }

  /** Sends the signal once some folds are on disk. */
  function stoppedBy(signal: NodeJS.Signals) {
    let watched = false
    return workplace.tickerflow(['backtest', '--config', 'folds.json', '--json'], {
      onStderr(stderr, kill) {
        if (watched || !stderr.includes('Build features')) return
        watched = true
        const timer = setInterval(() => {
          if (finished() < 2) return
          clearInterval(timer)
          kill(signal)
        }, 20)
      },
    })
  }

  /** Fits that the queue has results of. */
  function finished(): number {
    try {
      const database = new DatabaseSync(workplace.path('.tickerflow', 'tickerflow.db'), {
        readOnly: true,
      })
      const sql = "SELECT count(*) AS n FROM queue_jobs WHERE kind = 'fit' AND state = 'done'"
      const count = Number(database.prepare(sql).get()?.n)
      database.close()
      return count
    } catch {
      return 0
    }
  }

  test.each<[string, NodeJS.Signals, number | null]>([
    ['Ctrl-C', 'SIGINT', 130],
    ['kill -9', 'SIGKILL', null],
  ])(
    'by %s goes on without the finished folds, to the same scores',
    async (_, signal, exitCode) => {
      await workplace.write('folds.json', config)
      expect(await stoppedBy(signal)).toMatchObject({ exitCode })
      const before = finished()
      expect(before).toBeGreaterThanOrEqual(2)
      expect(before).toBeLessThan(FOLDS * config.models.length)

      const resumed = await workplace.tickerflow(['backtest', '--config', 'folds.json', '--json'])
      expect(resumed.stderr).toContain(`${before} fits had been done before`)
      const elsewhere = ['--store', 'other']
      const whole = await workplace.tickerflow([
        ...['backtest', '--config', 'folds.json', '--json', ...elsewhere],
      ])
      expect(whole.stderr).not.toContain('done before')
      const { durationMs: _first, ...document } = successOf(resumed)
      const { durationMs: _second, ...expected } = successOf(whole)
      expect(document).toEqual(expected)
    },
  )
})

test('a run that is killed outright leaves a store that still works', async () => {
  const { digest } = await read('ingest')
  const outcome = await interrupted(['run', '--config', 'long.json'], 'SIGKILL')
  expect(outcome).toMatchObject({ exitCode: null, stdout: '' })
  expect((await read('check')).data.digest).toBe(digest)
  const { version } = await read('run', '--config', 'small.json')
  expect(version.version).toBe('1')
})
