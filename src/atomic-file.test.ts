import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { writeFileAtomic } from './atomic-file.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tickerflow-atomic-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

describe('writeFileAtomic', () => {
  test('creates the directories, writes the bytes and leaves no temporary file', async () => {
    const path = join(root, 'a', 'b', 'file')
    await writeFileAtomic(path, new Uint8Array([1, 2, 3]), {
      temporaryDirectory: join(root, 'tmp'),
    })
    expect([...(await readFile(path))]).toEqual([1, 2, 3])
    expect(await readdir(join(root, 'tmp'))).toEqual([])
  })

  test('replaces an existing file whole', async () => {
    const path = join(root, 'file')
    await writeFile(path, 'a much longer earlier text')
    await writeFileAtomic(path, 'new', { temporaryDirectory: join(root, 'tmp') })
    expect(await readFile(path, 'utf8')).toBe('new')
  })

  test('a failed write keeps the earlier file, cleans up and says what to do', async () => {
    const path = join(root, 'taken')
    await mkdir(join(path, 'inside'), { recursive: true })
    const write = writeFileAtomic(path, 'x', { temporaryDirectory: join(root, 'tmp') })
    await expect(write).rejects.toMatchObject({ code: 'STORE_UNWRITABLE', details: { path } })
    await expect(write).rejects.toThrow(/--store DIR/)
    expect(await readdir(path)).toEqual(['inside'])
    expect(await readdir(join(root, 'tmp'))).toEqual([])
  })

  test('of many concurrent writers one wins whole', async () => {
    const path = join(root, 'file')
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000))
    await Promise.all(
      texts.map((text) => writeFileAtomic(path, text, { temporaryDirectory: join(root, 'tmp') })),
    )
    expect(texts).toContain(await readFile(path, 'utf8'))
    expect(await readdir(join(root, 'tmp'))).toEqual([])
  })
})
