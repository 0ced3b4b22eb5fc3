/**
 * Runs the tests of the image and of the team's services where their tools can be had: from Debian's
 * packages, as root. Where they cannot, it says why and goes on; a test that fails is a failure.
 *
 *     npm run ci:delivery
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

interface Suite {
  readonly script: string
  /** As `ci-system-packages` calls its tools. */
  readonly tools: string
  /** What must succeed for the tools to work here, and what it means when it does not. */
  readonly probes: readonly (readonly [reason: string, command: readonly string[]])[]
}

const RELEASE = 'http://deb.debian.org/debian/dists/bookworm/Release'
const SUITES: readonly Suite[] = [
  { script: 'test:team', tools: 'team', probes: [] },
  {
    script: 'test:image',
    tools: 'image',
    probes: [
      ['this user may not mount anything', ['unshare', '--mount', 'true']],
      ["Debian's mirror is out of reach", ['wget', '-q', '--tries=3', '-O', '/dev/null', RELEASE]],
    ],
  },
]

for (const suite of SUITES) {
  const missing = missingFor(suite)
  if (missing !== undefined) process.stdout.write(`NOT RUN: ${suite.script}: ${missing}\n`)
  else if (!succeeds(['npm', 'run', suite.script])) process.exitCode = 1
}

function missingFor({ tools, probes }: Suite): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs Linux, as root'
  const packages = join(import.meta.dirname, 'ci-system-packages.ts')
  if (!succeeds([process.execPath, packages, tools])) return 'its tools cannot be installed'
  return probes.find(([, command]) => !succeeds(command))?.[0]
}

function succeeds([program = '', ...args]: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'inherit' }).status === 0
}
