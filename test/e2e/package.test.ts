/**
 * The package as it is published: packed from a copy of the checkout, installed into an empty
 * project, run there. The dependencies are the checkout's own, so that no network is needed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  CHECKOUT,
  createWorkplace,
  documentOf,
  startNode,
  successOf,
  type Workplace,
} from '../integration/cli-process.ts'
import { npm } from './npm-process.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 })

/** What building the package reads. */
const SOURCES = ['bin', 'data', 'kernels', 'scripts', 'src', 'package.json', 'LICENSE', 'README.md']
const COMPILER_SETTINGS = ['tsconfig.json', 'tsconfig.build.json']

let workplace: Workplace
let installed = ''

beforeAll(async () => {
  workplace = await createWorkplace()
  const tarball = await packCopyOfCheckout()
  await installInEmptyProject(tarball)
  installed = workplace.path('project', 'node_modules', 'tickerflow')
})
afterAll(() => workplace.remove())

async function packCopyOfCheckout(): Promise<string> {
  const copy = workplace.path('copy')
  for (const name of [...SOURCES, ...COMPILER_SETTINGS]) {
    await cp(join(CHECKOUT, name), join(copy, name), { recursive: true })
  }
  await symlink(join(CHECKOUT, 'node_modules'), join(copy, 'node_modules'), 'junction')
  await npm(['pack', '--pack-destination', workplace.directory], { directory: copy })
  const tarball = (await readdir(workplace.directory)).find((name) => name.endsWith('.tgz'))
  return `file:${workplace.path(tarball ?? 'no tarball')}`
}

async function installInEmptyProject(tarball: string): Promise<void> {
  const directory = workplace.path('project')
  const dependencies = { tickerflow: tarball }
  const packages = await copyDependencies(directory)
  const project = { name: 'empty', version: '1.0.0', private: true, dependencies }
  const lock = { ...project, lockfileVersion: 3, requires: true }
  await writeFile(join(directory, 'package.json'), JSON.stringify(project))
  await writeFile(
    join(directory, 'package-lock.json'),
    JSON.stringify({ ...lock, packages: { '': { dependencies }, ...packages } }),
  )
  await npm(['install', '--offline', '--no-audit', '--no-fund'], { directory })
}

interface LockedPackage {
  readonly dev?: boolean
  readonly bin?: Readonly<Record<string, string>>
}

/** The package's own dependencies as npm would lay them out. @returns Their part of the lock file. */
async function copyDependencies(project: string): Promise<Record<string, LockedPackage>> {
  const lock = JSON.parse(await readFile(join(CHECKOUT, 'package-lock.json'), 'utf8'))
  const locked = Object.entries<LockedPackage>(lock.packages).filter(
    ([path, { dev }]) => path !== '' && dev !== true && existsSync(join(CHECKOUT, path)),
  )
  const links = join(project, 'node_modules', '.bin')
  await mkdir(links, { recursive: true })
  for (const [path, { bin = {} }] of locked) {
    const isNested = path.lastIndexOf('node_modules/') > 0
    if (!isNested) await cp(join(CHECKOUT, path), join(project, path), { recursive: true })
    for (const [name, file] of Object.entries(bin)) {
      await symlink(relative(links, join(project, path, file)), join(links, name))
    }
  }
  return Object.fromEntries(locked)
}

/** Runs the installed program by its bin file, in a directory of its own. */
const tickerflow = (...args: readonly string[]) =>
  workplace.tickerflow(args, { script: join(installed, 'bin', 'tickerflow.js') })

test('has the built program, the sample and the kernels, but neither sources nor tests', async () => {
  const entries = await readdir(installed, { recursive: true })
  const files = entries.map((name) => name.replaceAll('\\', '/'))
  expect(files).toEqual(
    expect.arrayContaining([
      'bin/tickerflow.js',
      'dist/cli/main.js',
      'dist/cli/main.d.ts',
      'dist/pipeline/task-worker.js',
      'data/sample/AAPL.csv',
      'data/sample/LICENSE',
      'build/kernels/lstm-simd.wasm',
      'build/kernels/lstm-relaxed-simd.wasm',
      'build/kernels/trailing.wasm',
      'dist/pipeline/universe/universe-worker.js',
      'LICENSE',
      'README.md',
    ]),
  )
  expect(files.filter((name) => /(^src|^test|\.test\.|\.tickerflow|\.tgz$)/.test(name))).toEqual([])
})

