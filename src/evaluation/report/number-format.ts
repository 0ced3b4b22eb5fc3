/** Numbers and dates as people read them; what is not a number is a dash. */
import { formatDay } from '../../market/trading-date.ts'

/** Stands for every figure that is undefined. */
export const DASH = '–'
const NARROW_SPACE = '\u202f'
const MINUS = '−'
const MONTHS =
  'January February March April May June July August September October November December'
const MONTH_NAMES: readonly string[] = MONTHS.split(' ')

/** `1,234.50`; a true minus sign, and no negative zero. */
export function formatNumber(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH
  const [whole = '', fraction] = Math.abs(value).toFixed(decimals).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text
}

/** As `formatNumber`, with a plus before what is above zero. */
export function formatSigned(value: number | null | undefined, decimals: number): string {
  const text = formatNumber(value, decimals)
  return /[1-9]/.test(text) && !text.startsWith(MINUS) && text !== DASH ? `+${text}` : text
}

/** A fraction as percent: `79.2 %` for 0.792. */
export function formatPercent(fraction: number | null | undefined, decimals = 1): string {
  return withUnit(formatNumber(scaled(fraction, 100), decimals), '%')
}

/** A fraction as signed percent: `−0.53 %`. */
export function formatSignedPercent(fraction: number | null | undefined, decimals = 2): string {
  return withUnit(formatSigned(scaled(fraction, 100), decimals), '%')
}

/** A log return or its CRPS in basis points, without the unit: `122.95` for 0.012295. */
export function formatBasisPoints(value: number | null | undefined, decimals = 2): string {
  return formatNumber(scaled(value, 10_000), decimals)
}

/** As `formatBasisPoints`, with a sign. */
export function formatSignedBasisPoints(value: number | null | undefined, decimals = 2): string {
  return formatSigned(scaled(value, 10_000), decimals)
}

/** `$430.47`; four decimals below 1. */
export function formatPrice(value: number | null | undefined, currency: string): string {
  const text = formatNumber(value, Math.abs(value ?? 0) < 1 ? 4 : 2)
  return text === DASH ? text : text.replace(/^(−?)/, `$1${escapeReplacement(currency)}`)
}

/** How prices are written along an axis: with as many decimals as the spread of the values calls for. */
export function priceTickFormat(
  values: readonly number[],
  currency: string,
): (value: number) => string {
  const spread = Math.max(...values) - Math.min(...values)
  const decimals = spread >= 10 ? 0 : spread >= 0.05 ? 2 : 4
  return (value) => currency + formatNumber(value, decimals)
}

/** A p-value: three decimals, `< 0.001` below that. */
export function formatP(p: number | null | undefined): string {
  if (p === null || p === undefined || !Number.isFinite(p)) return DASH
  return p < 0.001 ? '<\u00a00.001' : formatNumber(p, 3)
}

/** `3 January 2005` for a day since 1970-01-01. */
export function formatLongDay(day: number): string {
  return formatLongDate(formatDay(day))
}

/** `3 January 2005` for `2005-01-03`; other text as it came. */
export function formatLongDate(isoDate: string): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(isoDate)
  if (match === null) return isoDate
  return `${Number(match[3])}\u00a0${MONTH_NAMES[Number(match[2]) - 1] ?? ''} ${match[1]}`
}

/** `Jan` for month 1. */
export function shortMonth(month: number): string {
  return (MONTH_NAMES[month - 1] ?? '').slice(0, 3)
}

/** `1 day`, `2,013 days`. */
export function formatCount(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatNumber(count, 0)} ${count === 1 ? singular : plural}`
}

function scaled(value: number | null | undefined, factor: number): number | null {
  return value === null || value === undefined ? null : value * factor
}

function withUnit(text: string, unit: string): string {
  return text === DASH ? text : `${text}${NARROW_SPACE}${unit}`
}

function escapeReplacement(text: string): string {
  return text.replaceAll('$', '$$$$')
}
