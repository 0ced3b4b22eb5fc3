/** `tickerflow tracking serve` as a process of its own, which can be killed or kept short of disk. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts')

export interface TrackingProcess {
  readonly uri: string
  post(path: string, body: object): Promise<{ readonly status: number; readonly body: Reply }>
  get(path: string): Promise<Reply>
  /** Ends it without any chance to tidy up. */
  kill(): Promise<void>
}

// biome-ignore lint/suspicious/noExplicitAny: replies are whatever the test says they are.
type Reply = any

export interface TrackingProcessOptions {
  readonly store: string
  /** No file may grow beyond so many bytes: the disk is full for it. Not on Windows. */
  readonly fileLimitBytes?: number
}

export async function startTrackingProcess({
  store,
  fileLimitBytes,
}: TrackingProcessOptions): Promise<TrackingProcess> {
  const command = [process.execPath, MAIN, 'tracking', 'serve', '--port', '0', '--json']
  const [program = '', ...flags] =
    fileLimitBytes === undefined
      ? [...command, '--store', store]
      : [
          'sh',
          '-c',
          `ulimit -f ${fileLimitBytes / 512} && exec "$@"`,
          'sh',
          ...command,
          '--store',
          store,
        ]
  const child = spawn(program, flags, { stdio: ['ignore', 'pipe', 'ignore'] })
  const [line] = await once(child.stdout, 'data')
  const { uri } = JSON.parse(String(line))
  return {
    uri,
    async post(path, body) {
      const response = await fetch(`${uri}/api/2.0/mlflow${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return { status: response.status, body: await response.json() }
    },
    get: async (path) => (await fetch(`${uri}/api/2.0/mlflow${path}`)).json(),
    kill: () => killed(child),
  }
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
