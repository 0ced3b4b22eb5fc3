/** `tickerflow tracking`: what has been recorded, for MLflow clients. */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import pc from 'picocolors'
import { TickerflowError } from '../errors.ts'
import { openStoreDirectory } from '../store-directory.ts'
import { createReadThread } from '../tracking/server/read-thread.ts'
import { createTrackingServer } from '../tracking/server/tracking-server.ts'
import { openSqliteTrackingStore } from '../tracking/store/sqlite.ts'
import type { GlobalOptions } from './context.ts'

/** How long a write waits for a lock of another process: as MLflow's own server on SQLite. */
const BUSY_TIMEOUT_MS = 5000

export interface ServeOptions extends GlobalOptions {
  readonly host: string
  readonly port: number
  readonly keyFile?: string
  readonly allowedHost?: readonly string[]
}

/** Serves the store until the process is told to end; requests under way are answered first. */
export async function serveTracking(options: ServeOptions): Promise<void> {
  const apiKey = await keyOf(options.keyFile)
  const directory = await openStoreDirectory(await storeOf(options))
  const store = openSqliteTrackingStore({
    directory: directory.root,
    clock: () => Date.now(),
    newId: () => randomUUID().replaceAll('-', ''),
    busyTimeoutMs: BUSY_TIMEOUT_MS,
  })
  const readThread = createReadThread(directory.root)
  try {
    const server = createTrackingServer({
      store,
      readThread,
      artifacts: { artifactsDirectory: directory.artifacts, tmpDirectory: directory.tmp },
      access: {
        host: options.host,
        allowedHosts: options.allowedHost ?? [],
        ...(apiKey === undefined ? {} : { apiKey }),
      },
      onFault: (error) => process.stderr.write(`${faultText(error)}\n`),
    })
    const end = endOfProcess()
    announce(
      await listening(() => server.listen({ host: options.host, port: options.port })),
      options,
    )
    await end
    await server.close()
  } finally {
    await readThread.close()
    await store.close()
  }
}

/** The flag wins over everything, so nothing else need be read, or even loaded, when it is given. */
async function storeOf({ store, config }: GlobalOptions): Promise<string> {
  if (store !== undefined) return store
  const { resolveConfig } = await import('../config.ts')
  const resolved = await resolveConfig({
    flags: {},
    environment: process.env,
    directory: process.cwd(),
    ...(config === undefined ? {} : { file: config }),
  })
  return resolved.store
}

/** From a file, so that it shows in no list of processes. */
async function keyOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined
  const key = await readFile(file, 'utf8').catch((cause) => {
    throw new TickerflowError('CONFIG_INVALID', `The key file ${file} cannot be read.`, { cause })
  })
  if (key.trim() !== '') return key.trim()
  throw new TickerflowError('CONFIG_INVALID', `The key file ${file} is empty; put the key in it.`)
}

async function listening(listen: () => Promise<string>): Promise<string> {
  try {
    return await listen()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `The server cannot listen there (${reason}); choose another --host or --port.`
    throw new TickerflowError('CONFIG_INVALID', message, { cause })
  }
}

function announce(uri: string, { json, keyFile }: ServeOptions): void {
  if (json === true) {
    process.stdout.write(`${JSON.stringify({ uri })}\n`)
    return
  }
  const key = keyFile === undefined ? [] : [`export MLFLOW_TRACKING_TOKEN=$(cat ${keyFile})`]
  const lines = [pc.bold(`export MLFLOW_TRACKING_URI=${uri}`), ...key, pc.dim('Ctrl-C ends it.')]
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** The second signal ends the process at once, as signals do. */
function endOfProcess(): Promise<void> {
  return new Promise((resolve) => {
    const onSignal = () => {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
      resolve()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}

function faultText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
