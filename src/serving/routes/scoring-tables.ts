/** The tables of MLflow's scoring protocol as rows of the model's columns. */
import { Refusal } from '../refusal.ts'

export interface ScoringTable {
  readonly dataframe_split?: {
    readonly columns?: readonly unknown[]
    readonly data: readonly (readonly unknown[])[]
  }
  readonly dataframe_records?: readonly Readonly<Record<string, unknown>>[]
  readonly instances?: readonly unknown[]
  readonly inputs?: unknown
}

const FORMS = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const

/** @throws {Refusal} 400; says which form, column or value is wrong. */
export function rowsOfTable(names: readonly string[], table: ScoringTable): number[][] {
  const given = FORMS.filter((form) => table[form] !== undefined)
  if (given.length !== 1) {
    throw invalid(`The body needs exactly one of ${FORMS.join(', ')}; it has ${given.length}.`)
  }
  if (table.dataframe_split !== undefined) return fromSplit(names, table.dataframe_split)
  if (table.dataframe_records !== undefined) return table.dataframe_records.map(recordReader(names))
  return fromTensor(names, table.instances ?? table.inputs)
}

/** A CSV with a header, in the form that JSON has for it. */
export function tableOfCsv(lines: readonly (readonly string[])[]): ScoringTable {
  const [columns = [], ...data] = lines
  return { dataframe_split: { columns, data: data.map((line) => line.map(cellOf)) } }
}

function cellOf(text: string): unknown {
  return text.trim() === '' ? text : Number(text)
}

function fromSplit(
  names: readonly string[],
  { columns, data }: NonNullable<ScoringTable['dataframe_split']>,
): number[][] {
  if (columns === undefined) return data.map((row) => numbers(names, row))
  const places = names.map((name) => {
    const place = columns.indexOf(name)
    if (place < 0) throw missing(name)
    return place
  })
  return data.map((row) =>
    numbers(
      names,
      places.map((place) => row[place]),
    ),
  )
}

function recordReader(names: readonly string[]) {
  return (record: Readonly<Record<string, unknown>>): number[] =>
    numbers(
      names,
      names.map((name) => {
        if (!Object.hasOwn(record, name)) throw missing(name)
        return record[name]
      }),
    )
}

/** Rows of values, rows of named values, or columns by name. */
function fromTensor(names: readonly string[], given: unknown): number[][] {
  if (Array.isArray(given)) {
    return given.map((row: unknown) => {
      if (Array.isArray(row)) return numbers(names, row)
      if (typeof row === 'object' && row !== null) {
        return recordReader(names)(row as Readonly<Record<string, unknown>>)
      }
      throw invalid('A row is neither a list of values nor an object of named ones.')
    })
  }
  if (typeof given !== 'object' || given === null) throw invalid('The inputs are not a table.')
  const columns = names.map((name) => {
    const column = Object.hasOwn(given, name)
      ? (given as Readonly<Record<string, unknown>>)[name]
      : undefined
    if (column === undefined) throw missing(name)
    return Array.isArray(column) ? column.flat() : [column]
  })
  const rows = columns[0]?.length ?? 0
  return Array.from({ length: rows }, (_, row) =>
    numbers(
      names,
      columns.map((column) => column[row]),
    ),
  )
}

function numbers(names: readonly string[], row: readonly unknown[]): number[] {
  if (row.length !== names.length) {
    throw invalid(`A row has ${row.length} values; the model reads ${names.length} columns.`)
  }
  return row.map((value, i) => {
    if (typeof value === 'number' && Number.isFinite(value)) return value
    const received = String(JSON.stringify(value)).slice(0, 40)
    throw invalid(`Column '${names[i]}' holds ${received}, expected a number.`)
  })
}

function missing(name: string): Refusal {
  return invalid(`The column '${name}' is missing.`)
}

function invalid(detail: string): Refusal {
  return new Refusal({ status: 400, type: 'request-invalid', detail })
}
