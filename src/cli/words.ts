/** Figures and tables as people read them on a terminal. */
import { colours } from './colours.ts'

/** Columns aligned by their widest cell; the first to the left, the others to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
  return [colours.dim(line(header)), ...rows.map(line)].join('\n')
}

export function dollars(price: number): string {
  return `$${price.toFixed(2)}`
}

export function percent(fraction: number | null, digits = 1): string {
  return fraction === null ? '–' : `${(100 * fraction).toFixed(digits)} %`
}

/** A log-return score in basis points. */
export function basisPoints(value: number | null): string {
  return value === null ? '–' : (1e4 * value).toFixed(2)
}

export function figure(value: number | null, digits: number): string {
  return value === null ? '–' : value.toFixed(digits)
}

export function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`
}

/** ISO 8601, as documents have it; null where there is no instant. */
export function isoInstant(instantMs: number | undefined): string | null {
  return instantMs === undefined ? null : new Date(instantMs).toISOString()
}
