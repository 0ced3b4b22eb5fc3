/** `tickerflow ui`: MLflow's own UI on what has been recorded. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { resolveConfig } from '../config.ts'
import { TickerflowError } from '../errors.ts'
import { openStoreDirectory, type StoreDirectory } from '../store-directory.ts'
import { copyTrackingDatabase } from '../tracking/store/database-copy.ts'
import { colours } from './colours.ts'
import type { GlobalOptions } from './context.ts'
import { findUiProgram, type RunningUi, startUi } from './ui-program.ts'

export interface UiOptions extends GlobalOptions {
  readonly port: number
  /** The MLflow program to use. */
  readonly mlflow?: string
}

const HOST = '127.0.0.1'
/** The first start of a fresh installation compiles its Python, and `uvx` downloads it. */
const PATIENCE_MS = 5 * 60_000
const PAUSE_MS = 500

/**
 * Shows a copy of the store: an MLflow that is newer than the store's schema migrates the database
 * that it opens, after which this program would refuse it. What is changed in the UI is lost.
 */
export async function serveUi(options: UiOptions): Promise<void> {
  const directory = await openStoreDirectory(await storeOf(options))
  if (!existsSync(directory.mlflowDb)) {
    const message = `Nothing is recorded in ${directory.root} yet: \`tickerflow run\` makes a run.`
    throw new TickerflowError('NOT_FOUND', message, { details: { store: directory.root } })
  }
  const program = await findUiProgram(options.mlflow)
  const stopped = stopSignal()
  const folder = await copyFolder(directory)
  const running = startUi(program, serverArguments(directory, folder, options.port), folder)
  try {
    const uri = `http://${HOST}:${options.port}`
    process.stderr.write(`Starting MLflow (${program.command}); it takes a while …\n`)
    const isServing = await Promise.race([answering(uri, running), stopped.then(() => false)])
    if (!isServing) return
    announce(uri, options.json === true)
    await Promise.race([stopped, running.ended])
  } finally {
    await running.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}

async function storeOf({ store, config }: GlobalOptions): Promise<string> {
  const resolved = await resolveConfig({
    flags: store === undefined ? {} : { store },
    environment: process.env,
    directory: process.cwd(),
    ...(config === undefined ? {} : { file: config }),
  })
  return resolved.store
}

async function copyFolder({ tmp, mlflowDb }: StoreDirectory): Promise<string> {
  await mkdir(tmp, { recursive: true })
  const folder = await mkdtemp(join(tmp, 'ui-'))
  copyTrackingDatabase(mlflowDb, join(folder, 'mlflow.db'))
  return folder
}

function serverArguments(directory: StoreDirectory, folder: string, port: number): string[] {
  const database = join(folder, 'mlflow.db').replaceAll('\\', '/')
  return [
    'server',
    '--backend-store-uri',
    `sqlite:///${database}`,
    '--artifacts-destination',
    pathToFileURL(directory.artifacts).href,
    '--host',
    HOST,
    '--port',
    String(port),
    '--workers',
    '1',
  ]
}

/** @throws {TickerflowError} MLFLOW_UNAVAILABLE when it ends, or does not answer in time. */
async function answering(uri: string, running: RunningUi): Promise<boolean> {
  const rounds = PATIENCE_MS / PAUSE_MS
  for (let round = 0; round < rounds; round++) {
    const isHealthy = await fetch(`${uri}/health`, { signal: AbortSignal.timeout(5000) }).then(
      ({ ok }) => ok,
      () => false,
    )
    // Whoever answers has to be the one that was started.
    await Promise.race([pause(isHealthy ? 100 : PAUSE_MS), running.ended])
    if (isHealthy) return true
  }
  const message = `MLflow has not answered at ${uri} within ${PATIENCE_MS / 60_000} minutes; try again, or start it by hand.`
  throw new TickerflowError('MLFLOW_UNAVAILABLE', message, { details: { uri } })
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs))
}

function announce(uri: string, json: boolean): void {
  const words = [
    colours.bold(`MLflow's UI is at ${uri}`),
    'It shows a copy of the store as it is now; what is changed in it is not kept.',
    colours.dim('Ctrl-C ends it.'),
  ]
  process.stdout.write(json ? `${JSON.stringify({ uri, copy: true })}\n` : `${words.join('\n')}\n`)
}

/** The second signal ends the process at once, as signals do. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}
