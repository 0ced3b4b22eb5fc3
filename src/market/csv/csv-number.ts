/** Numbers as the sources write them: 1234.5, "1,234.50", 1.234,50, $64.50, 12.3M. */

export type DecimalMark = '.' | ','

/** Why a cell is not a number; `other-mark` means that it only reads with the other decimal mark. */
export type NotANumber = 'text' | 'other-mark'

const MISSING = new Set(['', '-', '—', 'null', 'nan', 'na', 'n/a', '#n/a', 'none', 'nil'])
const CURRENCY = /^([+-]?)[$€£¥]/
const SUFFIXES: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, b: 1e9, t: 1e12 }
const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/
const GROUPED = /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/
const ONE_GROUP = /^[+-]?\d{1,3},\d{3}$/

const DIGIT_0 = 48
const DIGIT_9 = 57
const LETTER_X = 120

/**
 * A cell that is a plain number with a decimal point, fast; NaN for anything else.
 *
 * `Number` alone would read blanks as 0 and `0x10` as 16.
 */
export function parsePlainNumber(cell: string): number {
  const first = cell.charCodeAt(0)
  if (!(first >= DIGIT_0 && first <= DIGIT_9)) return Number.NaN
  return first === DIGIT_0 && (cell.charCodeAt(1) | 32) >= 98 ? notHex(cell) : Number(cell)
}

function notHex(cell: string): number {
  return (cell.charCodeAt(1) | 32) <= LETTER_X ? Number.NaN : Number(cell)
}

/**
 * A cell as a number in any of the accepted forms.
 *
 * Thousands separators must group by three. A suffix K, M, B or T multiplies and rounds to a whole
 * number, since only volumes have one.
 *
 * @returns NaN for an empty cell and for the usual words for "no value".
 */
export function parseFormattedNumber(cell: string, mark: DecimalMark): number | NotANumber {
  const text = cell.trim().toLowerCase()
  if (MISSING.has(text)) return Number.NaN
  const bare = text.replace(CURRENCY, '$1').replace(/[\s\u00a0']/g, '')
  const scale = SUFFIXES[bare.at(-1) ?? '']
  const digits = scale === undefined ? bare : bare.slice(0, -1)
  const value = parseMarked(digits, mark)
  if (Number.isNaN(value))
    return Number.isNaN(parseMarked(digits, otherMark(mark))) ? 'text' : 'other-mark'
  return scale === undefined ? value : Math.round(value * scale)
}

/** Whether the cell reads as a number with either mark, with different values: `1,234`. */
export function isAmbiguousNumber(cell: string): boolean {
  return ONE_GROUP.test(cell.trim())
}

/** NaN when the text is not a number with this decimal mark. */
function parseMarked(text: string, mark: DecimalMark): number {
  const pointed =
    mark === '.' ? text : text.replace(/[.,]/g, (found) => (found === ',' ? '.' : ','))
  if (PLAIN.test(pointed)) return Number(pointed)
  return GROUPED.test(pointed) ? Number(pointed.replaceAll(',', '')) : Number.NaN
}

function otherMark(mark: DecimalMark): DecimalMark {
  return mark === '.' ? ',' : '.'
}
