/** Everything that the program writes lies in the store, and a store that cannot be used says so. */
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  createWorkplace,
  documentOf,
  filesBelow,
  successOf,
  type Workplace,
} from './cli-process.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let workplace: Workplace

beforeAll(async () => {
  workplace = await createWorkplace()
})
afterAll(() => workplace.remove())

const SMALL_RUN = ['run', '--config', 'small.json', '--json']

/** Runs in a directory whose neighbours can be seen, with a temporary directory to look into. */
async function startInSandbox(...args: readonly string[]) {
  const sandbox = await createWorkplace()
  await mkdir(sandbox.path('tmp'))
  const environment = {
    TMPDIR: sandbox.path('tmp'),
    TEMP: sandbox.path('tmp'),
    HOME: sandbox.path('home'),
  }
  const outcome = await sandbox.tickerflow(args, { environment })
  const names = (await readdir(sandbox.directory)).toSorted()
  const temporary = await readdir(sandbox.path('tmp'))
  const files = [...(await filesBelow(sandbox.directory)).keys()].map((name) =>
    name.replaceAll('\\', '/'),
  )
  await sandbox.remove()
  return { outcome, names, temporary, files }
}

describe('where things are written', () => {
  test('by default into .tickerflow of the working directory, and nowhere else', async () => {
    const { outcome, names, temporary, files } = await startInSandbox(...SMALL_RUN)
    successOf(outcome)
    expect(names).toEqual(['.tickerflow', 'small.json', 'tmp'])
    expect(temporary).toEqual([])
    const kinds = new Set(files.map((name) => name.split('/')[1]))
    const layout = ['store.json', 'mlflow.db', 'tickerflow.db', 'artifacts', 'bars']
    expect([...kinds]).toEqual(expect.arrayContaining(layout))
  })

  test('with --store into that directory, made with its parents', async () => {
    const store = join('deep', 'er', 'store')
    const { outcome, names } = await startInSandbox('ingest', '--store', store, '--json')
    successOf(outcome)
    expect(names).toEqual(['deep', 'small.json', 'tmp'])
  })

  test('the environment and the configuration file can name it too', async () => {
    await workplace.write('tickerflow.config.json', { store: 'of-the-file' })
    successOf(await workplace.tickerflow(['ingest', '--json']))
    const environment = { TICKERFLOW_STORE: 'of-the-environment' }
    successOf(await workplace.tickerflow(['ingest', '--json'], { environment }))
    await workplace.write('tickerflow.config.json', {})
    const names = await readdir(workplace.directory)
    expect(names).toEqual(expect.arrayContaining(['of-the-file', 'of-the-environment']))
    expect(names).not.toContain('.tickerflow')
  })

  test('a finished command leaves no unfinished file behind', async () => {
    successOf(await workplace.tickerflow(['ingest', '--store', 'tidy', '--json']))
    expect(await readdir(workplace.path('tidy', 'tmp'))).toEqual([])
  })
})

