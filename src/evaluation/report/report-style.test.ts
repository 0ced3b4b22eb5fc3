import { expect, test } from 'vitest'
import { pow } from '../../numerics/elementary.ts'
import { REPORT_STYLE } from './report-style.ts'

/** The colour variables of one scheme. */
function schemeOf(name: 'light' | 'dark'): ReadonlyMap<string, string> {
  const block = REPORT_STYLE.split(`color-scheme: ${name};`)[1]?.split('}')[0] ?? ''
  return new Map(
    [...block.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6})/g)].map((m) => [m[1] ?? '', m[2] ?? '']),
  )
}

/** Relative luminance as WCAG 2 defines it. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

const TEXT = ['ink', 'muted', 'accent', 'good', 'warning']
const SERIES = [1, 2, 3, 4, 5, 6].map((number) => `series-${number}`)

for (const name of ['light', 'dark'] as const) {
  test(`every text colour of the ${name} scheme has AA contrast on the page and on panels`, () => {
    const scheme = schemeOf(name)
    for (const ink of [...TEXT, ...SERIES]) {
      for (const ground of ['paper', 'panel']) {
        const ratio = contrast(scheme.get(ink) ?? '', scheme.get(ground) ?? '')
        expect(ratio, `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5)
      }
    }
  })
}
