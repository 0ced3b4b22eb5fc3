import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStoreDirectory } from './store-directory.ts'

let parent: string

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'store-directory-'))
})
afterEach(() => rm(parent, { recursive: true, force: true }))

describe('openStoreDirectory', () => {
  it('creates the directory and a manifest with the format version', async () => {
    const store = await openStoreDirectory(join(parent, 'deep', 'store'))
    const manifest = JSON.parse(await readFile(join(store.root, 'store.json'), 'utf8'))
    expect(manifest).toEqual({ program: 'tickerflow', formatVersion: 1 })
  })

  it('opens an existing store without changing anything', async () => {
    const first = await openStoreDirectory(parent)
    const before = await readdir(first.root)
    expect(await openStoreDirectory(parent)).toEqual(first)
    expect(await readdir(first.root)).toEqual(before)
  })

  it('lets several programs create the same store at once', async () => {
    const root = join(parent, 'shared')
    const stores = await Promise.all(Array.from({ length: 8 }, () => openStoreDirectory(root)))
    expect(new Set(stores.map((store) => store.root))).toEqual(new Set([root]))
    expect(await readdir(join(root, 'tmp'))).toEqual([])
  })

  it('refuses a store of a newer format with advice', async () => {
    await writeFile(join(parent, 'store.json'), '{"formatVersion": 2}')
    await expect(openStoreDirectory(parent)).rejects.toMatchObject({
      code: 'STORE_FORMAT',
      message: expect.stringMatching(/format 2.*reads format 1.*update the program/),
    })
  })

  it.each(['', 'not json', 'null', '{}', '{"formatVersion": "1"}'])(
    'refuses a manifest that reads %j',
    async (text) => {
      await writeFile(join(parent, 'store.json'), text)
      await expect(openStoreDirectory(parent)).rejects.toMatchObject({ code: 'STORE_FORMAT' })
    },
  )

  it('says that a path through a file cannot be a store', async () => {
    await writeFile(join(parent, 'occupied'), '')
    await expect(openStoreDirectory(join(parent, 'occupied', 'store'))).rejects.toMatchObject({
      code: 'STORE_UNWRITABLE',
      message: expect.stringContaining('occupied'),
    })
  })
})
