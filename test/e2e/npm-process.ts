/** npm as a user runs it, on this process's Node whichever Node the machine's npm prefers. */
import { existsSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { type CliOutcome, startNode } from '../integration/cli-process.ts'

export interface NpmOptions {
  readonly directory: string
  readonly environment?: Readonly<Record<string, string>>
}

/** @throws {Error} When npm fails; with what it said. */
export async function npm(
  args: readonly string[],
  { directory, environment }: NpmOptions,
): Promise<CliOutcome> {
  const outcome = await startNode([npmCommandLine(), ...args], {
    directory,
    environment: { ...nodeFirstOnPath(), ...environment },
  })
  if (outcome.exitCode === 0) return outcome
  throw new Error(`npm ${args.join(' ')} failed:\n${outcome.stdout}\n${outcome.stderr}`)
}

/** The script of the npm that runs the tests, else of the first one on the path. */
function npmCommandLine(): string {
  const { npm_execpath: running = '' } = process.env
  if (running.endsWith('npm-cli.js')) return running
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => [join(folder, 'npm'), join(folder, 'node_modules/npm/bin/npm-cli.js')])
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path))
    .find((path) => path.endsWith('npm-cli.js'))
  if (found === undefined) throw new Error('There is no npm on the path')
  return found
}

function nodeFirstOnPath(): Record<string, string> {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH'
  return { [name]: [dirname(process.execPath), process.env[name] ?? ''].join(delimiter) }
}
