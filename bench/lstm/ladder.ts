/**
 * The ladder from the plain reference to the final kernels: each rung in a fresh process, the order
 * reversed every round, medians of the thread's milliseconds per training step: processor time, which
 * other work on the machine disturbs less than the clock on the wall.
 *
 *   node bench/lstm/ladder.ts [--rounds 3]
 */
import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { type EngineName, selectEngine } from '../../src/lstm/engines.ts'
import { median, prepareWorkload, WORKLOADS } from './workloads.ts'

const RUNGS: { name: string; engine: EngineName; wide: boolean }[] = [
  { name: 'plain TypeScript', engine: 'reference', wide: false },
  { name: 'plain SIMD', engine: 'wasm-simd', wide: false },
  { name: 'relaxed SIMD', engine: 'wasm-relaxed-simd', wide: false },
  { name: 'joined vectors', engine: 'wasm-relaxed-simd', wide: true },
]
const WARM_UP_MS = 600
const CHUNK_MS = 200
const CHUNKS = 5

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, rung: { type: 'string' } },
})

/** Milliseconds per step of each workload. */
function timeRung(index: number): number[] {
  const { engine, wide } = RUNGS[index] as (typeof RUNGS)[number]
  return WORKLOADS.map((workload) => {
    const { trainStep } = prepareWorkload(workload, selectEngine(engine, { wideVectors: wide }))
    let warmUpSteps = 0
    for (const end = performance.now() + WARM_UP_MS; performance.now() < end; warmUpSteps++) {
      trainStep()
    }
    // Counted by the clock on the wall: processor time may tick too slowly for a single step.
    const steps = Math.max(1, Math.ceil((warmUpSteps * CHUNK_MS) / WARM_UP_MS))
    return median(Array.from({ length: CHUNKS }, () => cpuMsPerStep(trainStep, steps)))
  })
}

function cpuMsPerStep(action: () => unknown, steps: number): number {
  const before = process.threadCpuUsage()
  for (let step = 0; step < steps; step++) action()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000 / steps
}

function climb(rounds: number): void {
  const times = RUNGS.map(() => WORKLOADS.map(() => [] as number[]))
  for (let round = 0; round < rounds; round++) {
    const order = [...RUNGS.keys()]
    for (const rung of round % 2 === 0 ? order : order.reverse()) {
      const args = [import.meta.filename, '--rung', String(rung)]
      const answer: number[] = JSON.parse(
        execFileSync(process.execPath, args, { encoding: 'utf8' }),
      )
      for (const [at, ms] of answer.entries()) times[rung]?.[at]?.push(ms)
    }
  }
  for (const [rung, { name }] of RUNGS.entries()) {
    const cells = (times[rung] ?? []).map((ms) => median(ms).toFixed(2).padStart(9))
    console.log(name.padEnd(18) + cells.join(''))
  }
}

if (options.rung !== undefined) console.log(JSON.stringify(timeRung(Number(options.rung))))
else climb(Number(options.rounds))
