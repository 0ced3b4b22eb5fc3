/** PyTorch in a process of its own, asked for times one request after the other. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Workload } from './workloads.ts'

const FOLDER = import.meta.dirname
const ENVIRONMENT = join(FOLDER, '../../.venv/bench-lstm')

export interface PytorchRequest {
  readonly do: 'train' | 'infer'
  readonly workload: Workload
  readonly threads: number
  readonly oneDnn: boolean
  readonly milliseconds: number
}

export interface PytorchPeer {
  readonly version: string
  /** Milliseconds of each step. */
  time(request: PytorchRequest): Promise<number[]>
  close(): void
}

/** @param python Left out: an environment under .venv/, made and filled by pip when it is missing. */
export async function startPytorch(python: string | undefined): Promise<PytorchPeer> {
  const program = python ?? ownEnvironment()
  const child = spawn(program, [join(FOLDER, 'pytorch.py')], { stdio: ['pipe', 'pipe', 'ignore'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (request: object): Promise<Record<string, unknown>> => {
    child.stdin.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error(`PyTorch stopped answering; try ${program} ${FOLDER}/pytorch.py`)
    return JSON.parse(value)
  }
  const { version } = await ask({ do: 'version' })
  return {
    version: String(version),
    time: async (request) => (await ask(request)).msPerStep as number[],
    close: () => child.stdin.end(),
  }
}

function ownEnvironment(): string {
  const python =
    process.platform === 'win32'
      ? join(ENVIRONMENT, 'Scripts/python.exe')
      : join(ENVIRONMENT, 'bin/python')
  if (!existsSync(python)) {
    execFileSync('python3', ['-m', 'venv', ENVIRONMENT], { stdio: ['ignore', 2, 2] })
    const install = ['-m', 'pip', 'install', '-r', join(FOLDER, 'requirements.txt')]
    execFileSync(python, install, { stdio: ['ignore', 2, 2] })
  }
  return python
}
