/**
 * A drift report beside Evidently's default one, on the same columns: time, and how often each calls a
 * window drifted in which nothing has changed.
 *
 *   node bench/drift/bench.ts [--json] [--windows 40] [--rows 60] [--python PATH]
 *
 * Each round makes the report of one simulated window (16 features, 1,250 rows of reference) by both, in
 * turn. Ours is timed with and without making the reference, which a version needs only once. Evidently
 * comes from an environment under `.venv/`, made when missing.
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { REFERENCE_ROWS, simulateHistory } from '../../experiments/drift/simulated-history.ts'
import { createDriftReference } from '../../src/monitoring/drift/drift-reference.ts'
import { measureDrift } from '../../src/monitoring/drift/measure-drift.ts'
import { machine, median, report } from '../measure.ts'

const ENVIRONMENT = resolve(import.meta.dirname, '../../.venv/bench-drift')
const PERSISTENCE = 0.98

interface PeerAnswer {
  readonly milliseconds: number
  readonly drifted: number
  readonly columns: number
}

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    windows: { type: 'string', default: '40' },
    rows: { type: 'string', default: '60' },
    python: { type: 'string' },
  },
})
const windows = Number(options.windows)
const rows = Number(options.rows)
const peer = await startPeer(options.python ?? pythonWithEvidently())
const times = { report: [] as number[], withReference: [] as number[], evidently: [] as number[] }
const alarms = { own: 0, evidentlyAnyColumn: 0, evidentlyHalfOfColumns: 0 }

try {
  for (let s = 0; s < windows; s++) {
    const { cut } = simulateHistory({ seed: `bench/${s}`, persistence: PERSISTENCE })
    const span = cut(0, REFERENCE_ROWS)
    const next = cut(REFERENCE_ROWS, REFERENCE_ROWS + rows)
    const startMs = performance.now()
    const reference = createDriftReference(span, { window: rows })
    const madeMs = performance.now()
    const own = measureDrift(reference, next)
    const endMs = performance.now()
    const answer = await peer.ask({ reference: plain(span), current: plain(next) })
    if (answer.columns !== span.size) throw new Error(`Evidently saw ${answer.columns} columns`)
    times.report.push(endMs - madeMs)
    times.withReference.push(endMs - startMs)
    times.evidently.push(answer.milliseconds)
    if (own.verdict === 'drift') alarms.own++
    if (answer.drifted > 0) alarms.evidentlyAnyColumn++
    if (answer.drifted >= answer.columns / 2) alarms.evidentlyHalfOfColumns++
  }
} finally {
  peer.close()
}
const share = (count: number) => count / windows
report({
  name: 'drift',
  windows,
  rows,
  columns: 16,
  evidently: peer.version,
  reportMs: median(times.report),
  withReferenceMs: median(times.withReference),
  evidentlyMs: median(times.evidently),
  ratio: median(times.evidently.map((ms, i) => ms / (times.report[i] as number))),
  ratioWithReference: median(
    times.evidently.map((ms, i) => ms / (times.withReference[i] as number)),
  ),
  calledDrift: share(alarms.own),
  evidentlyCallsAColumnDrifted: share(alarms.evidentlyAnyColumn),
  evidentlyCallsTheDataDrifted: share(alarms.evidentlyHalfOfColumns),
  ...machine(),
})

function plain(columns: ReadonlyMap<string, Float64Array>) {
  return Object.fromEntries([...columns].map(([name, values]) => [name, [...values]]))
}

async function startPeer(python: string) {
  const script = join(import.meta.dirname, 'evidently_peer.py')
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('Evidently has ended: see its error above')
    return JSON.parse(value as string)
  }
  const { version } = (await next()) as { version: string }
  return {
    version,
    async ask(request: unknown): Promise<PeerAnswer> {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      return (await next()) as PeerAnswer
    },
    close: () => child.kill(),
  }
}

function pythonWithEvidently(): string {
  const python = join(
    ENVIRONMENT,
    process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python',
  )
  if (existsSync(python)) return python
  const system = process.platform === 'win32' ? 'python' : 'python3'
  execFileSync(system, ['-m', 'venv', ENVIRONMENT], { stdio: ['ignore', 2, 2] })
  const requirements = join(import.meta.dirname, 'requirements.txt')
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements], {
    stdio: ['ignore', 2, 2],
  })
  return python
}
