/** The typed client and the examples against a real server; the client is what its document says. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClientDocument, clientModules } from '../../scripts/client-types.ts'
import { createClient, type ForecastClient } from '../../src/serving/client/client.ts'
import {
  barsBody,
  openServing,
  promote,
  registerFitted,
  type ServingFixture,
} from './serving-fixture.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

let fixture: ServingFixture
let url: string
let client: ForecastClient

beforeAll(async () => {
  fixture = await openServing()
  const { version } = await registerFitted(fixture.app, fixture.bars, { spec: { name: 'har' } })
  promote(fixture.app, version)
  url = await fixture.server.listen({ host: '127.0.0.1', port: 0 })
  client = createClient({ url })
}, 60_000)
afterAll(() => fixture.end())

test('asks typed questions, gets typed answers, and problems as errors', async () => {
  const forecast = await client.call('getForecast', {
    path: { symbol: 'AAPL' },
    query: { level: 0.5 },
  })
  expect(forecast.interval?.level).toBe(0.5)
  const bars = barsBody(fixture.bars, fixture.bars.date.length - 300, fixture.bars.date.length)
  const { forecasts } = await client.call('postForecasts', { body: { symbol: 'AAPL', bars } })
  expect(forecasts[0]?.median).toBe(forecast.median)
  const { models } = await client.call('listModels')
  expect(models[0]).toMatchObject({ name: 'aapl-forecaster', production: 1 })
  expect(await client.call('getMetrics')).toContain('model_infer_request_success')
  const refused = client.call('getForecast', {
    path: { symbol: 'AAPL' },
    query: { horizon: 9 },
    requestId: 'mine',
  })
  await expect(refused).rejects.toMatchObject({
    status: 422,
    type: 'urn:tickerflow:problem:horizon-not-covered',
    requestId: 'mine',
  })
})

test('is generated from the very document that the server shows', () => {
  const modules = clientModules(fixture.server.swagger() as unknown as ClientDocument)
  const plain = (text: string) =>
    text.replace(/[\s;()|]+/g, '').replace(/,(?=[}\]])|,(?=\w+Operations)/g, '')
  for (const [name, text] of Object.entries(modules)) {
    const written = readFileSync(resolve(ROOT, 'src/serving/client', name), 'utf8')
    expect(plain(written)).toBe(plain(text))
  }
})

test('the document is OpenAPI 3.1, and its page loads nothing from anywhere', async () => {
  const document = (await fixture.server.inject('/openapi.json')).json()
  expect(document.openapi).toBe('3.1.0')
  expect(Object.keys(document.paths)).toContain('/api/v1/forecasts/{symbol}')
  const page = await fixture.server.inject('/docs')
  expect(page.body).toContain('/v2/models/{model}/infer')
  expect(page.body).not.toMatch(/<script|https?:\/\/(?!schema)[a-z]|@import|url\(/)
  expect(page.headers['content-security-policy']).toContain("default-src 'none'")
})

test.skipIf(process.platform === 'win32')('the examples for curl and TypeScript run', async () => {
  const example = (name: string) => resolve(ROOT, 'examples/serving', name)
  const curl = await run('sh', [example('forecast.sh'), url, 'AAPL'])
  expect(JSON.parse(curl.stdout).interval.level).toBe(0.9)
  // As in the package, where the name leads to the built module.
  const folder = await mkdtemp(join(tmpdir(), 'tickerflow-example-'))
  const module = pathToFileURL(resolve(ROOT, 'src/serving/client/client.ts')).href
  const text = readFileSync(example('forecast.ts'), 'utf8').replace('tickerflow/client', module)
  await writeFile(join(folder, 'forecast.ts'), text)
  const script = join(folder, 'forecast.ts')
  const typed = await run(process.execPath, [script, url, 'AAPL'])
  expect(typed.stdout).toMatch(/^AAPL after 2013-03-01: \d+\.\d\d\nusable\n$/)
  await expect(run(process.execPath, [script, url, 'NOPE'])).rejects.toMatchObject({ code: 1 })
  await rm(folder, { recursive: true })
})
