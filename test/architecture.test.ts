/** The house keeps its shape: imports run one way, and the domain stays free of hidden globals. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const SOURCE = resolve(import.meta.dirname, '../src')

/** What each folder may import, besides itself. Files at the root of `src` are listed by name. */
const PERMITTED: Readonly<Record<string, readonly string[]>> = {
  numerics: [],
  market: ['numerics'],
  features: ['market', 'numerics'],
  lstm: ['numerics'],
  forecast: ['features', 'lstm', 'market', 'numerics'],
  evaluation: ['forecast', 'features', 'market', 'numerics'],
  sqlite: [],
  state: ['sqlite'],
  // Knows nothing of stocks: work under keys, and who does it.
  queue: ['sqlite'],
  tracking: ['sqlite'],
  registry: ['evaluation', 'tracking', 'state', 'sqlite', 'forecast', 'market', 'numerics'],
  monitoring: [
    'registry',
    'evaluation',
    'tracking',
    'state',
    'sqlite',
    'forecast',
    'features',
    'market',
    'numerics',
  ],
  pipeline: [
    'queue',
    'monitoring',
    'registry',
    'evaluation',
    'tracking',
    'state',
    'sqlite',
    'forecast',
    'features',
    'lstm',
    'market',
    'numerics',
  ],
  serving: [
    'pipeline',
    'queue',
    'monitoring',
    'registry',
    'evaluation',
    'tracking',
    'state',
    'sqlite',
    'forecast',
    'features',
    'market',
    'numerics',
  ],
  // Only the generated client of the API: a test below.
  dashboard: ['serving'],
  cli: [
    'serving',
    'pipeline',
    'queue',
    'monitoring',
    'registry',
    'evaluation',
    'tracking',
    'forecast',
    'features',
    'market',
  ],
}

/** Files beside the folders, and who may import them. */
const ROOT_FILES = {
  everyone: [
    'errors',
    'config',
    'config-schema',
    'logger',
    'atomic-file',
    'canonical-json',
    'schema-mismatch',
    'store-directory',
  ],
  top: ['compose'],
  /** Parts of what wires everything. */
  composed: ['open-state'],
}

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts') && !name.endsWith('.d.ts'))
  .map((name) => ({
    name: name.replaceAll('\\', '/'),
    text: readFileSync(join(SOURCE, name), 'utf8'),
  }))

const folderOf = (name: string) => (name.includes('/') ? (name.split('/')[0] as string) : '')

function importsOf(name: string, text: string): string[] {
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)
  return [...found].map(([, target]) =>
    relative(SOURCE, resolve(SOURCE, name, '..', target as string)).replaceAll('\\', '/'),
  )
}

function isPermitted(name: string, target: string): boolean {
  const from = folderOf(name)
  const to = folderOf(target)
  if (from === to && from !== '') return true
  if (to === '') {
    const file = target.replace(/\.ts$/, '')
    if (from === 'numerics') return false
    if (name === 'compose.ts' && ROOT_FILES.composed.includes(file)) return true
    return ROOT_FILES.everyone.includes(file) || (from === 'cli' && ROOT_FILES.top.includes(file))
  }
  if (from === '') return ['compose.ts', 'open-state.ts', 'main.ts'].includes(name)
  return PERMITTED[from]?.includes(to) ?? false
}

test('every folder of src is in the table of permitted imports', () => {
  const folders = new Set(files.map(({ name }) => folderOf(name)).filter((folder) => folder !== ''))
  expect(Object.keys(PERMITTED)).toEqual(expect.arrayContaining([...folders]))
})

test('imports run one way, from the command line down to numerics', () => {
  const offences = files.flatMap(({ name, text }) =>
    importsOf(name, text)
      .filter((target) => !isPermitted(name, target))
      .map((target) => `${name} imports ${target}`),
  )
  expect(offences).toEqual([])
})

test('the dashboard knows the server by its generated client alone', () => {
  const offences = files
    .filter(({ name }) => name.startsWith('dashboard/'))
    .flatMap(({ name, text }) => importsOf(name, text).map((target) => `${name} imports ${target}`))
    .filter((offence) => !/imports (dashboard|serving\/client)\//.test(offence))
  expect(offences).toEqual([])
})

test('the domain takes clock, randomness, network and environment as arguments', () => {
  const banned =
    /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\b|\bprocess\.env\b|(?<!typeof )globalThis\.fetch\b/
  const offences = files
    .filter(({ name }) => !name.startsWith('cli/') && name !== 'compose.ts')
    .filter(({ text }) => banned.test(text))
    .map(({ name }) => name)
  expect(offences).toEqual([])
})

test('no file has grown past 400 lines', () => {
  const long = files.filter(({ text }) => text.split('\n').length > 400).map(({ name }) => name)
  expect(long).toEqual([])
})
