import { expect, test } from 'vitest'
import { dayFromParts, weekdayOf } from '../../market/trading-date.ts'
import { dateTicks } from './date-ticks.ts'
import { stridedRows } from './strided-rows.ts'

function sessions(year: number, month: number, count: number): number[] {
  const days: number[] = []
  for (let day = dayFromParts(year, month, 3) ?? 0; days.length < count; day += 1) {
    if (weekdayOf(day) % 6 !== 0) days.push(day)
  }
  return days
}

test('labels years where there are several', () => {
  const labels = dateTicks(sessions(2005, 1, 2013), 9).map(({ label }) => label)
  expect(labels).toEqual(['2006', '2007', '2008', '2009', '2010', '2011', '2012'])
})

test('labels every second year where there is little room', () => {
  const labels = dateTicks(sessions(2005, 1, 2013), 5).map(({ label }) => label)
  expect(labels).toEqual(['2006', '2008', '2010', '2012'])
})

test('labels months, the first of them and each January with the year', () => {
  const labels = dateTicks(sessions(2012, 10, 100), 8).map(({ label }) => label)
  expect(labels).toEqual(['Nov 2012', 'Dec', 'Jan 2013', 'Feb'])
})

test('labels days when there is no month to show, and copes with one row and with none', () => {
  const labels = dateTicks(sessions(2012, 10, 5), 3).map(({ label }) => label)
  expect(labels).toEqual(['3 Oct', '5 Oct', '9 Oct'])
  expect(dateTicks(sessions(2012, 10, 1), 3)).toHaveLength(1)
  expect(dateTicks([], 3)).toEqual([])
})

test('never gives more ticks than fit', () => {
  for (const count of [2, 30, 60, 120, 600, 3000, 12_000]) {
    for (const most of [3, 5, 9]) {
      expect(dateTicks(sessions(1980, 2, count), most).length).toBeLessThanOrEqual(most)
    }
  }
})

test('thins rows but keeps the first and the last', () => {
  expect(stridedRows(10, 4)).toEqual([0, 3, 6, 9])
  expect(stridedRows(11, 4)).toEqual([0, 3, 6, 9, 10])
  expect(stridedRows(3, 100)).toEqual([0, 1, 2])
  expect(stridedRows(0, 100)).toEqual([])
})
