import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { provenanceTags } from './provenance.ts'

const COMMIT = '0123456789abcdef0123456789abcdef01234567'
const OTHER = 'f'.repeat(40)
let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tickerflow-provenance-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(directory, name)), { recursive: true })
  await writeFile(join(directory, name), text)
}

/** Tags of a program at `program/` that is called in `work/deep/`. */
async function tags() {
  await mkdir(join(directory, 'work/deep'), { recursive: true })
  return await provenanceTags({
    programDirectory: join(directory, 'program'),
    workingDirectory: join(directory, 'work/deep'),
  })
}

test('a checkout of the program gives its commit and branch, without git', async () => {
  await write('program/.git/HEAD', 'ref: refs/heads/topic/one\n')
  await write('program/.git/refs/heads/topic/one', `${COMMIT}\n`)
  expect(await tags()).toMatchObject({
    'mlflow.source.git.commit': COMMIT,
    'mlflow.source.git.branch': 'topic/one',
    'tickerflow.gitDirty': expect.stringMatching(/^(true|false|unknown)$/),
  })
})

test('packed references and a detached head are read too', async () => {
  await write('program/.git/HEAD', 'ref: refs/heads/main\n')
  await write(
    'program/.git/packed-refs',
    `# pack-refs\n${OTHER} refs/heads/x\n${COMMIT} refs/heads/main\n`,
  )
  expect(await tags()).toMatchObject({ 'mlflow.source.git.commit': COMMIT })
  await write('program/.git/HEAD', `${OTHER}\n`)
  const detached = await tags()
  expect(detached).toMatchObject({ 'mlflow.source.git.commit': OTHER })
  expect(detached).not.toHaveProperty('mlflow.source.git.branch')
})

test('a worktree is followed to the repository that it belongs to', async () => {
  await write('program/.git', 'gitdir: ../main/.git/worktrees/w\n')
  await write('main/.git/worktrees/w/HEAD', 'ref: refs/heads/w\n')
  await write('main/.git/worktrees/w/commondir', '../..\n')
  await write('main/.git/refs/heads/w', `${COMMIT}\n`)
  expect(await tags()).toMatchObject({
    'mlflow.source.git.commit': COMMIT,
    'mlflow.source.git.branch': 'w',
  })
})

test('an installed program gives the commit of the repository around the working directory', async () => {
  await write('program/package.json', '{"version": "9.8.7"}')
  await write('work/.git/HEAD', `${COMMIT}\n`)
  expect(await tags()).toMatchObject({
    'mlflow.source.git.commit': COMMIT,
    'tickerflow.version': '9.8.7',
  })
})

test('without a repository the machine is told, and no commit', async () => {
  const found = await tags()
  expect(Object.keys(found).filter((key) => key.includes('git'))).toEqual([])
  expect(found).toMatchObject({ 'tickerflow.node': process.version })
  expect(Object.values(found)).not.toContain('')
})
