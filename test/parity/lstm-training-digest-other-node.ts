/**
 * Compares training digests of this Node with those of other versions, which npx fetches. Says what
 * came out, and fails when any differ.
 *
 *   node test/parity/lstm-training-digest-other-node.ts 26
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ENGINE_NAMES } from '../../src/lstm/engines.ts'

const PROGRAM = fileURLToPath(new URL('lstm-training-digest.ts', import.meta.url))
const SETTINGS = [
  ['narrow', '1'],
  ['wide', '2'],
]

function run(command: string, args: string[]): string {
  const shell = process.platform === 'win32' && command === 'npx'
  const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore']
  return execFileSync(command, args, { encoding: 'utf8', shell, stdio }).trim()
}

function compare(version: string): number {
  const other = ['-y', `node@${version}`]
  process.stdout.write(`Node ${process.version} and ${run('npx', [...other, '--version'])}\n`)
  let differences = 0
  for (const engine of ENGINE_NAMES.slice(1)) {
    for (const setting of SETTINGS) {
      const program = [PROGRAM, engine, ...setting]
      const here = run(process.execPath, program)
      const there = run('npx', [...other, ...program])
      const verdict = here === there ? 'same' : `differs: ${there}`
      process.stdout.write(`${engine} ${setting.join(' ')}: ${here} ${verdict}\n`)
      if (here !== there) differences++
    }
  }
  return differences
}

const versions = process.argv.slice(2)
if (versions.length === 0) throw new RangeError('Name the versions of Node to compare with: 26')
process.exitCode = versions.reduce((sum, version) => sum + compare(version), 0) > 0 ? 1 : 0
