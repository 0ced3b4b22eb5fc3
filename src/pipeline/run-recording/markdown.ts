/** Pieces of Markdown; text from outside cannot break out of a table's cell. */

export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(tableCell).join(' | ')} |`
  const rule = `|${header.map((_, i) => (i === 0 ? ' --- ' : ' ---: ')).join('|')}|`
  return [line(header), rule, ...rows.map(line)]
}

/** The same with every column to the left: for words. */
export function wordTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const [first = '', , ...rest] = markdownTable(header, rows)
  return [first, `|${header.map(() => ' --- ').join('|')}|`, ...rest]
}

function tableCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

export function codeBlock(language: string, code: readonly string[]): string[] {
  return [`\`\`\`${language}`, ...code, '```']
}

/** A dash where there is no number; a true minus sign. */
export function fixed(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–'
  return value.toFixed(digits).replace('-', '−')
}

export function share(fraction: number | null | undefined): string {
  const text = fixed(fraction === null || fraction === undefined ? null : 100 * fraction, 1)
  return text === '–' ? text : `${text} %`
}
