import { readFile } from 'node:fs/promises'

const ABSENT = new Set<unknown>(['ENOENT', 'ENOTDIR'])

/** The file's bytes; `undefined` when there is no such file. */
export async function readIfPresent(path: string): Promise<Buffer | undefined> {
  return await readFile(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && ABSENT.has(error.code)) return undefined
    throw error
  })
}
