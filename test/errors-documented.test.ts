import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { ERROR_CATALOGUE } from '../src/errors.ts'

test('the error page and the catalogue name the same codes', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../docs/reference/errors.md'), 'utf8')
  const documented = [...page.matchAll(/^## `([A-Z_]+)`$/gm)].map(([, code]) => code)
  expect(documented.toSorted()).toEqual(Object.keys(ERROR_CATALOGUE).toSorted())
})

test('every code of the catalogue is raised somewhere', () => {
  const source = resolve(import.meta.dirname, '../src')
  const text = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name !== 'errors.ts' && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(source, name), 'utf8'))
    .join('\n')
  const unused = Object.keys(ERROR_CATALOGUE).filter((code) => !text.includes(`'${code}'`))
  expect(unused).toEqual([])
})
