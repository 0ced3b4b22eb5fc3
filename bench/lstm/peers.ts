/** Other engines in processes of their own, asked for times one request after the other. */
import { execFileSync, type StdioOptions, spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Workload } from './workloads.ts'

const FOLDER = import.meta.dirname
/** Never committed; deleting it makes the next run install the peers anew. */
const ENVIRONMENTS = join(FOLDER, '../../.venv')
const TFJS_PACKAGES = ['core', 'layers', 'backend-cpu', 'backend-wasm'].map(
  (name) => `@tensorflow/tfjs-${name}@4.22.0`,
)
/** What installers print goes where progress goes. */
const TO_STDERR: { readonly stdio: StdioOptions } = { stdio: ['ignore', 2, 2] }

/** What a peer is asked; TensorFlow.js has but one way of running and looks at `do` and `workload`. */
export interface PeerRequest {
  readonly do: 'train' | 'infer'
  readonly workload: Workload
  readonly threads: number
  readonly oneDnn: boolean
  /** How long to go on, after a warm-up; at least three steps are timed (one by TensorFlow.js). */
  readonly milliseconds: number
}

export interface Peer {
  readonly version: string
  /** Milliseconds of each step. */
  time(request: PeerRequest): Promise<number[]>
  close(): void
}

/** Holds PyTorch's libraries (oneDNN, MKL and its own kernels) to vectors of 256 bits. */
const VECTORS_OF_256_BITS = {
  ONEDNN_MAX_CPU_ISA: 'AVX2',
  MKL_ENABLE_INSTRUCTIONS: 'AVX2',
  ATEN_CPU_CAPABILITY: 'avx2',
}

export interface PytorchOptions {
  /** Left out: an environment under .venv/, made and filled by pip when it is missing. */
  readonly python: string | undefined
  /** Vectors no wider than V8 can make them, whatever the processor has. */
  readonly vectorsOf256Bits: boolean
}

export function startPytorch({ python, vectorsOf256Bits }: PytorchOptions): Promise<Peer> {
  const limits = vectorsOf256Bits ? VECTORS_OF_256_BITS : {}
  return startPeer(python ?? pythonWithTorch(), [join(FOLDER, 'pytorch.py')], limits)
}

/** TensorFlow.js on its WebAssembly backend, installed by npm under .venv/ when it is missing. */
export function startTfjs(): Promise<Peer> {
  return startPeer(process.execPath, [join(FOLDER, 'tfjs.mjs'), installedTfjs()])
}

async function startPeer(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Peer> {
  const env = { ...process.env, ...environment }
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env })
  const started = new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  await started
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (request: object): Promise<Record<string, unknown>> => {
    child.stdin.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error(`The peer stopped answering; try it alone: ${program} ${args[0]}`)
    return JSON.parse(value)
  }
  const { version } = await ask({ do: 'version' })
  return {
    version: String(version),
    time: async (request) => (await ask(request)).msPerStep as number[],
    close: () => child.stdin.end(),
  }
}

/** The Python of an environment that has what requirements.txt names. */
function pythonWithTorch(): string {
  const folder = join(ENVIRONMENTS, 'bench')
  const windows = process.platform === 'win32'
  const python = join(folder, windows ? 'Scripts/python.exe' : 'bin/python')
  if (!existsSync(python)) {
    console.error(`Making a Python environment in ${folder}`)
    execFileSync(windows ? 'python' : 'python3', ['-m', 'venv', folder], TO_STDERR)
  }
  const requirements = join(FOLDER, 'requirements.txt')
  if (!importsTorch(python)) {
    console.error('Installing PyTorch into it: some minutes, once')
    execFileSync(python, ['-m', 'pip', 'install', '-r', requirements], TO_STDERR)
  }
  return python
}

function importsTorch(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import numpy, torch'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The folder that TensorFlow.js is installed in. */
function installedTfjs(): string {
  const folder = join(ENVIRONMENTS, 'bench-tfjs')
  if (!existsSync(join(folder, 'installed'))) {
    console.error(`Installing TensorFlow.js in ${folder}: once`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
    const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', ...TFJS_PACKAGES]
    execFileSync('npm', args, { ...TO_STDERR, cwd: folder, shell: process.platform === 'win32' })
    writeFileSync(join(folder, 'installed'), `${TFJS_PACKAGES.join('\n')}\n`)
  }
  return folder
}
