/** The combination as one ONNX graph: its members' graphs side by side, then their weighted means. */
import type { SerialisedForecaster } from '../forecaster.ts'
import {
  eachOnce,
  exportForecaster,
  type ForecastValues,
  type OnnxForecaster,
  pickedValues,
} from '../onnx/forecast-graph.ts'
import type { GraphBuilder } from '../onnx/graph-builder.ts'
import { parseCombinationState, weightsOf } from './combination.ts'
import { garchOnnx } from './garch.ts'
import { harOnnx } from './har.ts'
import { lstmOnnx } from './lstm-onnx.ts'

/**
 * For the symbol that it was fitted for; HAR's and GARCH's parameters are the symbol's own. Columns:
 * those of HAR, of GARCH and of the LSTM, each once.
 *
 * @throws {TickerflowError} MODEL_DAMAGED.
 */
export function combinationOnnx(saved: SerialisedForecaster): OnnxForecaster {
  const state = parseCombinationState(saved)
  const { har, garch } = state.classical[state.symbol] ?? {}
  const members = [
    ...(har === undefined ? [] : [harOnnx(har).source]),
    ...(garch === undefined ? [] : [garchOnnx(garch).source]),
    lstmOnnx(state.lstm).source,
  ]
  const columns = eachOnce(members.flatMap((member) => member.columns))
  return exportForecaster({
    model: saved.model,
    horizon: saved.horizon,
    columns,
    build(graph, input) {
      const each = members.map((member) => pickedValues(graph, input, { member, columns }))
      return weightedMeans(graph, each, weightsOf(state, state.symbol))
    },
  })
}

/** As `combineDistributions` does it. */
function weightedMeans(
  graph: GraphBuilder,
  each: readonly ForecastValues[],
  weights: readonly number[],
): ForecastValues {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const mean = (names: readonly string[]) => {
    const parts = names.map((name, i) =>
      graph.apply('Mul', [name, graph.floats([(weights[i] as number) / total])]),
    )
    return parts.reduce((sum, part) => graph.apply('Add', [sum, part]))
  }
  const geometricMean = (names: readonly string[]) =>
    graph.apply('Exp', [mean(names.map((name) => graph.apply('Log', [name])))])
  return {
    location: mean(each.map(({ location }) => location)),
    scale: geometricMean(each.map(({ scale }) => scale)),
    degreesOfFreedom: geometricMean(each.map(({ degreesOfFreedom }) => degreesOfFreedom)),
  }
}
