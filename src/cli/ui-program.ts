/** Finds the program that brings MLflow's UI, starts it and ends it with everything it has started. */
import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { TickerflowError } from '../errors.ts'

const ON_WINDOWS = process.platform === 'win32'
/** Lines of its output that are shown when it fails. */
const LAST_LINES = 15
/** It answers requests under way first, and then is ended all the same. */
const STOP_PATIENCE_MS = 15_000

export interface UiProgram {
  readonly command: string
  /** Before the arguments of MLflow itself. */
  readonly prefix: readonly string[]
}

/** `mlflow` where it is installed, else through `uvx`, which fetches it the first time. */
export async function findUiProgram(given: string | undefined): Promise<UiProgram> {
  if (given !== undefined) return { command: given, prefix: [] }
  const mlflow = await onPath('mlflow')
  if (mlflow !== undefined) return { command: mlflow, prefix: [] }
  const uvx = await onPath('uvx')
  if (uvx !== undefined) return { command: uvx, prefix: ['mlflow'] }
  throw new TickerflowError(
    'MLFLOW_UNAVAILABLE',
    "MLflow's UI comes with MLflow's Python package, and neither `mlflow` nor `uvx` is on PATH. Get one " +
      'of them: `pip install mlflow`, `pipx install mlflow`, or uv (https://docs.astral.sh/uv/), whose ' +
      '`uvx` fetches mlflow by itself; or name the program with --mlflow FILE. What is recorded is ' +
      'there without it: `tickerflow runs`, `tickerflow models`.',
  )
}

async function onPath(name: string): Promise<string | undefined> {
  const extensions = ON_WINDOWS ? ['.exe'] : ['']
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue
    for (const extension of extensions) {
      const file = join(folder, name + extension)
      if (await isExecutable(file)) return file
    }
  }
  return undefined
}

async function isExecutable(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}

export interface RunningUi {
  /** Rejects when the program ends by itself, with the last it said. */
  readonly ended: Promise<never>
  stop(): Promise<void>
}

export function startUi(
  { command, prefix }: UiProgram,
  args: readonly string[],
  directory: string,
): RunningUi {
  const child = spawn(command, [...prefix, ...args], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that the processes that it starts can be ended with it.
    detached: !ON_WINDOWS,
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', GIT_PYTHON_REFRESH: 'quiet' },
  })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said.push(...text.split('\n').filter((line) => line.trim() !== ''))
      said.splice(0, said.length - LAST_LINES)
    })
  }
  const { promise: exit, resolve } = Promise.withResolvers<string>()
  child.on('error', (error) => resolve(error.message))
  child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
  const ended = exit.then((how) => {
    throw endedByItself(command, how, said)
  })
  ended.catch(() => {})
  return {
    ended,
    async stop() {
      endGroup(child, 'SIGTERM')
      const impatience = setTimeout(() => endGroup(child, 'SIGKILL'), STOP_PATIENCE_MS)
      await exit
      clearTimeout(impatience)
    },
  }
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null) return
  try {
    if (ON_WINDOWS) spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' })
    else process.kill(-child.pid, signal)
  } catch {
    // It has ended in the meantime.
  }
}

function endedByItself(command: string, how: string, said: readonly string[]): TickerflowError {
  const last = said.length === 0 ? '' : ` The last it said:\n${said.join('\n')}`
  return new TickerflowError(
    'MLFLOW_UNAVAILABLE',
    `${command} ended (${how}) before it served anything. Choose another --port if that one is ` +
      `taken, or another MLflow with --mlflow FILE.${last}`,
    { details: { command, how } },
  )
}
