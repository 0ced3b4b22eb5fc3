/** The documents: their links lead somewhere, all are reachable, their commands exist. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { cliReference } from '../scripts/cli-reference.ts'
import { createProgram } from '../src/cli/program.ts'

const ROOT = resolve(import.meta.dirname, '..')
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
].map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }))
const textOf = new Map(pages.map(({ name, text }) => [name, text]))

/** Links outside of code: the target's file from the root, and its anchor. */
function linksOf({ name, text }: { readonly name: string; readonly text: string }) {
  const prose = text.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? name : relative(ROOT, resolve(ROOT, dirname(name), path))
      return { target, file, anchor }
    })
}

/** As GitHub makes anchors of headings. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm)
  const slugs = [...headings].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return new Set(slugs)
}

test('every link leads to a file, and every anchor to a heading', () => {
  const broken = pages.flatMap((page) =>
    linksOf(page).flatMap(({ target, file, anchor }) => {
      const exists = statSync(join(ROOT, file), { throwIfNoEntry: false }) !== undefined
      const text = textOf.get(file)
      const isFound = anchor === undefined || text === undefined || anchorsOf(text).has(anchor)
      return exists && isFound ? [] : [`${page.name}: ${target}`]
    }),
  )
  expect(broken).toEqual([])
})

test('every page is reachable from the README', () => {
  const reached = new Set(['README.md'])
  for (const name of reached) {
    const page = pages.find((one) => one.name === name)
    if (page !== undefined) for (const { file } of linksOf(page)) reached.add(file)
  }
  const lost = pages.filter(({ name }) => !reached.has(name) && name !== 'CHANGELOG.md')
  expect(lost.map(({ name }) => name)).toEqual([])
})

test('every command of a shell block exists, with its flags', () => {
  const root = createProgram(() => {})
  const unknown = pages.flatMap(({ name, text }) =>
    commandLines(text).flatMap((line) => {
      const problem = problemOf(root, line)
      return problem === undefined ? [] : [`${name}: ${line}: ${problem}`]
    }),
  )
  expect(unknown).toEqual([])
  expect(pages.flatMap(({ text }) => commandLines(text)).length).toBeGreaterThan(30)
  expect(problemOf(root, 'models promote --nonsense 3')).toBe("no flag '--nonsense'")
  expect(problemOf(root, 'modles list')).toBe("no command 'modles'")
})

test('every block of JSON or YAML can be read', () => {
  const unreadable = pages.flatMap(({ name, text }) =>
    [...text.matchAll(/^```(json|yaml)\n(.*?)^```/gms)].flatMap(([, kind, block = '']) => {
      try {
        if (kind === 'json') JSON.parse(block)
        else
          for (const { errors } of parseAllDocuments(block)) for (const error of errors) throw error
        return []
      } catch (error) {
        return [`${name}: ${error}`]
      }
    }),
  )
  expect(unreadable).toEqual([])
})

test('the page of commands is what the commands say: npm run docs:generate', () => {
  expect(textOf.get(join('docs', 'reference', 'cli.md'))).toBe(cliReference())
})

/** What follows `tickerflow` on each line of the shell blocks. */
function commandLines(text: string): string[] {
  const blocks = [...text.matchAll(/^\s*```(?:sh|bash|shell|console)\n(.*?)^\s*```/gms)]
  return blocks.flatMap(([, block = '']) =>
    block
      .replaceAll('\\\n', ' ')
      .split(/\n|&&|\|\||;|\s\|\s/)
      .flatMap(
        (line) => /^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:npx )?tickerflow (.+)$/.exec(line)?.[1] ?? [],
      )
      .map((line) => line.replace(/\s#.*$/, '').trim()),
  )
}

function problemOf(root: Command, line: string): string | undefined {
  const words = line
    .replace(/[[\]]/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '')
  let command = root
  let at = 0
  for (; at < words.length; at++) {
    const next = command.commands.find((one) => one.name() === words[at])
    if (next === undefined) break
    command = next
  }
  if (command === root && !(words[0] ?? '').startsWith('-')) return `no command '${words[0]}'`
  const known = flagsOf(command)
  const wrong = words
    .filter((word) => word.startsWith('--'))
    .map((word) => word.split('=')[0] ?? word)
    .find((flag) => !known.has(flag))
  return wrong === undefined ? undefined : `no flag '${wrong}'`
}

/** A command with subcommands takes the flags of its default one. */
function flagsOf(command: Command): Set<string> {
  const flags = ['--help', '--version', ...command.options.map(({ long }) => long ?? '')]
  return new Set([...flags, ...command.commands.flatMap((one) => [...flagsOf(one)])])
}
