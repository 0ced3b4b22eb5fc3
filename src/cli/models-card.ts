/** `tickerflow models card`: the model card of a version. */
import { TickerflowError } from '../errors.ts'
import type { Application } from '../pipeline/application.ts'
import { modelCardOf } from '../pipeline/model-card-of.ts'
import { liveVersion } from '../registry/promotion-journal.ts'
import { colours } from './colours.ts'
import { type GlobalOptions, withContext } from './context.ts'

/** @param version By default the one in Production, else the newest. */
export async function showModelCard(
  name: string,
  version: number | undefined,
  options: GlobalOptions,
): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const chosen = version ?? (await defaultVersion(app, name))
    const card = await modelCardOf(app, name, chosen)
    answer({ name, version: chosen, card }, () => cardWords(card))
  })
}

async function defaultVersion(app: Application, name: string): Promise<number> {
  const live = liveVersion(app.promotions.database, { model: name, environment: 'production' })
  if (live !== undefined) return live
  await app.tracking.getRegisteredModel(name)
  const { items } = await app.tracking.listModelVersions(name, { limit: 1 })
  if (items[0] !== undefined) return items[0].version
  throw new TickerflowError('NOT_FOUND', `${name} has no versions.`, { details: { name } })
}

const WIDEST_CELL = 60

/** Markdown as a terminal shows it: headings bold, tables aligned, code as it is. */
function cardWords(markdown: string): string {
  const shown: string[] = []
  let rows: string[][] = []
  const endTable = () => {
    shown.push(...alignedTable(rows))
    rows = []
  }
  for (const line of markdown.split('\n')) {
    if (/^\|[ :|-]+\|$/.test(line)) continue
    if (line.startsWith('| ')) {
      rows.push(cellsOf(line))
      continue
    }
    endTable()
    shown.push(lineWords(line))
  }
  endTable()
  return shown.join('\n').trimEnd()
}

function cellsOf(line: string): string[] {
  return line
    .slice(2, -2)
    .split(/(?<!\\) \| /)
    .map((cell) => plain(cell.replaceAll('\\|', '|').trim()))
}

function alignedTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.min(WIDEST_CELL, Math.max(...rows.map((row) => row[column]?.length ?? 0))),
  )
  return rows
    .filter((row) => row.some((cell) => cell !== ''))
    .map((row) =>
      `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
    )
}

function lineWords(line: string): string {
  if (line.startsWith('#')) return colours.bold(line.replace(/^#+ /, ''))
  if (line.startsWith('```')) return ''
  return plain(line)
}

function plain(text: string): string {
  return text.replaceAll('**', '').replaceAll('`', '')
}
