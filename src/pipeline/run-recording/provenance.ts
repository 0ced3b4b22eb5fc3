/** Where a run came from: program, commit, machine; as tags, MLflow's own names where it has them. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { arch, cpus, hostname, platform, release } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { StringMap } from '../../tracking/tracking-store.ts'

export interface ProvenanceSource {
  /** The program's own folder: a checkout of it is what is asked for its commit first. */
  readonly programDirectory: string
  /** Otherwise the repository around this one. */
  readonly workingDirectory: string
}

/** `git status` on a cold, large checkout may take long; a run does not wait for it. */
const GIT_TIMEOUT_MS = 2000

/** Never fails: what cannot be found out is left out. */
export async function provenanceTags(source: ProvenanceSource): Promise<StringMap> {
  const { programDirectory } = source
  const [git, version] = await Promise.all([gitTags(source), programVersion(programDirectory)])
  const [{ model = 'unknown' } = {}] = cpus()
  return {
    'mlflow.source.type': 'LOCAL',
    'mlflow.source.name': 'tickerflow',
    ...version,
    ...git,
    'tickerflow.node': process.version,
    'tickerflow.host': hostname(),
    'tickerflow.platform': `${platform()} ${release()} ${arch()}`,
    'tickerflow.processor': `${cpus().length} × ${model.trim()}`,
  }
}

async function programVersion(directory: string): Promise<StringMap> {
  const text = await readIfThere(join(directory, 'package.json'))
  const version: unknown = text === undefined ? undefined : JSON.parse(text).version
  return typeof version === 'string' ? { 'tickerflow.version': version } : {}
}

async function gitTags({
  programDirectory,
  workingDirectory,
}: ProvenanceSource): Promise<StringMap> {
  const repository =
    (await repositoryAt(programDirectory)) ?? (await repositoryAround(workingDirectory))
  if (repository === undefined) return {}
  const [head, isDirty] = await Promise.all([
    headOf(repository.gitDirectory),
    hasChanges(repository.root),
  ])
  if (head === undefined) return {}
  return {
    'mlflow.source.git.commit': head.commit,
    ...(head.branch === undefined ? {} : { 'mlflow.source.git.branch': head.branch }),
    'tickerflow.gitDirty': isDirty === undefined ? 'unknown' : String(isDirty),
  }
}

interface Repository {
  readonly root: string
  readonly gitDirectory: string
}

async function repositoryAround(directory: string): Promise<Repository | undefined> {
  const found = await repositoryAt(directory)
  const parent = dirname(resolve(directory))
  if (found !== undefined || parent === resolve(directory)) return found
  return await repositoryAround(parent)
}

/** `.git` is a folder, or in a worktree a file that names it. */
async function repositoryAt(root: string): Promise<Repository | undefined> {
  const place = join(root, '.git')
  if ((await readIfThere(join(place, 'HEAD'))) !== undefined) return { root, gitDirectory: place }
  const pointer = /^gitdir: (.+)$/m.exec((await readIfThere(place)) ?? '')?.[1]
  return pointer === undefined ? undefined : { root, gitDirectory: resolve(root, pointer.trim()) }
}

interface Head {
  readonly commit: string
  readonly branch: string | undefined
}

/** Read from git's files, so that it is known where git itself is not installed. */
async function headOf(gitDirectory: string): Promise<Head | undefined> {
  const head = (await readIfThere(join(gitDirectory, 'HEAD')))?.trim() ?? ''
  const reference = /^ref: (.+)$/.exec(head)?.[1]
  if (reference === undefined)
    return isCommit(head) ? { commit: head, branch: undefined } : undefined
  const shared = (await readIfThere(join(gitDirectory, 'commondir')))?.trim() ?? '.'
  const commit = await commitOf(resolve(gitDirectory, shared), reference)
  return commit === undefined
    ? undefined
    : { commit, branch: reference.replace(/^refs\/heads\//, '') }
}

async function commitOf(gitDirectory: string, reference: string): Promise<string | undefined> {
  const loose = (await readIfThere(join(gitDirectory, ...reference.split('/'))))?.trim()
  if (loose !== undefined && isCommit(loose)) return loose
  const packed = (await readIfThere(join(gitDirectory, 'packed-refs'))) ?? ''
  const line = packed.split('\n').find((one) => one.endsWith(` ${reference}`))
  return line?.split(' ')[0]
}

function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text)
}

/** Whether files under version control differ from the commit; only git itself can tell. */
async function hasChanges(root: string): Promise<boolean | undefined> {
  const args = ['-C', root, 'status', '--porcelain', '--untracked-files=no']
  try {
    const { stdout } = await promisify(execFile)('git', args, { timeout: GIT_TIMEOUT_MS })
    return stdout.trim() !== ''
  } catch {
    return undefined
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined
  }
}
