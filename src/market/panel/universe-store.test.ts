import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { simulateBars } from '../../../test/simulated-bars.ts'
import { type PanelPrices, panelOf } from './panel-prices.ts'
import { createUniverseStore, type UniverseStore } from './universe-store.ts'

let root: string
let store: UniverseStore

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'universe-store-'))
  store = createUniverseStore({
    directory: join(root, 'universes'),
    temporaryDirectory: join(root, 'tmp'),
    clock: () => 1_700_000_000_000,
    memoryMegabytes: 128,
  })
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

const origin = { name: 'main', source: 'simulated' }
const part = (...symbols: string[]) =>
  panelOf(symbols.map((symbol) => simulateBars({ symbol, sessions: 300, seed: symbol })))

async function* parts(...panels: PanelPrices[]): AsyncGenerator<PanelPrices> {
  yield* panels
}

test('a saved universe is the current one, and its parts are what was written', async () => {
  expect(await store.current('main')).toBeUndefined()
  const saved = await store.save(origin, parts(part('A', 'B'), part('C')))
  expect(await store.current('main')).toEqual(saved)
  expect(saved).toMatchObject({ symbols: 3, rows: 900, first: '2000-03-02' })
  expect(saved.parts.map(({ firstSymbol, lastSymbol }) => [firstSymbol, lastSymbol])).toEqual([
    ['A', 'B'],
    ['C', 'C'],
  ])
  for (const one of saved.parts) await store.verifiedPath(saved, one)
  expect(await store.names()).toEqual(['main'])
})

test('the same prices have the same digest, another price another one', async () => {
  const first = await store.save(origin, parts(part('A')))
  expect((await store.save(origin, parts(part('A')))).digest).toBe(first.digest)
  const changed = part('A')
  changed.close[150] = 1.23
  expect((await store.save(origin, parts(changed))).digest).not.toBe(first.digest)
})

test('symbols out of order are refused, within a part and from part to part', async () => {
  const wrong = { code: 'UNIVERSE_INVALID', message: expect.stringContaining('A comes after B') }
  await expect(store.save(origin, parts(part('B', 'A')))).rejects.toMatchObject(wrong)
  await expect(store.save(origin, parts(part('B'), part('A')))).rejects.toMatchObject(wrong)
})

test('what fails half-way leaves the earlier universe and no files', async () => {
  const earlier = await store.save(origin, parts(part('A')))
  const failing = async function* () {
    yield part('B')
    throw new Error('the source went away')
  }
  await expect(store.save(origin, failing())).rejects.toThrow('the source went away')
  const stop = AbortSignal.abort()
  const stopped = store.save({ ...origin, signal: stop }, parts(part('B')))
  await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' })
  await expect(store.save(origin, parts())).rejects.toMatchObject({ code: 'UNIVERSE_INVALID' })
  expect(await store.current('main')).toEqual(earlier)
  expect(readdirSync(join(root, 'tmp'))).toEqual([])
})

test('a part whose bytes have changed is named, not read', async () => {
  const saved = await store.save(origin, parts(part('A')))
  const [one] = saved.parts
  if (one === undefined) throw new Error('no part')
  const path = await store.verifiedPath(saved, one)
  appendFileSync(path, 'x')
  const damaged = { code: 'SNAPSHOT_DAMAGED', message: expect.stringContaining(path) }
  await expect(store.verifiedPath(saved, one)).rejects.toMatchObject(damaged)
})

test.each(['', 'Main', '../main', 'a'.repeat(41)])('%j is no name of a universe', async (name) => {
  const refused = { code: 'UNIVERSE_INVALID' }
  await expect(store.save({ ...origin, name }, parts(part('A')))).rejects.toMatchObject(refused)
})
