import { expect, test } from 'vitest'
import { nestRuns, type Run } from './nested-runs.ts'

const run = (id: string, parent?: string): Run => ({
  id,
  name: id,
  experimentId: '1',
  status: 'FINISHED',
  startedAt: '2013-01-02T00:00:00.000Z',
  endedAt: null,
  params: {},
  metrics: {},
  tags: parent === undefined ? {} : { 'mlflow.parentRunId': parent },
})

test('folds are parts of their run, in the order given', () => {
  const nested = nestRuns([run('fold 2', 'a'), run('fold 1', 'a'), run('b'), run('a')])
  expect(nested.map(({ run: { id }, parts }) => [id, parts.map((part) => part.id)])).toEqual([
    ['b', []],
    ['a', ['fold 2', 'fold 1']],
  ])
})

test('a part whose run is not at hand stands by itself', () => {
  expect(nestRuns([run('fold', 'gone')]).map(({ run: { id } }) => id)).toEqual(['fold'])
})
