/** What the data checks found, for people. */
import pc from 'picocolors'
import type { Bars } from '../market/bars.ts'
import type { Finding } from '../market/finding.ts'
import { dataDocument } from '../pipeline/run-document.ts'

export function findingWords(bars: Bars, findings: readonly Finding[]): string {
  const { rows, first, last, digest } = dataDocument(bars, findings)
  const head = `${pc.bold(bars.symbol)}: ${rows} sessions, ${first} to ${last}, digest ${digest.slice(0, 12)}`
  if (findings.length === 0) return `${head}\n  all checks passed`
  const lines = findings.map(({ severity, check, message, remedy }) => {
    const colour = severity === 'blocking' ? pc.red : pc.yellow
    return `  ${colour(severity)} ${check}: ${message}\n    ${pc.dim(remedy)}`
  })
  return [head, ...lines].join('\n')
}
