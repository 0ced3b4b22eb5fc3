/**
 * Installs what some tests need from Debian's or Ubuntu's packages, where it is missing; as another user
 * than root it says what to install.
 *
 *     npm run ci:system-packages -- image team browser
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Programs of each kind of test, and the packages that have them. */
const PROGRAMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  image: { buildah: 'buildah', debootstrap: 'debootstrap', wget: 'wget' },
  team: {
    prometheus: 'prometheus',
    promtool: 'prometheus',
    'redis-server': 'redis-server',
    initdb: 'postgresql',
  },
  services: { 'redis-server': 'redis-server', initdb: 'postgresql', nginx: 'nginx-light' },
  browser: { chromium: 'chromium' },
}

const kinds = process.argv.slice(2)
const unknown = kinds.filter((kind) => PROGRAMS[kind] === undefined)
if (kinds.length === 0 || unknown.length > 0) {
  throw new Error(`Expected some of ${Object.keys(PROGRAMS).join(', ')}; got '${kinds.join(' ')}'`)
}
const missing = [
  ...new Set(
    kinds
      .flatMap((kind) => Object.entries(PROGRAMS[kind] ?? {}))
      .filter(([program]) => !isInstalled(program))
      .map(([, name]) => name),
  ),
]
if (missing.length > 0) install(missing)

function install(names: readonly string[]): void {
  const root = process.getuid?.() === 0
  const sudo = root || !isInPath('sudo') ? [] : ['sudo', '--non-interactive']
  if ((!root && sudo.length === 0) || !isInPath('apt-get')) {
    throw new Error(`Missing: ${names.join(', ')}. As root: apt-get install ${names.join(' ')}`)
  }
  const apt = (...args: string[]) => {
    const [program = '', ...rest] = [...sudo, 'apt-get', ...args]
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    execFileSync(program, rest, { stdio: 'inherit', env })
  }
  // A list that cannot be had may be of a source that nothing is asked of.
  try {
    apt('update')
  } catch {
    process.stderr.write('apt-get update failed; going on with the lists that there are.\n')
  }
  apt('install', '--yes', '--no-install-recommends', ...names)
}

function isInstalled(program: string): boolean {
  // Debian keeps the server's programs of PostgreSQL off the path, by version.
  return program === 'initdb' ? existsSync('/usr/lib/postgresql') : isInPath(program)
}

function isInPath(program: string): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return [...folders, '/usr/sbin'].some((folder) => existsSync(join(folder, program)))
}
