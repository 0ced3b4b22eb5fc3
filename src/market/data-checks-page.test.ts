import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

import { CHECK_CATALOGUE } from './finding.ts'

const page = new URL('../../docs/reference/data-checks.md', import.meta.url)

test('the reference page explains exactly the checks of the catalogue', async () => {
  const rows = (await readFile(page, 'utf8')).matchAll(/^\| `([a-z-]+)` \|/gm)
  const explained = Array.from(rows, ([, name]) => name)
  expect(explained.sort()).toEqual(Object.keys(CHECK_CATALOGUE).sort())
})
