import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { ERROR_CATALOGUE } from '../src/errors.ts'

test('the error page and the catalogue name the same codes', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../docs/reference/errors.md'), 'utf8')
  const documented = [...page.matchAll(/^## `([A-Z_]+)`$/gm)].map(([, code]) => code)
  expect(documented.toSorted()).toEqual(Object.keys(ERROR_CATALOGUE).toSorted())
})
