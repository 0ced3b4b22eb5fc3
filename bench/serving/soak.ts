/**
 * An hour of traffic in miniature: 100,000 requests while promotions and rollbacks roll; failures,
 * memory and open handles. Linux only.
 *
 * npm run bench:soak -- [--json] [--requests=100000]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machine, median, report } from '../measure.ts'
import { workloads } from './requests.ts'
import { startServer, storeOfTwoVersions } from './servers.ts'
import { soak } from './soak-load.ts'

const flag = process.argv.find((text) => text.startsWith('--requests='))
const requests = Number(flag?.split('=')[1] ?? 100_000)

const directory = await mkdtemp(join(tmpdir(), 'tickerflow-soak-'))
try {
  const place = { ...storeOfTwoVersions(directory), directory, python: '' }
  const server = await startServer('tickerflow', place)
  const startedMs = performance.now()
  const outcome = await soak({
    server,
    workloads: await workloads(place.modelDirectory),
    requests,
    onLook(done) {
      const leftSeconds = ((performance.now() - startedMs) / 1000) * (requests / done - 1)
      if (done > 0)
        process.stderr.write(`\r${done} of ${requests}, ${leftSeconds.toFixed(0)} s left `)
    },
  })
  process.stderr.write('\n')
  await server.stop()
  report({ ...machine(), ...outcome, ...quarters(outcome) })
  if (outcome.failed > 0) process.exitCode = 1
} finally {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 })
}

/** Medians of each quarter of the time: flat means that the last is like the second. */
function quarters(outcome: Awaited<ReturnType<typeof soak>>) {
  const of = (values: readonly number[]) =>
    Array.from({ length: 4 }, (_, i) => {
      const size = values.length / 4
      return median(values.slice(Math.floor(i * size), Math.floor((i + 1) * size)))
    })
  return {
    residentMegabytesByQuarter: of(outcome.residentMegabytes),
    openHandlesByQuarter: of(outcome.openHandles),
  }
}
