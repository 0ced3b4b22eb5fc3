/** The command line as a user meets it: its own process, started in a directory of its own. */
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'

/** The program in this checkout. */
export const CHECKOUT = resolve(import.meta.dirname, '../..')
const MAIN = join(CHECKOUT, 'src/cli/main.ts')
/** Halves the time that hundreds of processes take to start. */
const COMPILE_CACHE = join(CHECKOUT, 'node_modules/.cache/tickerflow-tests')

/** A configuration whose LSTM learns in a moment, from its own symbol alone. */
export const SMALL_CONFIG = {
  panel: [],
  models: ['naive', 'ewma', 'har', 'lstm'],
  evaluation: { from: '2011-01-01', to: '2012-12-31' },
  lstm: { windowLength: 8, hiddenSizes: [6], epochs: 3, seeds: 1 },
}

export interface CliOutcome {
  /** `null` when a signal ended the process. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface StartOptions {
  /** Sees the process while it runs; `stderr` is what it has said so far. */
  readonly onStderr?: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void
  /** Another program than the command line of the checkout. */
  readonly script?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Nobody reads standard output: its other end is closed at once. */
  readonly unread?: boolean
}

/** An empty directory that is removed in the end, and the command line started in it. */
export interface Workplace {
  readonly directory: string
  path(...names: readonly string[]): string
  /** Writes a file into the directory and returns its path. */
  write(name: string, content: string | Uint8Array | object): Promise<string>
  tickerflow(args: readonly string[], options?: StartOptions): Promise<CliOutcome>
  remove(): Promise<void>
}

/** @returns A workplace that already has `small.json`, the `SMALL_CONFIG`. */
export async function createWorkplace(): Promise<Workplace> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'tickerflow-cli-')))
  await chmod(directory, 0o755)
  const path = (...names: readonly string[]) => join(directory, ...names)
  const workplace: Workplace = {
    directory,
    path,
    async write(name, content) {
      const isText = typeof content === 'string' || content instanceof Uint8Array
      await writeFile(path(name), isText ? content : JSON.stringify(content))
      return path(name)
    },
    tickerflow: (args, options = {}) =>
      startNode([options.script ?? MAIN, ...args], { directory, ...options }),
    remove: () => rm(directory, { recursive: true, force: true, maxRetries: 3 }),
  }
  await workplace.write('small.json', SMALL_CONFIG)
  return workplace
}

/** Runs Node with the arguments until it ends. */
export function startNode(
  args: readonly string[],
  options: StartOptions & { readonly directory: string },
): Promise<CliOutcome> {
  const { directory, onStderr, environment, unread = false } = options
  const { promise, resolve: end, reject } = Promise.withResolvers<CliOutcome>()
  const child = spawn(process.execPath, [...args], {
    cwd: directory,
    env: { ...ownEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  if (unread) child.stdout.destroy()
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
    onStderr?.(stderr, (signal) => child.kill(signal))
  })
  child.on('error', reject)
  child.on('close', (exitCode) => end({ exitCode, stdout, stderr }))
  return promise
}

/** This process's environment without what would change the program's or a nested npm's mind. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(npm_|TICKERFLOW_|MLFLOW_|FORCE_COLOR$|NO_COLOR$|NODE_OPTIONS$)/
  const inherited = Object.entries(process.env).filter(([name]) => !foreign.test(name))
  return { ...Object.fromEntries(inherited), NODE_COMPILE_CACHE: COMPILE_CACHE }
}

/** Standard output as the one JSON document that `--json` promises. */
// biome-ignore lint/suspicious/noExplicitAny: tests read documents as scripts do, untyped
export function documentOf({ stdout, stderr }: CliOutcome): any {
  try {
    return JSON.parse(stdout)
  } catch (cause) {
    throw new Error(`Not one JSON document: ${stdout.slice(0, 500)}\n--- stderr\n${stderr}`, {
      cause,
    })
  }
}

/** The document of a command that must have succeeded. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export function successOf(outcome: CliOutcome): any {
  if (outcome.exitCode === 0) return documentOf(outcome)
  throw new Error(`Exit code ${outcome.exitCode}:\n${outcome.stdout}\n${outcome.stderr}`)
}

/** Every file below a directory with its bytes, to see whether anything moved. */
export async function filesBelow(directory: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const contents = files
    .toSorted()
    .map(async (file) => [relative(directory, file), await readFile(file, 'base64')] as const)
  return new Map(await Promise.all(contents))
}
