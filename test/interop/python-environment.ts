/** Makes the Python environment that the interop tests run in, once: `.venv/interop`. */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const ENVIRONMENT = resolve(import.meta.dirname, '../../.venv/interop')
/** Holds the requirements that were installed to the end. */
const STAMP = join(ENVIRONMENT, 'installed.txt')
const OLDEST_PYTHON = [3, 11] as const
const ON_WINDOWS = process.platform === 'win32'

/** The environment's interpreter. */
export const PYTHON = ON_WINDOWS
  ? join(ENVIRONMENT, 'Scripts', 'python.exe')
  : join(ENVIRONMENT, 'bin', 'python')

/** Vitest runs it before the first test. @throws {Error} Says what is missing and how to get it. */
export function setup(): void {
  const wanted = readFileSync(REQUIREMENTS, 'utf8')
  if (textOf(STAMP) === wanted) return
  const system = systemPython()
  say(`Making a Python environment in ${ENVIRONMENT} with ${system.join(' ')} …`)
  rmSync(ENVIRONMENT, { recursive: true, force: true })
  run([...system, '-m', 'venv', ENVIRONMENT], 'Python has no venv module (Debian: python3-venv)')
  const packages = wanted.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  say(`Installing ${packages.join(', ')}; once, a minute or two …`)
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input']
  const install = ['-m', 'pip', 'install', ...quiet, '--no-compile']
  run([PYTHON, ...install, '-r', REQUIREMENTS], 'pip could not install the packages')
  writeFileSync(STAMP, wanted)
  say('The Python environment is ready.')
}

/** The first interpreter of the system that is new enough. */
function systemPython(): readonly string[] {
  const candidates = ON_WINDOWS ? [['py', '-3'], ['python']] : [['python3'], ['python']]
  const found = candidates.map((command) => [command, versionOf(command)] as const)
  for (const [command, [major, minor]] of found) {
    if (major === OLDEST_PYTHON[0] && (minor ?? 0) >= OLDEST_PYTHON[1]) return command
  }
  const seen = found.map(([command, version]) => `${command[0]}: ${version.join('.') || 'none'}`)
  throw new Error(
    `The interop tests need Python ${OLDEST_PYTHON.join('.')} or newer on PATH, and found ` +
      `${seen.join(', ')}. Install it from https://www.python.org or the system's packages.`,
  )
}

function versionOf([program, ...flags]: readonly string[]): readonly number[] {
  const ask = 'import sys; print(*sys.version_info[:2])'
  const { stdout, status } = spawnSync(program ?? '', [...flags, '-c', ask], { encoding: 'utf8' })
  return status === 0 ? stdout.trim().split(' ').map(Number) : []
}

function run([program, ...flags]: readonly string[], failure: string): void {
  const { status, stdout, stderr, error } = spawnSync(program ?? '', flags, { encoding: 'utf8' })
  if (status === 0) return
  const last = `${stdout}\n${stderr}`.trim().split('\n').slice(-12).join('\n')
  throw new Error(`${failure}: ${error?.message ?? last}`)
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
