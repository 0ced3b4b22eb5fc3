/** What the processes that are killed work on, and what must hold of their store afterwards. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { composeApplication } from '../../src/compose.ts'
import { type Config, DEFAULT_CONFIG } from '../../src/config.ts'
import type { IssuedForecast } from '../../src/monitoring/ledger/ledger-line.ts'
import { readLedger, verifyLedger } from '../../src/monitoring/ledger/verify-ledger.ts'
import { createRandom } from '../../src/numerics/random.ts'
import type { Application } from '../../src/pipeline/application.ts'
import { loadModelVersion } from '../../src/pipeline/model-file.ts'
import { retrainNow } from '../../src/pipeline/retraining/retrain-now.ts'
import { retrainingsOf } from '../../src/pipeline/retraining/retraining-journal.ts'
import { noticeMoves } from '../../src/registry/alias-watch.ts'
import { verifyAuditLog } from '../../src/registry/audit-log.ts'
import { getPromotion, liveVersion } from '../../src/registry/promotion-journal.ts'
import { findJournalFaults } from '../../src/registry/verify-journal.ts'

export const KILL_MODEL = 'aapl-forecaster'
export const KINDS = ['retraining', 'promotion', 'ledger', 'artifact'] as const
export type Kind = (typeof KINDS)[number]

/** Longest time that a process works before it is killed, by kind. */
const LONGEST_MS: Record<Kind, number> = {
  retraining: 4000,
  promotion: 300,
  ledger: 200,
  artifact: 300,
}
const WORKER = join(import.meta.dirname, 'kill-worker.ts')

export function killConfig(store: string): Config {
  return {
    ...DEFAULT_CONFIG,
    store,
    panel: [],
    models: ['naive', 'ewma', 'har'],
    candidate: 'har',
    evaluation: { ...DEFAULT_CONFIG.evaluation, from: '2010-01-01', to: '2012-12-31' },
    retrain: { ...DEFAULT_CONFIG.retrain, shadowSessions: 0 },
    threads: 1,
  }
}

/** Time passes between two rounds: the lease of what was killed has run out. */
export function wallClockOf(round: number): () => number {
  return () => Date.now() + round * 120_000
}

/** Larger than one write to a file. */
export function artifactContent(path: string): Uint8Array {
  const block = createHash('sha256').update(path).digest()
  return Buffer.concat(Array.from({ length: 20_000 }, () => block))
}

export function forecastOf(n: number): IssuedForecast {
  return {
    symbol: 'AAPL',
    horizon: 1,
    model: KILL_MODEL,
    version: 1,
    role: 'champion',
    asOf: n,
    issuedAtMs: 1_000_000 + n,
    distribution: { location: n / 1e6, scale: 0.01, degreesOfFreedom: 5 },
    referenceClose: 100,
    inputs: 'ab'.repeat(32),
    late: false,
  }
}

/** Two versions to promote, before anything is killed. */
export async function prepareStore(store: string): Promise<void> {
  const config = killConfig(store)
  const app = await composeApplication(config)
  const progress = { step: <T>(_: string, work: (say: () => void) => Promise<T>) => work(() => {}) }
  const why = { trigger: 'hand', reason: 'to begin with' } as const
  for (const holder of ['first', 'second']) {
    await retrainNow(app, { config, progress }, { why, holder })
  }
  await app.close()
}

export interface Round {
  readonly round: number
  readonly kind: Kind
  readonly afterMs: number
}

/** Kinds in turn, moments by chance. */
export function roundsOf(count: number, seed: number): Round[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, (_, i) => {
    const kind = KINDS[i % KINDS.length] as Kind
    return { round: i + 1, kind, afterMs: Math.round(random.uniform() * LONGEST_MS[kind]) }
  })
}

/** Lets a process work and kills it. @returns What it was told is done, line by line. */
export async function killed(store: string, { round, kind, afterMs }: Round): Promise<string[]> {
  const child = spawn(process.execPath, [WORKER, store, kind, String(round)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [said, complaint] = ['', '']
  let timer: NodeJS.Timeout | undefined
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString()
  })
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    if (timer === undefined && said.startsWith('ready\n')) {
      timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
    }
  })
  const signal = await new Promise<string | null>((resolve) => {
    child.on('close', (_, by) => resolve(by))
  })
  clearTimeout(timer)
  if (signal !== 'SIGKILL')
    throw new Error(`Round ${round} (${kind}) ended by itself: ${complaint}`)
  // A last line that was cut off was not heard.
  return said.split('\n').slice(1, -1)
}

