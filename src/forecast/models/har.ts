/** Heterogeneous autoregression of log range variance: the classical model to beat. */
import { type Static, Type } from 'typebox'
import { lookbackOf } from '../../features/build-frame.ts'
import { type FeatureFrame, frameColumn } from '../../features/feature-frame.ts'
import { exp, log } from '../../numerics/elementary.ts'
import { leastSquares } from '../../numerics/least-squares.ts'
import { fitStudentT } from '../../numerics/student-t-fit.ts'
import { createForecast } from '../forecast.ts'
import type { FittedForecaster, Forecaster, SerialisedForecaster } from '../forecaster.ts'
import { exportForecaster, type OnnxForecaster } from '../onnx/forecast-graph.ts'
import { laggedFeature } from '../onnx/input-columns.ts'
import { PositiveNumber, parseSavedState } from '../saved-state.ts'
import { assertEnoughRows, fittingRows, labelsOf, ownFrame } from '../training-rows.ts'

const MINIMUM_ROWS = 120
/** Regressors beside the constant; `logRangeVariance1` is also what is regressed. */
export const HAR_INPUTS = [
  'logRangeVariance1',
  'logRangeVariance5',
  'logRangeVariance22',
  'leverage',
] as const

const State = Type.Object({
  /** Constant, then one coefficient per input. */
  coefficients: Type.Array(Type.Number(), {
    minItems: HAR_INPUTS.length + 1,
    maxItems: HAR_INPUTS.length + 1,
  }),
  /** Student-t scale and tail of the return over the predicted volatility. */
  scale: PositiveNumber,
  degreesOfFreedom: PositiveNumber,
})
type HarState = Static<typeof State>

/**
 * HAR: the log of the mean range variance over the next h sessions, regressed on its daily, weekly
 * and monthly means and on the negative part of r/s. Scale exp(½ fit) times a constant; the
 * constant and the degrees of freedom by maximum likelihood, location 0.
 *
 * Source: Corsi 2009; leverage term after Corsi & Renò 2012.
 */
export const har: Forecaster = {
  name: 'har',
  options: { inputs: HAR_INPUTS },
  fit(request) {
    const frame = ownFrame(request)
    const rows = fittingRows(request, HAR_INPUTS)
    assertEnoughRows(request, 'har', { rows: rows.length, needed: MINIMUM_ROWS })
    const coefficients = regress(frame, rows, request.horizon)
    const root = Math.sqrt(request.horizon)
    const scaled = labelsOf(frame, rows, request.horizon).map((label, i) => {
      const volatility = predictedVolatility(frame, rows[i] as number, coefficients)
      return label / (volatility * root)
    })
    const { scale, degreesOfFreedom } = fitStudentT(scaled, { location: 0 })
    return harForecaster(request.horizon, { coefficients, scale, degreesOfFreedom })
  },
}

function regress(frame: FeatureFrame, rows: Int32Array, horizon: number): number[] {
  const design = [
    new Float64Array(rows.length).fill(1),
    ...HAR_INPUTS.map((name) => {
      const column = frameColumn(frame, name)
      return Float64Array.from(rows, (row) => column[row] as number)
    }),
  ]
  const target = Float64Array.from(rows, (row) => futureLogVariance(frame, row, horizon))
  return [...leastSquares(design, target).coefficients]
}

/** Log of the mean range variance over rows row + 1 … row + horizon. */
function futureLogVariance(frame: FeatureFrame, row: number, horizon: number): number {
  const logVariance = frameColumn(frame, 'logRangeVariance1')
  if (horizon === 1) return logVariance[row + 1] as number
  let total = 0
  for (let k = 1; k <= horizon; k++) total += exp(logVariance[row + k] as number)
  return log(total / horizon)
}

function predictedVolatility(
  frame: FeatureFrame,
  row: number,
  coefficients: readonly number[],
): number {
  let fit = coefficients[0] as number
  HAR_INPUTS.forEach((name, i) => {
    fit += (coefficients[i + 1] as number) * (frameColumn(frame, name)[row] as number)
  })
  return exp(0.5 * fit)
}

function harForecaster(horizon: number, state: HarState): FittedForecaster {
  const root = Math.sqrt(horizon)
  return {
    model: 'har',
    horizon,
    lookback: lookbackOf(HAR_INPUTS),
    frameRows: 1,
    forecast(frame, at) {
      const volatility = predictedVolatility(frame, at, state.coefficients)
      if (!Number.isFinite(volatility)) return undefined
      const scale = volatility * root * state.scale
      const distribution = { location: 0, scale, degreesOfFreedom: state.degreesOfFreedom }
      return createForecast({ frame, at, horizon, distribution })
    },
    serialise: () => ({ model: 'har', horizon, state }),
  }
}

export function restoreHar(saved: SerialisedForecaster): FittedForecaster {
  return harForecaster(saved.horizon, parseSavedState(State, saved))
}

/** The regressors as columns, each with lag 0. */
export function harOnnx(saved: SerialisedForecaster): OnnxForecaster {
  const { coefficients, scale, degreesOfFreedom } = parseSavedState(State, saved)
  const [constant, ...slopes] = coefficients
  const factor = Math.sqrt(saved.horizon) * scale
  return exportForecaster({
    ...saved,
    columns: HAR_INPUTS.map((name) => laggedFeature(name)),
    build(graph, regressors) {
      const product = graph.apply('MatMul', [regressors, graph.floats(slopes, [slopes.length, 1])])
      const fit = graph.apply('Add', [product, graph.floats([constant ?? 0])])
      const volatility = graph.apply('Exp', [graph.apply('Mul', [fit, graph.floats([0.5])])])
      return {
        location: graph.floats([0]),
        scale: graph.apply('Mul', [volatility, graph.floats([factor])]),
        degreesOfFreedom: graph.floats([degreesOfFreedom]),
      }
    },
  })
}