test('is linked as a command of the project', async () => {
  const links = await readdir(workplace.path('project', 'node_modules', '.bin'))
  expect(links.map((name) => basename(name, '.cmd'))).toContain('tickerflow')
})

test('runs the whole lifecycle on the bundled sample, to the bits of the checkout', async () => {
  const args = ['run', '--config', 'small.json', '--json']
  const packed = successOf(await tickerflow(...args, '--store', 'packed'))
  expect(packed).toMatchObject({ symbol: 'AAPL', data: { rows: 3270 }, historical: true })
  expect(packed.report.startsWith(workplace.path('packed'))).toBe(true)
  const source = successOf(await workplace.tickerflow([...args, '--store', 'source']))
  for (const part of ['data', 'scores', 'tests', 'gate', 'forecast']) {
    expect(packed[part]).toEqual(source[part])
  }
})

test('serves the dashboard, with every file that its page asks for', async () => {
  const entry = join(installed, 'bin', 'tickerflow.js')
  const flags = ['serve', '--store', 'packed', '--port', '0', '--json', '--log-level', 'error']
  const server = spawn(process.execPath, [entry, ...flags], {
    cwd: workplace.directory,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  try {
    const [line] = await once(server.stdout, 'data')
    const { uri } = JSON.parse(String(line)) as { readonly uri: string }
    const page = await fetch(`${uri}/`)
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
    const html = await page.text()
    const files = [...html.matchAll(/(?:src|href)="(\.?\/[^"]+)"/g)].map(([, path]) => path ?? '')
    expect(files.length).toBeGreaterThanOrEqual(2)
    for (const file of files) {
      expect([file, (await fetch(new URL(file, `${uri}/`))).status]).toEqual([file, 200])
    }
  } finally {
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
})

test('reads a configuration file in TypeScript', async () => {
  await workplace.write('custom.config.ts', "export default { symbol: 'MSFT' as string }\n")
  const { symbol } = successOf(await tickerflow('check', '--config', 'custom.config.ts', '--json'))
  expect(symbol).toBe('MSFT')
})

test('tells a wrong flag and a wrong file like the checkout does', async () => {
  expect((await tickerflow('run', '--nonsense')).exitCode).toBe(2)
  const outcome = await tickerflow('check', '--csv', 'nowhere.csv', '--json')
  expect(outcome.exitCode).toBe(3)
  expect(documentOf(outcome).error.code).toBe('CSV_UNREADABLE')
})

test('gives others the tracking client: the example runs against the packed server', async () => {
  const server = spawn(
    process.execPath,
    [join(installed, 'bin', 'tickerflow.js'), ...['tracking', 'serve', '--port', '0', '--json']],
    { cwd: workplace.directory, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  try {
    const [line] = await once(server.stdout.setEncoding('utf8'), 'data')
    const { uri } = JSON.parse(line)
    const directory = workplace.path('project')
    await cp(join(CHECKOUT, 'examples', 'tracking-client.ts'), join(directory, 'example.ts'))
    const environment = { MLFLOW_TRACKING_URI: uri }
    const outcome = await startNode(['example.ts'], { directory, environment })
    expect(successOf(outcome)).toEqual([
      { name: 'first', status: 'FINISHED', params: { epochs: '100', rate: '0.1' } },
    ])
  } finally {
    server.kill()
    await once(server, 'exit')
  }
})

test('writes nothing into its own folder', async () => {
  expect(existsSync(join(installed, '.tickerflow'))).toBe(false)
  const outcome = await startNode([join(installed, 'bin', 'tickerflow.js'), '--version'], {
    directory: dirname(installed),
  })
  expect(outcome.exitCode).toBe(0)
})
