/** What the data checks found, for people. */

import type { Bars } from '../market/bars.ts'
import type { Finding } from '../market/finding.ts'
import { dataDocument } from '../pipeline/run-document.ts'
import { colours } from './colours.ts'

export function findingWords(bars: Bars, findings: readonly Finding[]): string {
  const { rows, first, last, digest } = dataDocument(bars, findings)
  const head = `${colours.bold(bars.symbol)}: ${rows} sessions, ${first} to ${last}, digest ${digest.slice(0, 12)}`
  if (findings.length === 0) return `${head}\n  all checks passed`
  const lines = findings.map(({ severity, check, message, remedy }) => {
    const colour = severity === 'blocking' ? colours.red : colours.yellow
    return `  ${colour(severity)} ${check}: ${message}\n    ${colours.dim(remedy)}`
  })
  return [head, ...lines].join('\n')
}
