/** A table that scrolls in itself where the page is too narrow for it. */
import type { ReactNode } from 'react'

interface TableProps {
  readonly caption: string
  /** A leading `#` marks a column of figures. */
  readonly columns: readonly string[]
  readonly rows: readonly { readonly key: string; readonly cells: readonly ReactNode[] }[]
}

export function Table({ caption, columns, rows }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="scroll" tabIndex={0} aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" className={classOf(column)}>
                {headOf(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {columns.map((column, i) => (
                <td key={column} className={classOf(column)}>
                  {cells[i]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const TERMS: Readonly<Record<string, string>> = {
  CRPS: 'Continuous ranked probability score of log returns: the lower, the better.',
  'Coverage 80 %': 'Share of outcomes inside the central 80 % interval; 80 % is right.',
  'Coverage 95 %': 'Share of outcomes inside the central 95 % interval; 95 % is right.',
  'Skill against naive':
    'One minus the ratio of mean CRPS to the naive forecast’s: positive is better.',
  CUSUM: 'Running evidence that the loss has become worse, in standard deviations.',
  'Interval 80 %': 'Central price interval that holds the close with probability 0.8.',
}

function headOf(column: string): ReactNode {
  const title = column.replace('#', '')
  const words = TERMS[title]
  return words === undefined ? title : <abbr title={words}>{title}</abbr>
}

function classOf(column: string): string | undefined {
  return column.startsWith('#') ? 'figure' : undefined
}
