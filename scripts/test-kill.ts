/** `npm run test:kill -- [kills] [seed]`: kills the program at moments of chance, and looks each time. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { faultsOf, KINDS, killed, prepareStore, roundsOf } from '../test/e2e/kill-work.ts'

const [count = '100', seed = '7'] = process.argv.slice(2)
const store = mkdtempSync(join(tmpdir(), 'test-kill-'))
await prepareStore(store)
const heard: string[] = []
let faulty = 0
for (const round of roundsOf(Number(count), Number(seed))) {
  const said = await killed(store, round)
  heard.push(...said)
  const faults = await faultsOf(store, heard)
  faulty += faults.length === 0 ? 0 : 1
  const what = `${round.kind}, killed after ${round.afterMs} ms: ${said.length} acknowledged`
  process.stdout.write(
    `${round.round} of ${count}: ${what}${faults.map((one) => `\n  ${one}`).join('')}\n`,
  )
}
const of = (kind: string) => heard.filter((line) => line.startsWith(`done ${kind} `)).length
process.stdout.write(
  `${count} kills, seed ${seed}: ${faulty} with faults. Acknowledged: ${KINDS.map((kind) => `${of(kind)} ${kind}`).join(', ')}.\n`,
)
if (faulty === 0) rmSync(store, { recursive: true, force: true, maxRetries: 3 })
else process.stdout.write(`The store is kept: ${store}\n`)
process.exitCode = faulty === 0 ? 0 : 1
