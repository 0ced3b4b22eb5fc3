/** What every exported forecaster has in common: one raw input, three outputs, its description. */
import { createGraphBuilder, type GraphBuilder } from './graph-builder.ts'
import type { InputColumn } from './input-columns.ts'
import { encodeOnnx, type OnnxPort } from './onnx-encoding.ts'

export const ONNX_FORMAT = 'tickerflow-onnx/1'
export const ONNX_INPUT = 'features'
/** Each [N, 1]; log returns, their scale, and a Student-t's degrees of freedom. */
export const ONNX_OUTPUTS = ['location', 'scale', 'degrees_of_freedom'] as const

/** A fitted model for any ONNX runtime. */
export interface OnnxForecaster {
  /** The `.onnx` file. */
  readonly file: Uint8Array<ArrayBuffer>
  /** What the columns of the input [N, columns] mean. */
  readonly columns: readonly InputColumn[]
  /** Names of its outputs, each [N, 1]. */
  readonly outputs: readonly string[]
  /** What the file was made from, for a model that is made of others. */
  readonly source: ForecastGraph
}

/** Names of the graph's values, each [N, 1] but for constants of any shape that spreads to it. */
export interface ForecastValues {
  readonly location: string
  readonly scale: string
  readonly degreesOfFreedom: string
}

export interface ForecastGraph {
  readonly model: string
  readonly horizon: number
  readonly columns: readonly InputColumn[]
  /** Adds the nodes; `input` names the raw columns [N, columns]. */
  readonly build: (graph: GraphBuilder, input: string) => ForecastValues
}

export function exportForecaster(forecaster: ForecastGraph): OnnxForecaster {
  return exportHorizons(forecaster)
}

/**
 * Forecasters of several horizons as one graph over the columns of all. The outputs of the first one
 * have plain names, those of the further ones the horizon at their end: `location_h5`.
 *
 * A column that several of them read has to mean the same to each.
 */
export function exportHorizons(
  forecaster: ForecastGraph,
  further: readonly ForecastGraph[] = [],
): OnnxForecaster {
  const { model } = forecaster
  const all = [forecaster, ...further]
  const columns = eachOnce(all.flatMap((one) => one.columns))
  const graph = createGraphBuilder()
  const values = all.map((one) => valuesOf(graph, ONNX_INPUT, { member: one, columns }))
  const zeros = zerosPerRow(graph)
  const outputs = values.flatMap(({ location, scale, degreesOfFreedom }, i) => {
    const suffix = i === 0 ? '' : `_h${all[i]?.horizon}`
    return [location, scale, degreesOfFreedom].map((value, k) => {
      const kind = ONNX_OUTPUTS[k] as (typeof ONNX_OUTPUTS)[number]
      const output = `${kind}${suffix}`
      graph.apply('Add', [value, zeros], { output })
      return { name: output, shape: ['N', 1], description: OUTPUT_WORDS[kind] }
    })
  })
  const horizons = all.map(({ horizon }) => horizon)
  const names = columns.map(({ name }) => name)
  const input: OnnxPort = {
    name: ONNX_INPUT,
    shape: ['N', names.length],
    description: 'Raw features, a row per forecast; tickerflow.columns in the metadata names them',
  }
  const file = encodeOnnx({
    name: `${model}-forecaster`,
    description:
      `Student-t distribution of the natural-log price return over ${horizons.join(', ')} session(s), by the ` +
      `model '${model}'`,
    inputs: [input],
    outputs,
    nodes: graph.nodes,
    constants: graph.constants,
    metadata: {
      'tickerflow.format': ONNX_FORMAT,
      'tickerflow.model': model,
      'tickerflow.horizons': JSON.stringify(horizons),
      'tickerflow.columns': JSON.stringify(names),
    },
  })
  return { file, columns, outputs: outputs.map(({ name }) => name), source: forecaster }
}

/** Each column once, where it comes first. */
export function eachOnce(columns: readonly InputColumn[]): InputColumn[] {
  return [...new Map(columns.map((column) => [column.name, column])).values()]
}

interface MemberInput {
  readonly member: ForecastGraph
  /** Of the whole input. */
  readonly columns: readonly InputColumn[]
}

/** A member's values; one that reads all columns in their order reads the input itself. */
function valuesOf(
  graph: GraphBuilder,
  input: string,
  { member, columns }: MemberInput,
): ForecastValues {
  const names = columns.map(({ name }) => name)
  const own = member.columns.map(({ name }) => names.indexOf(name))
  const isWhole = own.length === names.length && own.every((place, i) => place === i)
  return isWhole ? member.build(graph, input) : pickedValues(graph, input, { member, columns })
}

/** A member's values, from its columns picked out of the whole input. */
export function pickedValues(
  graph: GraphBuilder,
  input: string,
  { member, columns }: MemberInput,
): ForecastValues {
  const names = columns.map(({ name }) => name)
  const picked = graph.integers(...member.columns.map(({ name }) => names.indexOf(name)))
  const own = graph.apply('Gather', [input, picked], {
    attributes: [{ name: 'axis', integer: 1 }],
  })
  return member.build(graph, own)
}

const OUTPUT_WORDS: Readonly<Record<(typeof ONNX_OUTPUTS)[number], string>> = {
  location: 'Location of the log return [N, horizons]',
  scale: 'Scale of the log return [N, horizons]; not the standard deviation',
  degrees_of_freedom: 'Degrees of freedom [N, horizons]',
}

/** Zeros [N, 1], which spread a constant over the rows, whatever the input holds. */
function zerosPerRow(graph: GraphBuilder): string {
  const shape = graph.apply('Shape', [ONNX_INPUT])
  const rows = graph.apply('Slice', [shape, graph.integers(0), graph.integers(1)])
  const size = graph.apply('Concat', [rows, graph.integers(1)], {
    attributes: [{ name: 'axis', integer: 0 }],
  })
  return graph.apply('Expand', [graph.floats([0]), size])
}

/** Columns `from` to `to` (not included) of a matrix. */
export function sliceColumns(
  graph: GraphBuilder,
  matrix: string,
  { from, to }: { readonly from: number; readonly to: number },
): string {
  const ends = [graph.integers(from), graph.integers(to), graph.integers(1)]
  return graph.apply('Slice', [matrix, ...ends])
}
