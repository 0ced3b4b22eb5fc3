/** A configuration of one's own: it is valid, it works, and it never takes the place of another. */
import { readdir, readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createWorkplace, type Workplace } from './cli-process.ts'

let place: Workplace
beforeEach(async () => {
  place = await createWorkplace()
})
afterEach(async () => await place.remove())

const file = () => place.path('tickerflow.config.ts')

test.each(['yahoo', 'csv'])('what init writes for %s is valid and is read', async (source) => {
  const args = ['init', '--symbol', 'msft,BRK-B,^GSPC', '--source', source, '--json']
  const { exitCode, stdout } = await place.tickerflow(args)
  expect(exitCode).toBe(0)
  const { symbols, next } = JSON.parse(stdout)
  expect(symbols).toEqual(['MSFT', 'BRK-B', '^GSPC'])
  expect(next[0]).toBe('tickerflow doctor')
  const doctor = await place.tickerflow(['doctor', '--json', '--port', '0'])
  const { findings } = JSON.parse(doctor.stdout)
  expect(findings).toContainEqual({
    check: 'configuration',
    verdict: 'ok',
    found: 'symbol MSFT, candidate lstm',
  })
  const listed = await place.tickerflow(['schedule', 'list', '--json'])
  const { schedules } = JSON.parse(listed.stdout)
  const kinds = new Set(schedules.map(({ kind }: { readonly kind: string }) => kind))
  expect(kinds.has('ingest')).toBe(source === 'yahoo')
  expect(kinds.has('monitor')).toBe(true)
})

test('a file that is there already stays as it is', async () => {
  await place.write('tickerflow.config.ts', "export default { symbol: 'IBM' }\n")
  const before = await readdir(place.directory)
  const { exitCode, stderr } = await place.tickerflow(['init'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('is there already and stays as it is')
  expect(await readFile(file(), 'utf8')).toBe("export default { symbol: 'IBM' }\n")
  expect(await readdir(place.directory)).toEqual(before)
})

test('a symbol that is none writes nothing', async () => {
  const before = await readdir(place.directory)
  const { exitCode } = await place.tickerflow(['init', '--symbol', "AAPL',evil: '"])
  expect(exitCode).toBe(2)
  expect(await readdir(place.directory)).toEqual(before)
})
