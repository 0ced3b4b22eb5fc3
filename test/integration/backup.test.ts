/** Backups are made while the store is written, and what comes back is the store of that instant. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  CHECKOUT,
  createWorkplace,
  documentOf,
  filesBelow,
  successOf,
  type Workplace,
} from './cli-process.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let workplace: Workplace

const backup = (...args: readonly string[]) => workplace.tickerflow(['backup', ...args, '--json'])
const forecast = async (store: string) => {
  const { version, forecast: answer } = successOf(
    await workplace.tickerflow(['forecast', '--store', store, '--json']),
  )
  return { version, answer }
}

beforeAll(async () => {
  workplace = await createWorkplace()
  const small = ['run', '--config', 'small.json', '--json', '--store', 'store']
  successOf(await workplace.tickerflow(small))
  const promote = [
    'models',
    'promote',
    'aapl-forecaster',
    '1',
    '--override',
    '--reason',
    'a rehearsal',
  ]
  successOf(await workplace.tickerflow([...promote, '--store', 'store', '--json']))
})
afterAll(() => workplace.remove())

describe('a backup of a store in use', () => {
  test('restored: ledger and audit log verify, and the forecast is the same', async () => {
    const live = await forecast('store')
    const server = spawn(
      process.execPath,
      [
        ...[join(CHECKOUT, 'src/cli/main.ts'), 'serve', '--store', 'store', '--port', '0'],
        ...['--json', '--log-level', 'error'],
      ],
      { cwd: workplace.directory, stdio: ['ignore', 'pipe', 'ignore'] },
    )
    const state = { asking: true, answers: 0 }
    try {
      const { uri } = JSON.parse(String((await once(server.stdout, 'data'))[0]))
      const caller = (async () => {
        while (state.asking) {
          const reply = await fetch(`${uri}/api/v1/forecasts/AAPL`)
          expect(reply.status).toBe(200)
          await reply.text()
          state.answers++
        }
      })()
      await expect.poll(() => state.answers).toBeGreaterThan(0)
      const before = state.answers
      const made = successOf(await backup('create', '--store', 'store', '--to', 'kept'))
      expect(made).toMatchObject({ id: expect.stringMatching(/^\d{8}T\d{9}Z-[0-9a-f]{12}$/) })
      expect(state.answers).toBeGreaterThan(before)
      state.asking = false
      await caller
      const restored = successOf(await backup('restore', '--from', 'kept', '--store', 'restored'))
      expect(restored).toMatchObject({ id: made.id, files: made.files, records: { intact: true } })
      expect(restored.records.ledgerLines).toBeGreaterThanOrEqual(before)
      expect(restored.records.ledgerLines).toBeLessThan(2 * state.answers + 10)
    } finally {
      state.asking = false
      server.kill('SIGKILL')
    }
    expect(await forecast('restored')).toEqual(live)
    const verified = await workplace.tickerflow(['verify', '--store', 'restored', '--json'])
    expect(successOf(verified).intact).toBe(true)
  })

  test('made again copies nothing but what changed, and the old ones go when asked to', async () => {
    const first = successOf(await backup('create', '--store', 'store', '--to', 'twice'))
    const second = successOf(await backup('create', '--store', 'store', '--to', 'twice'))
    expect(first.newBytes).toBeGreaterThan(100_000)
    expect(second).toMatchObject({ newBytes: 0, bytes: first.bytes })
    successOf(
      await workplace.tickerflow(['ingest', '--symbol', 'MSFT', '--store', 'store', '--json']),
    )
    const third = successOf(
      await backup('create', '--store', 'store', '--to', 'twice', '--keep', '1'),
    )
    expect(third.removed).toEqual([first.id, second.id])
    const listed = successOf(await backup('list', '--from', 'twice'))
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([third.id])
    expect(successOf(await backup('verify', '--from', 'twice'))).toMatchObject({ intact: true })
    const objects = await filesBelow(workplace.path('twice', 'objects'))
    expect(objects.size).toBeLessThanOrEqual(third.files)
  })
})

describe('what cannot be backed up or restored says so', () => {
  test.each([
    ['a directory that is no store', ['create', '--store', 'none', '--to', 'kept'], 'NOT_FOUND'],
    [
      'a place inside the store',
      ['create', '--store', 'store', '--to', 'store/b'],
      'CONFIG_INVALID',
    ],
    ['a directory without backups', ['restore', '--from', 'none', '--store', 'new'], 'NOT_FOUND'],
    ['an unknown id', ['restore', '--from', 'faulty', '--id', 'x', '--store', 'new'], 'NOT_FOUND'],
    [
      'a store that is there',
      ['restore', '--from', 'faulty', '--store', 'store'],
      'ALREADY_EXISTS',
    ],
  ])('%s', async (_name, args, code) => {
    await madeBackup('faulty')
    const before = await readdir(workplace.directory)
    const outcome = await backup(...args)
    expect(documentOf(outcome).error.code).toBe(code)
    expect(await readdir(workplace.directory)).toEqual(before)
  })

  test('a backup with a changed file is found out, and leaves no store that opens', async () => {
    await madeBackup('faulty')
    await cp(workplace.path('faulty'), workplace.path('changed'), { recursive: true })
    const { path, object } = await objectOf('changed', 'bars/')
    await appendFile(object, 'x')
    const verified = await backup('verify', '--from', 'changed')
    expect(verified.exitCode).toBe(1)
    expect(documentOf(verified).faults).toEqual([{ path, fault: 'changed' }])
    const restored = await backup('restore', '--from', 'changed', '--store', 'half')
    expect(documentOf(restored).error).toMatchObject({ code: 'STORE_DAMAGED' })
    const opened = await workplace.tickerflow(['runs', '--store', 'half', '--json'])
    expect(documentOf(opened).error).toMatchObject({
      code: 'STORE_FORMAT',
      message: expect.stringContaining('restore it from a backup'),
    })
    await rm(object)
    const gone = documentOf(await backup('verify', '--from', 'changed'))
    expect(gone.faults).toEqual([{ path, fault: 'missing' }])
  })

  test.each([
    ['changed', (text: string) => text.replace('aapl', 'msft'), 'STORE_DAMAGED'],
    ['of a newer program', () => '{"program": "tickerflow", "formatVersion": 99}', 'STORE_FORMAT'],
    ['not JSON', () => 'nothing', 'STORE_DAMAGED'],
  ])('a list of files that is %s', async (name, change, code) => {
    await madeBackup('faulty')
    const copy = `list-${name.slice(0, 3)}`
    await cp(workplace.path('faulty'), workplace.path(copy), { recursive: true })
    const [file = ''] = await readdir(workplace.path(copy, 'manifests'))
    const manifest = workplace.path(copy, 'manifests', file)
    await writeFile(manifest, change(await readFile(manifest, 'utf8')))
    const outcome = await backup('restore', '--from', copy, '--store', 'new')
    expect(documentOf(outcome).error.code).toBe(code)
  })

  test('a second backup into the same directory waits its turn, and then says who is first', async () => {
    await mkdir(workplace.path('contended'))
    const { SqliteConnection } = await import('../../src/sqlite/sqlite-connection.ts')
    const holder = new SqliteConnection(workplace.path('contended', 'lock.db'))
    try {
      holder.execute('BEGIN IMMEDIATE')
      const outcome = await backup('create', '--store', 'store', '--to', 'contended')
      expect(documentOf(outcome).error.code).toBe('STORE_BUSY')
    } finally {
      holder.close()
    }
  })
})

async function madeBackup(name: string): Promise<void> {
  if ((await readdir(workplace.directory)).includes(name)) return
  successOf(await backup('create', '--store', 'store', '--to', name))
}

async function objectOf(name: string, prefix: string) {
  const [file = ''] = await readdir(workplace.path(name, 'manifests'))
  const { files } = JSON.parse(await readFile(workplace.path(name, 'manifests', file), 'utf8'))
  const { path, sha256 } = files.find((one: { path: string }) => one.path.startsWith(prefix))
  return { path, object: workplace.path(name, 'objects', sha256.slice(0, 2), sha256) }
}
