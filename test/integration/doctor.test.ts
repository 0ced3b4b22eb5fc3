/** The doctor on machines with one fault each. */
import { existsSync } from 'node:fs'
import { mkdir, open, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { composeApplication } from '../../src/compose.ts'
import { DEFAULT_CONFIG } from '../../src/config.ts'
import { createBars } from '../../src/market/create-bars.ts'
import { readSampleBars } from '../../src/market/providers/sample.ts'
import type { DoctorFinding } from '../../src/pipeline/doctor/finding.ts'
import { checkNode } from '../../src/pipeline/doctor/program-checks.ts'
import { createWorkplace, type StartOptions, type Workplace } from './cli-process.ts'

let place: Workplace
beforeEach(async () => {
  place = await createWorkplace()
})
afterEach(async () => await place.remove())

async function doctor(flags: readonly string[] = [], options: StartOptions = {}) {
  const args = ['doctor', '--json', '--store', place.path('store'), '--port', '0', ...flags]
  const { stdout, exitCode } = await place.tickerflow(args, options)
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly DoctorFinding[] }
  const of = (check: string) => findings.find((one) => one.check === check)
  return { exitCode, findings, of }
}

/** A store with databases, and AAPL's prices as if they had come from a file. */
async function makeStore(): Promise<void> {
  const app = await composeApplication({ ...DEFAULT_CONFIG, store: place.path('store') })
  const bars = await readSampleBars('AAPL')
  await app.bars.save(createBars({ ...bars, columns: bars, source: 'csv' }))
  await app.close()
}

test('where there is no store yet all is well, and none is made', async () => {
  const { exitCode, findings } = await doctor()
  expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
  expect(exitCode).toBe(0)
  expect(existsSync(place.path('store'))).toBe(false)
})

test('a directory that is no store yet is left as it is', async () => {
  await mkdir(place.path('store'))
  expect((await doctor()).exitCode).toBe(0)
  expect(existsSync(place.path('store', 'store.json'))).toBe(false)
})

test('a sound store with prices of yesterday is, and old prices are a warning', async () => {
  await makeStore()
  const fresh = await doctor(['--now', '2013-03-04T21:30:00Z'])
  expect(fresh.of('prices')).toMatchObject({ verdict: 'ok' })
  expect(fresh.exitCode).toBe(0)
  const stale = await doctor(['--now', '2013-03-06T21:30:00Z'])
  expect(stale.of('prices')).toMatchObject({
    verdict: 'warning',
    found: 'AAPL to 2013-03-01, 3 session(s) missing',
  })
  expect(stale.exitCode).toBe(0)
})

test('a damaged database is named, with what to do', async () => {
  await makeStore()
  const file = await open(place.path('store', 'tickerflow.db'), 'r+')
  await file.write(Buffer.alloc(8192, 0x5a), 0, 8192, 4096)
  await file.close()
  const { exitCode, of } = await doctor()
  expect(exitCode).toBe(1)
  expect(of('database')).toMatchObject({ verdict: 'failure' })
  expect(of('database')?.found).toContain('tickerflow.db')
  expect(of('database')?.advice).toContain('backup restore')
})

test('the store of a newer program, and a configuration with a mistake, are failures', async () => {
  await makeStore()
  const manifest = { program: 'tickerflow', formatVersion: 99 }
  await writeFile(place.path('store', 'store.json'), JSON.stringify(manifest))
  const newer = await doctor()
  expect(newer.exitCode).toBe(1)
  expect(newer.of('store')?.found).toMatch(/newer|format/i)
  const config = await place.write('wrong.json', { horizon: 0 })
  const wrong = await doctor(['--config', config])
  expect(wrong.exitCode).toBe(1)
  expect(wrong.of('configuration')?.found).toContain('/horizon')
})

test('an MLflow server is asked for its version: right, too old, away', async () => {
  let version = '3.17.2'
  const server = createServer((_, reply) => reply.end(version))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const environment = { MLFLOW_TRACKING_URI: uri }
  expect((await doctor([], { environment })).of('tracking')).toMatchObject({ verdict: 'ok' })
  version = '2.2.1'
  const old = await doctor([], { environment })
  expect(old.of('tracking')).toMatchObject({ verdict: 'failure' })
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  const away = await doctor([], { environment })
  expect(away.of('tracking')?.found).toContain('ECONNREFUSED')
  expect(away.exitCode).toBe(1)
})

test('a port that is taken is a warning; a secret that is not set is a failure', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const channel = { kind: 'webhook', format: 'slack', urlVariable: 'NOBODY_SETS_THIS' }
  const config = await place.write('alerts.json', { alerts: { channels: [channel] } })
  const { of, exitCode } = await doctor(['--port', String(port), '--config', config])
  await new Promise((resolve) => server.close(resolve))
  expect(of('port')).toMatchObject({ verdict: 'warning' })
  expect(of('alerts')?.found).toContain('NOBODY_SETS_THIS')
  expect(exitCode).toBe(1)
})

test('a Node that is too old is a failure', () => {
  expect(checkNode('20.11.0')).toMatchObject({ verdict: 'failure' })
  expect(checkNode('24.0.0')).toMatchObject({ verdict: 'ok' })
})
