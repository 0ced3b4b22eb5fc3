/** The small twin of `npm run bench:soak`: thousands of requests while promotions and rollbacks roll. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { median } from '../../bench/measure.ts'
import { workloads } from '../../bench/serving/requests.ts'
import { type StartedServer, startServer, storeOfTwoVersions } from '../../bench/serving/servers.ts'
import { type SoakOutcome, soak } from '../../bench/serving/soak-load.ts'

const REQUESTS = 12_000
/** Of the second quarter's: by then the process has its size. */
const MOST_GROWTH = 1.25

let directory: string
let server: StartedServer | undefined
let outcome: SoakOutcome

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tickerflow-soak-'))
  const place = { ...storeOfTwoVersions(directory), directory, python: '' }
  server = await startServer('tickerflow', place)
  outcome = await soak({
    server,
    workloads: await workloads(place.modelDirectory),
    requests: REQUESTS,
  })
}, 180_000)

afterAll(async () => {
  await server?.stop()
  await rm(directory, { recursive: true, force: true, maxRetries: 3 })
})

// Memory and handles are read from /proc.
const onLinux = test.runIf(process.platform === 'linux')

onLinux('no request fails, however often what is live changes', () => {
  expect(outcome).toMatchObject({ requests: REQUESTS, failed: 0 })
  expect(outcome.swaps).toBeGreaterThanOrEqual(4)
})

onLinux('both versions answer, and each answer names the version that made it', () => {
  const { answersByVersion, forecastsByVersion } = outcome
  expect(Object.keys(answersByVersion).toSorted()).toEqual(['1', '2'])
  expect(Math.min(...Object.values(answersByVersion))).toBeGreaterThan(50)
  expect(forecastsByVersion).toEqual({ 1: 1, 2: 1 })
})

onLinux('memory and open handles stay as they are', () => {
  const quarter = (values: readonly number[], k: number) =>
    median(values.slice((values.length * k) / 4, (values.length * (k + 1)) / 4))
  const { residentMegabytes, openHandles } = outcome
  expect(residentMegabytes.length).toBeGreaterThanOrEqual(4)
  expect(quarter(residentMegabytes, 3)).toBeLessThan(MOST_GROWTH * quarter(residentMegabytes, 1))
  expect(quarter(openHandles, 3)).toBeLessThanOrEqual(quarter(openHandles, 1) + 2)
})
