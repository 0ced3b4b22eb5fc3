/** The Markdown of model cards: headings, tables, lists and paragraphs, and no HTML. */
import { Fragment, type ReactNode } from 'react'
import { Table } from './table.tsx'

export function Markdown({ text }: { readonly text: string }) {
  const blocks = text.split(/\n{2,}/).filter((block) => block.trim() !== '')
  return (
    <>
      {blocks.map((block, i) => (
        <Fragment key={i}>{blockOf(block.trim(), i)}</Fragment>
      ))}
    </>
  )
}

function blockOf(block: string, index: number): ReactNode {
  if (block.startsWith('#')) return headingOf(block)
  if (block.startsWith('|')) return tableOf(block, index)
  if (block.startsWith('- ')) {
    return (
      <ul>
        {block.split(/\n- /).map((item) => (
          <li key={item}>{plain(item)}</li>
        ))}
      </ul>
    )
  }
  if (block.startsWith('```')) return <pre>{block.replaceAll(/^```\w*\n?|```$/gm, '')}</pre>
  return <p>{plain(block)}</p>
}

function headingOf(block: string): ReactNode {
  const [first = '', ...rest] = block.split('\n')
  const title = plain(first.replace(/^#+ /, ''))
  return (
    <>
      {first.startsWith('# ') ? <h3>{title}</h3> : <h4>{title}</h4>}
      {rest.length > 0 && blockOf(rest.join('\n'), 0)}
    </>
  )
}

function tableOf(block: string, index: number): ReactNode {
  const lines = block.split('\n').filter((line) => !/^\|[ :|-]+\|$/.test(line))
  const [head = [], ...rows] = lines.map((line) =>
    line
      .replace(/^\| ?| ?\|$/g, '')
      .split(/(?<!\\) ?\| ?/)
      .map(plain),
  )
  const columns = head.map((cell, i) => cell || `${' '.repeat(i)}`)
  return (
    <Table
      caption={`Table ${index}`}
      columns={columns}
      rows={rows.map((cells, i) => ({ key: String(i), cells }))}
    />
  )
}

function plain(text: string): string {
  return text.replaceAll('**', '').replaceAll('`', '').replace(/^- /, '')
}
