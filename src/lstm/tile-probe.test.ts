import { expect, test } from 'vitest'
import { selectEngine } from './engines.ts'
import { wideTilesPay } from './tile-probe.ts'

test('the trial of the tiles is held once: the same question has the same answer', () => {
  const first = wideTilesPay('relaxed-simd')
  const start = performance.now()
  for (let i = 0; i < 100; i++) expect(wideTilesPay('relaxed-simd')).toBe(first)
  expect(performance.now() - start).toBeLessThan(100)
})

test('an engine without wide vectors needs no trial and names the same binary', () => {
  const narrow = selectEngine('auto', { wideVectors: false })
  const free = selectEngine('auto')
  expect(narrow.name).toBe(free.name)
  expect(narrow.binaryDigest).toBe(free.binaryDigest)
})
