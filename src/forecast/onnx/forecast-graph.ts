/** What every exported forecaster has in common: one raw input, three outputs, its description. */
import { createGraphBuilder, type GraphBuilder } from './graph-builder.ts'
import type { InputColumn } from './input-columns.ts'
import { encodeOnnx, type OnnxPort } from './onnx-encoding.ts'

export const ONNX_FORMAT = 'tickerflow-onnx/1'
export const ONNX_INPUT = 'features'
/** Each [N, horizons]; log returns, their scale, and a Student-t's degrees of freedom. */
export const ONNX_OUTPUTS = ['location', 'scale', 'degrees_of_freedom'] as const

/** A fitted model for any ONNX runtime. */
export interface OnnxForecaster {
  /** The `.onnx` file. */
  readonly file: Uint8Array<ArrayBuffer>
  /** What the columns of the input [N, columns] mean. */
  readonly columns: readonly InputColumn[]
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
  const { model, horizon, columns } = forecaster
  const graph = createGraphBuilder()
  const values = forecaster.build(graph, ONNX_INPUT)
  const zeros = zerosPerRow(graph)
  const named = [values.location, values.scale, values.degreesOfFreedom]
  ONNX_OUTPUTS.forEach((output, i) => {
    graph.apply('Add', [named[i] as string, zeros], { output })
  })
  const names = columns.map(({ name }) => name)
  const input: OnnxPort = {
    name: ONNX_INPUT,
    shape: ['N', names.length],
    description: 'Raw features, a row per forecast; tickerflow.columns in the metadata names them',
  }
  const file = encodeOnnx({
    name: `${model}-forecaster`,
    description:
      `Student-t distribution of the natural-log price return over ${horizon} session(s), by the ` +
      `model '${model}'`,
    inputs: [input],
    outputs: ONNX_OUTPUTS.map((name) => ({
      name,
      shape: ['N', 1],
      description: OUTPUT_WORDS[name],
    })),
    nodes: graph.nodes,
    constants: graph.constants,
    metadata: {
      'tickerflow.format': ONNX_FORMAT,
      'tickerflow.model': model,
      'tickerflow.horizons': JSON.stringify([horizon]),
      'tickerflow.columns': JSON.stringify(names),
    },
  })
  return { file, columns, source: forecaster }
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
