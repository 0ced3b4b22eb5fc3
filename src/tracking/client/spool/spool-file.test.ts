import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SpoolFile } from './spool-file.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spool-file-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Descriptors of this process that lead to the file. */
function openings(path: string): number {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
  return links.filter((link) => link === path).length
}

test.skipIf(process.platform !== 'linux')(
  'readers and writers that come at once share one opening, and closing ends it',
  async () => {
    const path = join(directory, 'run')
    const spool = new SpoolFile('run', path)
    await Promise.all([spool.next(), spool.load(), spool.next(), spool.next()])
    expect(openings(path)).toBe(1)
    await spool.close()
    expect(openings(path)).toBe(0)
  },
)

test('a file that cannot be opened is an error each time, and none once it can be', async () => {
  const spool = new SpoolFile('run', join(directory, 'later', 'run'))
  await expect(spool.next()).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' })
  await expect(spool.next()).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' })
  mkdirSync(join(directory, 'later'))
  expect(await spool.next()).toEqual({ records: [], end: 0 })
  await spool.close()
})
