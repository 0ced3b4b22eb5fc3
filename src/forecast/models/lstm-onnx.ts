/** The LSTM forecaster as an ONNX graph: scaler, every network, ensemble and units included. */
import type { Scaler } from '../../features/scaler.ts'
import { layerSizes } from '../../lstm/architecture.ts'
import { DEGREES_OF_FREEDOM_FLOOR, SCALE_FLOOR } from '../../lstm/losses.ts'
import { tensorView } from '../../lstm/parameters.ts'
import { deserialiseLstm, type LstmModel } from '../../lstm/serialise.ts'
import type { SerialisedForecaster } from '../forecaster.ts'
import {
  exportForecaster,
  type ForecastValues,
  type OnnxForecaster,
  sliceColumns,
} from '../onnx/forecast-graph.ts'
import type { GraphBuilder } from '../onnx/graph-builder.ts'
import { laggedFeature, laggedWindow } from '../onnx/input-columns.ts'
import { parseLstmState } from './lstm.ts'

/** PyTorch's gates are i, f, g, o; ONNX has them as i, o, f, c: where each comes from. */
const GATE_SOURCES = [0, 3, 1, 2] as const

/**
 * Columns: `<feature>_lag<k>` for k = T − 1 … 0, then `ewmaVolatility_lag0`, the unit of the outputs.
 *
 * @throws {TickerflowError} MODEL_DAMAGED.
 */
export function lstmOnnx(saved: SerialisedForecaster): OnnxForecaster {
  const { options, scaler, networks } = parseLstmState(saved)
  const { features, windowLength, locationWeight } = options
  const width = windowLength * features.length
  return exportForecaster({
    model: saved.model,
    horizon: saved.horizon,
    columns: [...laggedWindow(features, windowLength), laggedFeature('ewmaVolatility')],
    build(graph, input) {
      const window = sliceColumns(graph, input, { from: 0, to: width })
      const volatility = sliceColumns(graph, input, { from: width, to: width + 1 })
      const rows = standardisedRows(graph, window, { scaler, windowLength })
      const each = networks.map((network) => {
        const values = networkValues(graph, rows, deserialiseLstm(network))
        const weight = graph.floats([locationWeight])
        return { ...values, location: graph.apply('Mul', [values.location, weight]) }
      })
      const { location, scale, degreesOfFreedom } = combine(graph, each)
      const root = Math.sqrt(saved.horizon)
      const unit = graph.apply('Mul', [volatility, graph.floats([root])])
      return {
        location: graph.apply('Mul', [location, unit]),
        scale: graph.apply('Mul', [scale, unit]),
        degreesOfFreedom,
      }
    },
  })
}

interface WindowScaling {
  readonly scaler: Scaler
  readonly windowLength: number
}

/** Raw windows [N, T·F] → standardised rows [T, N, F], as the LSTM operator wants them. */
function standardisedRows(
  graph: GraphBuilder,
  window: string,
  { scaler, windowLength }: WindowScaling,
): string {
  const width = scaler.names.length
  const rows = graph.apply('Reshape', [window, graph.integers(-1, windowLength, width)])
  const centred = graph.apply('Sub', [rows, graph.floats(scaler.mean, [width])])
  const scaled = graph.apply('Div', [centred, graph.floats(scaler.deviation, [width])])
  return graph.apply('Transpose', [scaled], {
    attributes: [{ name: 'perm', integers: [1, 0, 2] }],
  })
}

/** Location, scale and degrees of freedom [N, 1] of one network. */
function networkValues(graph: GraphBuilder, rows: string, model: LstmModel): ForecastValues {
  const hidden = lastHiddenState(graph, rows, model)
  const [weight, bias] = headTensors(graph, model)
  const raw = graph.apply('Gemm', [hidden, weight, bias], {
    attributes: [{ name: 'transB', integer: 1 }],
  })
  const column = (from: number) => sliceColumns(graph, raw, { from, to: from + 1 })
  return {
    location: column(0),
    scale: softplusAbove(graph, column(1), SCALE_FLOOR),
    degreesOfFreedom: softplusAbove(graph, column(2), DEGREES_OF_FREEDOM_FLOOR),
  }
}

function headTensors(graph: GraphBuilder, { architecture, weights }: LstmModel): [string, string] {
  const weight = tensorView(architecture, weights, 'head.weight')
  const bias = tensorView(architecture, weights, 'head.bias')
  const { outputSize } = architecture
  return [
    graph.floats(weight, [outputSize, weight.length / outputSize]),
    graph.floats(bias, [outputSize]),
  ]
}

function softplusAbove(graph: GraphBuilder, raw: string, floor: number): string {
  return graph.apply('Add', [graph.apply('Softplus', [raw]), graph.floats([floor])])
}

/** The stacked layers; returns the top layer's last hidden state [N, H]. */
function lastHiddenState(graph: GraphBuilder, rows: string, model: LstmModel): string {
  const { architecture } = model
  let sequence = rows
  let last = ''
  for (const [layer, { input, hidden }] of layerSizes(architecture).entries()) {
    const isTop = layer === architecture.hiddenSizes.length - 1
    const all = isTop ? '' : graph.name('lstm')
    last = isTop ? graph.name('lstm') : ''
    graph.applyMany('LSTM', [sequence, ...layerTensors(graph, model, { layer, input, hidden })], {
      outputs: isTop ? ['', last] : [all],
      attributes: [{ name: 'hidden_size', integer: hidden }],
    })
    if (!isTop) sequence = graph.apply('Squeeze', [all, graph.integers(1)])
  }
  return graph.apply('Squeeze', [last, graph.integers(0)])
}

interface LayerShape {
  readonly layer: number
  readonly input: number
  readonly hidden: number
}

/** W [1, 4H, D], R [1, 4H, H] and B [1, 8H] of a layer. */
function layerTensors(
  graph: GraphBuilder,
  { architecture, weights }: LstmModel,
  { layer, input, hidden }: LayerShape,
): string[] {
  const reordered = (name: string) =>
    reorderGates(tensorView(architecture, weights, `lstm.${name}_l${layer}`))
  const biases = [...reordered('bias_ih'), ...reordered('bias_hh')]
  return [
    graph.floats(reordered('weight_ih'), [1, 4 * hidden, input]),
    graph.floats(reordered('weight_hh'), [1, 4 * hidden, hidden]),
    graph.floats(biases, [1, 8 * hidden]),
  ]
}

/** Quarters of a tensor by gate, from PyTorch's order into that of ONNX. */
function reorderGates(tensor: Float32Array): Float32Array {
  const gate = tensor.length / 4
  const out = new Float32Array(tensor.length)
  GATE_SOURCES.forEach((source, target) => {
    out.set(tensor.subarray(source * gate, (source + 1) * gate), target * gate)
  })
  return out
}

/** The mean location, the scale of the mixture's variance, the geometric mean of the degrees of freedom. */
function combine(graph: GraphBuilder, each: readonly ForecastValues[]): ForecastValues {
  const mean = (names: readonly string[]) => graph.apply('Mean', names)
  const square = (name: string) => graph.apply('Mul', [name, name])
  const location = mean(each.map((one) => one.location))
  const spread = mean(each.map((one) => square(graph.apply('Sub', [one.location, location]))))
  const variance = graph.apply('Add', [mean(each.map(({ scale }) => square(scale))), spread])
  const logs = each.map(({ degreesOfFreedom }) => graph.apply('Log', [degreesOfFreedom]))
  return {
    location,
    scale: graph.apply('Sqrt', [variance]),
    degreesOfFreedom: graph.apply('Exp', [mean(logs)]),
  }
}
