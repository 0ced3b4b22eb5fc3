/** Outputs of steps on disk, under the digest of their inputs: equal inputs need no second computation. */
import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { writeFileAtomic } from '../../atomic-file.ts'
import type { StoreDirectory } from '../../store-directory.ts'

export interface KeptOutput {
  readonly value: unknown
  /** SHA-256 (hex) of its bytes. */
  readonly digest: string
}

const EXTENSION = '.step'
const DIGEST_BYTES = 32
/** The oldest outputs go first. */
const MOST_BYTES = 64 * 1024 * 1024

type Directories = Pick<StoreDirectory, 'checkpoints' | 'tmp'>

/** `undefined` where there is none, or a damaged one: the step is then done again. */
export async function readOutput(
  { checkpoints }: Directories,
  inputs: string,
): Promise<KeptOutput | undefined> {
  const bytes = await readFile(join(checkpoints, inputs + EXTENSION)).catch(() => undefined)
  if (bytes === undefined || bytes.length <= DIGEST_BYTES) return undefined
  const content = bytes.subarray(DIGEST_BYTES)
  const digest = sha256(content)
  if (!digest.equals(bytes.subarray(0, DIGEST_BYTES))) return undefined
  return { value: deserialize(content), digest: digest.toString('hex') }
}

/** @returns The digest of what was kept. */
export async function keepOutput(
  { checkpoints, tmp }: Directories,
  inputs: string,
  value: unknown,
): Promise<string> {
  const content = serialize(value)
  const digest = sha256(content)
  const path = join(checkpoints, inputs + EXTENSION)
  await writeFileAtomic(path, Buffer.concat([digest, content]), { temporaryDirectory: tmp })
  await prune(checkpoints)
  return digest.toString('hex')
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

async function prune(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(EXTENSION))
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name)
      const { mtimeMs, size } = await stat(path).catch(() => ({ mtimeMs: 0, size: 0 }))
      return { path, mtimeMs, size }
    }),
  )
  let kept = 0
  for (const { path, size } of files.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
    kept += size
    if (kept > MOST_BYTES) await rm(path, { force: true })
  }
}
