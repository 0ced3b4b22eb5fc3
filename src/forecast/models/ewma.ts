/** Exponentially weighted volatility with Student-t errors: the classic of risk management. */
import { type Static, Type } from 'typebox'
import { lookbackOf } from '../../features/build-frame.ts'
import { frameColumn } from '../../features/feature-frame.ts'
import { fitStudentT } from '../../numerics/student-t-fit.ts'
import { createForecast } from '../forecast.ts'
import type { FittedForecaster, Forecaster, SerialisedForecaster } from '../forecaster.ts'
import { exportForecaster, type OnnxForecaster } from '../onnx/forecast-graph.ts'
import { laggedFeature } from '../onnx/input-columns.ts'
import { PositiveNumber, parseSavedState } from '../saved-state.ts'
import { assertEnoughRows, fittingRows, labelsOf, ownFrame } from '../training-rows.ts'

const MINIMUM_ROWS = 60
export const EWMA_INPUTS = ['ewmaVolatility'] as const

/** Scale and tail of the return over the trailing volatility: all that is fitted. */
const State = Type.Object({ scale: PositiveNumber, degreesOfFreedom: PositiveNumber })
type EwmaState = Static<typeof State>

/**
 * EWMA(0.94): location 0, scale s(t)·√h times a constant; the constant and the degrees of freedom
 * by maximum likelihood on the training span.
 *
 * Source: RiskMetrics Technical Document 1996.
 */
export const ewma: Forecaster = {
  name: 'ewma',
  options: { decay: 0.94 },
  fit(request) {
    const frame = ownFrame(request)
    const rows = fittingRows(request, EWMA_INPUTS)
    assertEnoughRows(request, 'ewma', { rows: rows.length, needed: MINIMUM_ROWS })
    const volatility = frameColumn(frame, 'ewmaVolatility')
    const root = Math.sqrt(request.horizon)
    const scaled = labelsOf(frame, rows, request.horizon).map(
      (label, i) => label / ((volatility[rows[i] as number] as number) * root),
    )
    const { scale, degreesOfFreedom } = fitStudentT(scaled, { location: 0 })
    return ewmaForecaster(request.horizon, { scale, degreesOfFreedom })
  },
}

function ewmaForecaster(horizon: number, state: EwmaState): FittedForecaster {
  const root = Math.sqrt(horizon)
  return {
    model: 'ewma',
    horizon,
    lookback: lookbackOf(EWMA_INPUTS),
    frameRows: 1,
    forecast(frame, at) {
      const volatility = frameColumn(frame, 'ewmaVolatility')[at] as number
      if (!Number.isFinite(volatility)) return undefined
      const scale = volatility * root * state.scale
      const distribution = { location: 0, scale, degreesOfFreedom: state.degreesOfFreedom }
      return createForecast({ frame, at, horizon, distribution })
    },
    serialise: () => ({ model: 'ewma', horizon, state }),
  }
}

export function restoreEwma(saved: SerialisedForecaster): FittedForecaster {
  return ewmaForecaster(saved.horizon, parseSavedState(State, saved))
}

/** One column, `ewmaVolatility_lag0`. */
export function ewmaOnnx(saved: SerialisedForecaster): OnnxForecaster {
  const { scale, degreesOfFreedom } = parseSavedState(State, saved)
  const factor = Math.sqrt(saved.horizon) * scale
  return exportForecaster({
    ...saved,
    columns: EWMA_INPUTS.map((name) => laggedFeature(name)),
    build: (graph, volatility) => ({
      location: graph.floats([0]),
      scale: graph.apply('Mul', [volatility, graph.floats([factor])]),
      degreesOfFreedom: graph.floats([degreesOfFreedom]),
    }),
  })
}
