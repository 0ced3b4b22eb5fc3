/** The README shows what the program prints. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CHECKOUT, createWorkplace } from '../integration/cli-process.ts'

const NUMBER = /-?\d[\d,]*(?:\.\d+)?/g
/** Kernels without fused multiply-add move the last digits. */
const TOLERANCE = 0.02

const wordsOf = (line: string) => line.replace(NUMBER, '#').replace(/\s+/g, ' ').trim()
const numbersOf = (text: string) =>
  [...text.matchAll(NUMBER)].map(([figure]) => Number(figure.replaceAll(',', '')))

/** Lines that tell of this very run: where its report is, how long it took. */
const isOfTheRun = (line: string) => /^(Report:|Took )/.test(line)

test('the output in the README is that of the main job', { timeout: 180_000 }, async () => {
  const readme = await readFile(join(CHECKOUT, 'README.md'), 'utf8')
  const [, shown = ''] = /output of `npm start` -->\s+```text\n(.*?)```/s.exec(readme) ?? []
  const workplace = await createWorkplace()
  const { stdout, exitCode } = await workplace.tickerflow(['run'])
  await workplace.remove()
  expect(exitCode).toBe(0)
  const printed = stdout.split('\n').filter((line) => !isOfTheRun(line))
  expect(shown.trim().split('\n').map(wordsOf)).toEqual(
    printed.join('\n').trim().split('\n').map(wordsOf),
  )
  const [expected, received] = [numbersOf(shown), numbersOf(printed.join('\n'))]
  expected.forEach((figure, i) => {
    const slack = TOLERANCE * Math.max(1, Math.abs(figure))
    expect(Math.abs((received[i] ?? Number.NaN) - figure), `figure ${i + 1}`).toBeLessThan(slack)
  })
})
