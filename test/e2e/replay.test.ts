/** The time machine: the same past gives the same end, however often it is stopped on the way. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCalendar } from '../../src/market/calendar.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import { parseIsoDate } from '../../src/market/trading-date.ts'
import { readLedger } from '../../src/monitoring/ledger/verify-ledger.ts'
import { createReplayedHistory } from '../../src/pipeline/replay/price-history.ts'
import type { ReplayDocument } from '../../src/pipeline/replay/replay-document.ts'
import { openDatabase } from '../../src/sqlite/open-database.ts'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
const CLASSICAL = ['--symbols', 'AAPL', '--models', 'naive,ewma,garch,har']

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'replay-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))

interface Ended {
  readonly code: number | null
  readonly document: ReplayDocument
}

/** @param killAfterMs The process is killed then, or asked to stop. */
async function replay(
  store: string,
  to: string,
  { killAfterMs, signal = 'SIGKILL' }: { killAfterMs?: number; signal?: 'SIGKILL' | 'SIGINT' } = {},
): Promise<Ended> {
  const config = join(import.meta.dirname, 'replay-config.json')
  const args = ['replay', '--from', '2009-01-01', '--to', to, '--json', '--config', config]
  const child = spawn(process.execPath, [MAIN, ...args, ...CLASSICAL, '--store', store])
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.resume()
  const timer =
    killAfterMs === undefined ? undefined : setTimeout(() => child.kill(signal), killAfterMs)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearTimeout(timer)
  const text = Buffer.concat(chunks).toString()
  return { code, document: text === '' ? {} : JSON.parse(text) }
}

function linesOf(document: ReplayDocument) {
  const database = openDatabase(join(document.store, 'tickerflow.db'), [])
  const lines = [...readLedger(database)]
  database.close()
  return lines
}

test('two replays agree; one that is killed and stopped on the way comes to the same end', async () => {
  const [first, second] = await Promise.all([
    replay(join(directory, 'a'), '2009-10-31'),
    replay(join(directory, 'b'), '2009-10-31'),
  ])
  expect(first.code).toBe(0)
  const { ledgerDigest, auditDigest, ledger, audit, promotions } = first.document
  expect(second.document).toMatchObject({ ledgerDigest, auditDigest })
  expect(ledger).toMatchObject({ intact: true })
  expect(audit).toMatchObject({ intact: true })
  expect(promotions.some(({ live }) => live !== null)).toBe(true)

  const broken = join(directory, 'broken')
  let stops = 0
  for (const [killAfterMs, signal] of [
    [2500, 'SIGKILL'],
    [3000, 'SIGINT'],
    [3000, 'SIGKILL'],
  ] as const) {
    const { code } = await replay(broken, '2009-10-31', { killAfterMs, signal })
    if (code !== 0) stops++
    await sleep(10)
  }
  expect(stops).toBeGreaterThan(0)
  const end = await replay(broken, '2009-10-31')
  expect(end.document).toMatchObject({ ledgerDigest, auditDigest })
}, 240_000)

test('what comes later changes nothing that was said before', async () => {
  const [short, long] = await Promise.all([
    replay(join(directory, 'short'), '2009-06-30'),
    replay(join(directory, 'long'), '2009-09-30'),
  ])
  const before = linesOf(short.document).map(({ hash }) => hash)
  expect(before.length).toBeGreaterThan(350)
  const same = linesOf(long.document).slice(0, before.length)
  expect(same.map(({ hash }) => hash)).toEqual(before)
}, 240_000)

test('the replayed source refuses to tell of a session that has not closed', async () => {
  const calendar = createCalendar('nyse')
  const day = parseIsoDate('2010-06-15') ?? 0
  const clock = () => calendar.closeTime(day)
  const history = createReplayedHistory({ bars: [await readSampleBars('AAPL')], calendar, clock })
  expect((await history.read('AAPL')).date.at(-1)).toBe(day)
  expect(() => history.readTo('AAPL', day + 1)).toThrow(/would know the future/)
})
