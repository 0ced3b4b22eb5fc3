/** A run done again: the same bits in a copy of the program elsewhere, and what differs is named. */
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  CHECKOUT,
  createWorkplace,
  documentOf,
  type StartOptions,
  successOf,
  type Workplace,
} from '../integration/cli-process.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const CONFIG = {
  panel: ['MSFT'],
  models: ['naive', 'har', 'lstm'],
  lstm: { windowLength: 8, hiddenSizes: [6], epochs: 2, seeds: 2 },
}

const BINARIES: Readonly<Record<string, string>> = {
  'wasm-relaxed-simd': 'lstm-relaxed-simd.wasm',
  'wasm-simd': 'lstm-simd.wasm',
}

let workplace: Workplace
// biome-ignore lint/suspicious/noExplicitAny: documents are read as scripts read them, untyped
let trained: any

const reproduce = (args: readonly string[] = [], options: StartOptions = {}) =>
  workplace.tickerflow(
    ['reproduce', trained.run.id.slice(0, 12), '--config', 'lstm.json', '--json', ...args],
    options,
  )

/** The program in another directory, without its tests. */
async function cloneProgram(name: string): Promise<string> {
  const directory = workplace.path(name)
  await mkdir(directory)
  for (const part of ['src', 'build', 'data', 'package.json']) {
    await cp(join(CHECKOUT, part), join(directory, part), { recursive: true })
  }
  await symlink(join(CHECKOUT, 'node_modules'), join(directory, 'node_modules'), 'junction')
  return directory
}

beforeAll(async () => {
  workplace = await createWorkplace()
  await workplace.write('lstm.json', CONFIG)
  trained = successOf(await workplace.tickerflow(['train', '--config', 'lstm.json', '--json']))
})
afterAll(() => workplace.remove())

describe('a run done again', () => {
  test('comes out the same in this program, whatever the configuration has become', async () => {
    await workplace.write('other.json', { ...CONFIG, seed: 99, lstm: { epochs: 1 } })
    const again = successOf(await reproduce(['--config', 'other.json']))
    expect(again).toMatchObject({ identical: true, firstDifference: null, model: 'lstm' })
    const steps = new Set(again.comparisons.map(({ step }: { step: string }) => step))
    expect([...steps]).toEqual([
      ...['data', 'config', 'seed', 'kernel', 'code', 'node'],
      ...['features', 'training', 'weights', 'model'],
    ])
    expect(again.comparisons).toContainEqual(
      expect.objectContaining({
        step: 'weights',
        subject: 'weights.safetensors',
        recorded: expect.stringMatching(/^[0-9a-f]{64}$/),
      }),
    )
  })

  test('comes out the same in a copy of the program at another path, on a copy of the store', async () => {
    const clone = await cloneProgram('elsewhere')
    await cp(workplace.path('.tickerflow'), join(clone, 'records'), { recursive: true })
    const script = join(clone, 'src/cli/main.ts')
    const code = join(clone, 'src/lstm/adamw.ts')
    await writeFile(
      code,
      `${await readFile(code, 'utf8')}\n// Other code that computes the same.\n`,
    )
    const again = successOf(await reproduce(['--store', join(clone, 'records')], { script }))
    expect(again).toMatchObject({ identical: true, firstDifference: null })
  })

  test('names the first price that was changed', async () => {
    const sample = join(CHECKOUT, 'data/sample/AAPL.csv')
    const lines = (await readFile(sample, 'utf8')).split('\n')
    const [date, open, high, low, close, ...rest] = (lines[900] ?? '').split(',')
    const moved = (Number(close) + Number(low)) / 2
    lines[900] = [date, open, high, low, moved, ...rest].join(',')
    await workplace.write('moved.csv', lines.join('\n'))
    const outcome = await reproduce(['--csv', 'moved.csv'])
    expect(outcome.exitCode).toBe(1)
    const { identical, firstDifference } = documentOf(outcome)
    expect(identical).toBe(false)
    expect(firstDifference).toMatchObject({ step: 'data', subject: 'AAPL' })
    expect(firstDifference.note).toMatch(new RegExp(`^the close of ${date} is ${moved}, it was`))
  })

  test.each([
    ['an option', ['--seeds', '1'], { step: 'config', subject: 'seeds', recorded: '2', now: '1' }],
    ['the seed', ['--seed', '8'], { step: 'seed', subject: 'seed', recorded: '7', now: '8' }],
  ])('names %s that was changed', async (_, flags, difference) => {
    const outcome = await reproduce(['--configured', ...flags])
    expect(outcome.exitCode).toBe(1)
    expect(documentOf(outcome)).toMatchObject({ identical: false, firstDifference: difference })
  })

  test('names other code that computes something else, and another kernel binary', async () => {
    const clone = await cloneProgram('changed')
    const script = join(clone, 'src/cli/main.ts')
    const constants = join(clone, 'src/features/base-columns.ts')
    const features = await readFile(constants, 'utf8')
    await writeFile(constants, features.replace('EWMA_WEIGHT = 0.06', 'EWMA_WEIGHT = 0.07'))
    const changed = documentOf(await reproduce([], { script }))
    expect(changed).toMatchObject({ identical: false, firstDifference: { step: 'code' } })
    const differing = changed.comparisons
      .filter((one: { recorded: string; now: string }) => one.recorded !== one.now)
      .map(({ step }: { step: string }) => step)
    expect([...new Set(differing)]).toEqual(['code', 'features', 'training', 'weights', 'model'])

    // An empty custom section: the same code in other bytes.
    const { recorded } = changed.comparisons.find(({ step }: { step: string }) => step === 'kernel')
    const binary = join(clone, 'build/kernels', BINARIES[recorded] ?? '')
    const bytes = await readFile(binary)
    await writeFile(binary, Buffer.concat([bytes, Buffer.from([0, 2, 1, 0x78])]))
    await writeFile(constants, features)
    expect(documentOf(await reproduce([], { script })).firstDifference).toMatchObject({
      step: 'kernel',
      subject: 'kernel binary',
    })
  })

  test('needs a run that has a model', async () => {
    const outcome = await workplace.tickerflow(['reproduce', 'nothing', '--json'])
    expect(documentOf(outcome).error.code).toBe('NOT_FOUND')
  })
})
