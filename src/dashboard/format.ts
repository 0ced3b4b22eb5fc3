/** Figures and instants as people read them. */

export function price(value: number | null | undefined): string {
  return value == null ? '–' : value.toFixed(2)
}

export function percent(fraction: number | null | undefined, digits = 1): string {
  return fraction == null ? '–' : `${(100 * fraction).toFixed(digits)} %`
}

export function figure(value: number | null | undefined): string {
  if (value == null) return '–'
  return Number.isInteger(value) ? String(value) : value.toPrecision(4)
}

export function instant(iso: string | null | undefined): string {
  return iso == null ? '–' : `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
}

export function shortId(id: string): string {
  return id.slice(0, 8)
}
