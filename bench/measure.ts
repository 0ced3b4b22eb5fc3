/** What every benchmark says beside its figures, and how it prints them. */
import { cpus } from 'node:os'

export function machine() {
  return { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** One JSON document with `--json`, else a line per figure. */
export function report(figures: Readonly<Record<string, unknown>>): void {
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify(figures, undefined, 2))
    return
  }
  for (const [name, value] of Object.entries(figures)) console.log(`${name}: ${spoken(value)}`)
}

function spoken(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(4)))
  return Array.isArray(value) ? value.map(spoken).join(' ') : String(value)
}