describe('a store that cannot be used', () => {
  const check = (store: string) => ['check', '--store', store, '--json']

  test('a file in its place: the path, and what to do', async () => {
    await workplace.write('occupied', 'something else')
    const outcome = await workplace.tickerflow(check('occupied'))
    expect(outcome.exitCode).toBe(1)
    expect(documentOf(outcome).error).toMatchObject({
      code: 'STORE_UNWRITABLE',
      message: expect.stringMatching(/occupied.*choose another store with --store DIR/),
    })
    expect(await readFile(workplace.path('occupied'), 'utf8')).toBe('something else')
  })

  test('a file on the way to it', async () => {
    await workplace.write('occupied', 'something else')
    const outcome = await workplace.tickerflow(check(join('occupied', 'store')))
    expect(outcome.exitCode).toBe(1)
    expect(documentOf(outcome).error.code).toBe('STORE_UNWRITABLE')
  })

  test.skipIf(process.platform === 'win32').each(['a new', 'an old'])(
    'a directory that is read-only, for %s store',
    async (kind) => {
      const store = kind === 'a new' ? 'locked-new' : 'locked-old'
      await mkdir(workplace.path(store))
      if (kind === 'an old') successOf(await workplace.tickerflow(check(store)))
      await chmod(workplace.path(store), 0o555)
      const script = fileURLToPath(import.meta.resolve('./cli-unprivileged-main.ts'))
      const outcome = await workplace.tickerflow(check(store), { script })
      expect(outcome.exitCode).toBe(1)
      expect(documentOf(outcome).error).toMatchObject({
        code: 'STORE_UNWRITABLE',
        message: expect.stringMatching(/locked.*(EACCES|permission).*writable.*--store DIR/),
      })
      await chmod(workplace.path(store), 0o755)
    },
  )

  test('a store of a newer program is refused with advice and not touched', async () => {
    await mkdir(workplace.path('newer'))
    await workplace.write(join('newer', 'store.json'), { program: 'tickerflow', formatVersion: 99 })
    const before = await filesBelow(workplace.path('newer'))
    const outcome = await workplace.tickerflow(check('newer'))
    expect(outcome.exitCode).toBe(1)
    expect(documentOf(outcome).error).toMatchObject({
      code: 'STORE_FORMAT',
      message: expect.stringMatching(/format 99.*update the program/),
    })
    expect(await filesBelow(workplace.path('newer'))).toEqual(before)
  })

  test('a damaged snapshot is noticed, and not forecast from', async () => {
    const { digest } = successOf(
      await workplace.tickerflow(['ingest', '--store', 'damaged', '--json']),
    )
    const file = workplace.path('damaged', 'bars', 'aapl', digest)
    const bytes = await readFile(file)
    bytes[1000] = (bytes[1000] ?? 0) ^ 1
    await writeFile(file, bytes)
    const outcome = await workplace.tickerflow(check('damaged'))
    expect(outcome.exitCode).toBe(1)
    expect(documentOf(outcome).error).toMatchObject({
      code: 'SNAPSHOT_DAMAGED',
      message: expect.stringMatching(/AAPL.*Restore the file from a backup/),
    })
  })

  test.each(['mlflow.db', 'tickerflow.db'])('a damaged %s is named', async (name) => {
    const store = `broken-${name}`
    successOf(await workplace.tickerflow(['ingest', '--store', store, '--json']))
    for (const file of await readdir(workplace.path(store))) {
      if (file.startsWith(name))
        await writeFile(workplace.path(store, file), 'not a database, at all')
    }
    const outcome = await workplace.tickerflow(['models', '--store', store, '--json'])
    expect(outcome.exitCode).toBe(1)
    expect(documentOf(outcome).error).toMatchObject({
      code: 'STORE_DAMAGED',
      message: expect.stringContaining(name),
    })
  })
})

describe('several processes at one store', () => {
  test('two runs at once both succeed and both are recorded', async () => {
    const args = [...SMALL_RUN, '--store', 'shared']
    const outcomes = await Promise.all([workplace.tickerflow(args), workplace.tickerflow(args)])
    const documents = outcomes.map(successOf)
    expect(documents.map(({ version }) => version.version).toSorted()).toEqual(['1', '2'])
    const [one, other] = documents
    expect(one.scores).toEqual(other.scores)
    const runs = successOf(await workplace.tickerflow(['runs', '--store', 'shared', '--json']))
    expect(runs.map(({ id }: { id: string }) => id).toSorted()).toEqual(
      documents.map(({ run }) => run.id).toSorted(),
    )
    expect(runs.map(({ status }: { status: string }) => status)).toEqual(['FINISHED', 'FINISHED'])
  })

  test('many readers beside a writer', async () => {
    const store = ['--store', 'busy', '--json']
    const outcomes = await Promise.all([
      workplace.tickerflow(['ingest', ...store]),
      workplace.tickerflow(['ingest', '--symbol', 'MSFT', ...store]),
      workplace.tickerflow(['runs', ...store]),
      workplace.tickerflow(['models', ...store]),
    ])
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0])
  })
})
