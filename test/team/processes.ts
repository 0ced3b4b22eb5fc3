/** Programs that stand for the containers of a team: started, waited for, ended. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync } from 'node:fs'
import { basename, delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface StartedProgram {
  readonly child: ChildProcess
  end(): Promise<void>
}

export interface ProgramOptions {
  readonly cwd: string
  readonly environment?: Readonly<Record<string, string>>
}

/** A program that goes on until it is ended, with everything that it starts. */
export function startProgram(
  [program = '', ...args]: readonly string[],
  { cwd, environment = {} }: ProgramOptions,
): StartedProgram {
  const env = { ...process.env, ...environment }
  const log = openSync(join(cwd, `${basename(program)}-${args.length}.log`), 'a')
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  return {
    child,
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      process.kill(-(child.pid ?? 0), 'SIGTERM')
      await ended
    },
  }
}

/** Asks until the answer is one, for three minutes. @throws {Error} Says what did not come about. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 180_000
  while (performance.now() < deadline) {
    const answer = await ask().catch(() => undefined)
    if (answer !== undefined) return answer
    await sleep(200)
  }
  throw new Error(`Not within three minutes: ${what}`)
}

/** Ends once the address answers with 2xx. */
export async function untilOk(url: string): Promise<void> {
  await eventually(`${url} answers`, async () => ((await fetch(url)).ok ? true : undefined))
}

/** PostgreSQL refuses to run as root: then as the user that Debian's package made for it. */
export function asDatabaseUser(command: readonly string[]): readonly string[] {
  return process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', ...command] : command
}

export function runProgram([program = '', ...args]: readonly string[], environment = {}): string {
  const env = { ...process.env, ...environment }
  return execFileSync(program, args, { encoding: 'utf8', env, maxBuffer: 64 << 20 })
}

/** A program of PostgreSQL: Debian keeps them off the path, by version. */
export function postgresProgram(name: string): string {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root)
    ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a))
    : []
  const file = versions.map((version) => join(root, version, 'bin', name)).find(existsSync)
  return file ?? programInPath(name, 'postgresql')
}

/** @throws {Error} Says which package has it. */
export function programInPath(name: string, debianPackage: string): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  const file = folders.map((folder) => join(folder, name)).find(existsSync)
  if (file !== undefined) return file
  throw new Error(
    `The team's services need ${name}: npm run ci:system-packages -- team (apt-get install ${debianPackage})`,
  )
}
