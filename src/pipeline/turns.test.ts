import { expect, test } from 'vitest'
import { createTurns } from './turns.ts'

function steps() {
  const log: string[] = []
  const gates = new Map<string, () => void>()
  const work = (name: string) => async () => {
    log.push(`${name} begins`)
    await new Promise<void>((resolve) => gates.set(name, resolve))
    log.push(`${name} ends`)
    return name
  }
  const end = async (name: string) => {
    await new Promise(setImmediate)
    gates.get(name)?.()
    await new Promise(setImmediate)
  }
  return { log, work, end }
}

test('so many go on at once, the others follow in line', async () => {
  const { log, work, end } = steps()
  const turns = createTurns(2)
  const all = ['a', 'b', 'c', 'd'].map((name) => turns.run(work(name)))
  await end('b')
  expect(log).toEqual(['a begins', 'b begins', 'b ends', 'c begins'])
  await end('a')
  await end('c')
  await end('d')
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
})

test('a failure gives its turn to the next', async () => {
  const turns = createTurns(1)
  const failing = turns.run(() => Promise.reject(new Error('no')))
  const next = turns.run(async () => 'yes')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('yes')
})

test('who is aborted leaves the line at once, and the others keep their order', async () => {
  const { log, work, end } = steps()
  const turns = createTurns(1)
  const controller = new AbortController()
  const first = turns.run(work('first'))
  const leaving = turns.run(work('leaving'), controller.signal)
  const last = turns.run(work('last'))
  controller.abort(new Error('enough'))
  await expect(leaving).rejects.toThrow('enough')
  await expect(turns.run(work('late'), controller.signal)).rejects.toThrow('enough')
  await end('first')
  await end('last')
  await Promise.all([first, last])
  expect(log).toEqual(['first begins', 'first ends', 'last begins', 'last ends'])
})
