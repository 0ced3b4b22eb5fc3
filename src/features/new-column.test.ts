import { expect, test } from 'vitest'
import { newColumn } from './new-column.ts'

test('columns are zero and never overlap, however many there are', () => {
  const columns = Array.from({ length: 500 }, (_, i) => newColumn(1 + (i % 600)))
  for (const [i, column] of columns.entries()) {
    expect(column.every((value) => value === 0)).toBe(true)
    column.fill(i + 1)
  }
  for (const [i, column] of columns.entries()) {
    expect(column).toHaveLength(1 + (i % 600))
    expect(column.every((value) => value === i + 1)).toBe(true)
  }
})

test('a long column has room of its own', () => {
  expect(newColumn(513).buffer.byteLength).toBe(513 * 8)
  expect(newColumn(0)).toHaveLength(0)
})