/** Everything that is wrong with the store after a kill; `heard` is of all rounds so far. */
export async function faultsOf(store: string, heard: readonly string[]): Promise<string[]> {
  const app = await composeApplication(killConfig(store))
  try {
    return [
      ...databaseFaults(app.directory.tickerflowDb),
      ...databaseFaults(app.directory.mlflowDb),
      ...ledgerFaults(app, heard),
      ...(await registryFaults(app, heard)),
      ...(await artifactFaults(app, heard)),
    ]
  } finally {
    await app.close()
  }
}

function databaseFaults(file: string): string[] {
  const database = new DatabaseSync(file, { readOnly: true })
  const rows = database.prepare('PRAGMA integrity_check').all()
  database.close()
  const said = rows.map((row) => String(row.integrity_check))
  return said.filter((line) => line !== 'ok').map((line) => `${file}: ${line}`)
}

function ledgerFaults({ database }: Application, heard: readonly string[]): string[] {
  const verdict = verifyLedger(database)
  if (!verdict.intact) return [`ledger: ${verdict.reason}`]
  const days = [...readLedger(database)].map(({ asOf }) => asOf)
  const doubled = days.filter((day, i) => days.indexOf(day) !== i)
  const told = heard.flatMap((line) => /^done ledger (\d+) /.exec(line)?.[1] ?? [])
  const lost = told.filter((seq) => Number(seq) > days.length)
  return [
    ...doubled.map((day) => `forecast ${day} was issued twice`),
    ...lost.map((seq) => `line ${seq} was acknowledged and is lost`),
  ]
}

async function registryFaults(app: Application, heard: readonly string[]): Promise<string[]> {
  const { database, tracking, promotions } = app
  const audit = verifyAuditLog(database)
  const moved = await noticeMoves(promotions)
  const slot = { model: KILL_MODEL, environment: 'production' } as const
  const live = liveVersion(database, slot)
  const aliased = await tracking.getVersionByAlias(KILL_MODEL, 'production')
  const { items } = await tracking.listModelVersions(KILL_MODEL, { limit: 1000 })
  const runs = items.map(({ runId }) => runId)
  const faults = [
    ...(audit.intact ? [] : [`audit log: ${audit.reason}`]),
    ...findJournalFaults(database).map((fault) => `journal: ${JSON.stringify(fault)}`),
    ...moved.map((move) => `alias: ${JSON.stringify(move)}`),
    ...(aliased?.version === live ? [] : [`live is ${live}, the alias says ${aliased?.version}`]),
    ...(new Set(runs).size === runs.length ? [] : ['a run registered two versions']),
  ]
  for (const version of items) {
    await loadModelVersion(tracking, version).catch((error: Error) => faults.push(error.message))
  }
  const retrainings = retrainingsOf(database)
  for (const line of heard) {
    const [, what, id = '', result = ''] = line.split(' ')
    if (what === 'promotion') {
      const { state } = getPromotion(database, id)
      if (state !== result || state !== 'committed')
        faults.push(`promotion ${id} was ${result} and is ${state}`)
    }
    if (what === 'retraining') {
      const known = retrainings.find((one) => one.id === id)
      if (known?.version !== Number(result)) faults.push(`retraining ${id} is lost`)
      if (!items.some(({ version }) => version === Number(result)))
        faults.push(`version ${result} is lost`)
    }
  }
  const open = retrainings.filter(({ state }) => state === 'training')
  if (open.length > 1) faults.push(`${open.length} retrainings are under way at once`)
  return faults
}

async function artifactFaults(
  { tracking }: Application,
  heard: readonly string[],
): Promise<string[]> {
  const faults: string[] = []
  const { runId = '' } = await tracking.getModelVersion({ name: KILL_MODEL, version: 1 })
  for (const line of heard) {
    const [, what, path = '', sha256] = line.split(' ')
    if (what !== 'artifact') continue
    const bytes = await tracking.readArtifact(runId, path).catch(() => undefined)
    if (bytes === undefined) faults.push(`artifact ${path} is lost`)
    else if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      faults.push(`artifact ${path} is damaged`)
    }
  }
  return faults
}
