/** One digest for the program as it runs, committed or not. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `src` in a checkout, `dist` in the published package. */
const HERE = fileURLToPath(new URL('..', import.meta.url))

/** Of another language of the program, or not part of what computes. */
const ASIDE = /(\.test\.ts|\.d\.ts)$|^dashboard[\\/]/

/**
 * `source:` or `built:` and the SHA-256 of every module: what is built from a source has another
 * digest than the source, so that only digests of one kind can be compared.
 */
export async function programDigest(directory = HERE): Promise<string> {
  const isSource = extname(fileURLToPath(import.meta.url)) === '.ts'
  const extension = isSource ? '.ts' : '.js'
  const names = (await readdir(directory, { recursive: true }))
    .filter((name) => name.endsWith(extension) && !ASIDE.test(name))
    .map((name) => name.replaceAll('\\', '/'))
    .sort()
  const hash = createHash('sha256')
  for (const name of names) {
    // A checkout on Windows may have other line ends.
    const text = (await readFile(join(directory, name), 'utf8')).replaceAll('\r\n', '\n')
    hash.update(`${name} ${text.length}\n`).update(text)
  }
  return `${isSource ? 'source' : 'built'}:${hash.digest('hex')}`
}
