/** What every command gets: configuration, application, progress, a way to answer, a way to stop. */
import { composeApplication } from '../compose.ts'
import {
  type Config,
  type PartialConfig,
  resolveConfig,
  secretIn,
  trackingCredentials,
} from '../config.ts'
import { TickerflowError } from '../errors.ts'
import type { Application } from '../pipeline/application.ts'
import type { Progress } from '../pipeline/progress.ts'
import { reportMoves } from './moved-aliases.ts'
import { spoolWords } from './spool-words.ts'
import { createTerminalProgress } from './terminal-progress.ts'

/** Options that every command takes. */
export interface GlobalOptions {
  readonly store?: string
  readonly config?: string
  readonly now?: string
  readonly json?: boolean
  /** How long a call waits for a shared database that does not answer. */
  readonly statePatienceMs?: number
}

export interface CommandContext {
  readonly config: Config
  readonly app: Application
  readonly progress: Progress
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** Prints the result: the document with `--json`, else the words. */
  answer(document: unknown, words: () => string): void
}

/**
 * Opens what a command needs, runs it, and closes everything again, whatever happens.
 *
 * @param flags The configuration that the command's own flags give.
 */
export async function withContext<T>(
  options: GlobalOptions,
  flags: PartialConfig,
  command: (context: CommandContext) => Promise<T>,
): Promise<T> {
  const store = options.store === undefined ? {} : { store: options.store }
  const config = await resolveConfig({
    flags: { ...flags, ...store },
    environment: process.env,
    directory: process.cwd(),
    ...(options.config === undefined ? {} : { file: options.config }),
  })
  const app = await composeApplication(config, {
    nowMs: parseInstant(options.now, '--now'),
    statePatienceMs: options.statePatienceMs,
    credentials: trackingCredentials(process.env),
    onTrackingEvent: (event) => process.stderr.write(`${spoolWords(event)}\n`),
    secretOf: secretIn(process.env),
    onAlertLine: (line) => process.stderr.write(`${line}\n`),
  })
  const interrupt = listenForInterrupt()
  try {
    await reportMoves(app)
    const progress = createTerminalProgress(app.stopwatch)
    const answer = createAnswer(options.json ?? false)
    return await command({ config, app, progress, answer, signal: interrupt.signal })
  } finally {
    interrupt.stop()
    await app.close()
  }
}

/** A date alone is its midnight UTC; with a time of day the zone must be said. */
const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/

export function parseInstant(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined
  const instant = Date.parse(text)
  if (ISO_INSTANT.test(text) && Number.isFinite(instant)) return instant
  throw new TickerflowError(
    'CONFIG_INVALID',
    `${flag} '${text}' is not an instant. Expected ISO 8601, such as 2013-03-01T21:00:00Z: a time of day needs its zone.`,
  )
}

/** The first Ctrl-C asks the work to stop; a second one ends the process at once. */
export function listenForInterrupt() {
  const controller = new AbortController()
  const stop = () => {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
  const onSignal = () => {
    stop()
    process.stderr.write('\nStopping; press Ctrl-C again to end at once.\n')
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return { signal: controller.signal, stop }
}

/** @param json Print the document; else the words. */
export function createAnswer(json: boolean) {
  return (document: unknown, words: () => string) => {
    const text = json ? JSON.stringify(document, undefined, 2) : words()
    process.stdout.write(`${text}\n`)
  }
}
