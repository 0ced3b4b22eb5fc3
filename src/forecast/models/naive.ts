/** The random walk: the return has a constant distribution, whatever happened lately. */
import { Type } from 'typebox'
import { fitStudentT } from '../../numerics/student-t-fit.ts'
import type { StudentTDistribution } from '../forecast.ts'
import { createForecast } from '../forecast.ts'
import type {
  FitRequest,
  FittedForecaster,
  Forecaster,
  SerialisedForecaster,
} from '../forecaster.ts'
import { exportForecaster, type OnnxForecaster } from '../onnx/forecast-graph.ts'
import { laggedFeature } from '../onnx/input-columns.ts'
import { PositiveNumber, parseSavedState } from '../saved-state.ts'
import { assertEnoughRows, fittingRows, labelsOf, ownFrame } from '../training-rows.ts'

/** Fewest labels that a Student-t is fitted to. */
const MINIMUM_ROWS = 60

/**
 * Random walk with historical scale: location 0, Student-t fitted by maximum likelihood to the
 * returns of the training span. The benchmark that everything must beat.
 */
export const naive: Forecaster = {
  name: 'naive',
  options: {},
  fit: (request) => fitConstant('naive', request, 0),
}

/** The same with the historical mean as location. */
export const drift: Forecaster = {
  name: 'drift',
  options: {},
  fit: (request) => fitConstant('drift', request),
}

function fitConstant(model: string, request: FitRequest, location?: number): FittedForecaster {
  const frame = ownFrame(request)
  const rows = fittingRows(request, [])
  assertEnoughRows(request, model, { rows: rows.length, needed: MINIMUM_ROWS })
  const labels = labelsOf(frame, rows, request.horizon)
  const fitted = fitStudentT(labels, location === undefined ? {} : { location })
  return constantForecaster(model, request.horizon, fitted)
}

function constantForecaster(
  model: string,
  horizon: number,
  distribution: StudentTDistribution,
): FittedForecaster {
  return {
    model,
    horizon,
    lookback: 1,
    frameRows: 1,
    forecast: (frame, at) => createForecast({ frame, at, horizon, distribution }),
    serialise: () => ({ model, horizon, state: distribution }),
  }
}

const State = Type.Object({
  location: Type.Number(),
  scale: PositiveNumber,
  degreesOfFreedom: PositiveNumber,
})

export function restoreConstant(saved: SerialisedForecaster): FittedForecaster {
  return constantForecaster(saved.model, saved.horizon, parseSavedState(State, saved))
}

/** Constants. Of the one column `weekday_lag0`, there on every session, only the rows count. */
export function constantOnnx(saved: SerialisedForecaster): OnnxForecaster {
  const { location, scale, degreesOfFreedom } = parseSavedState(State, saved)
  return exportForecaster({
    ...saved,
    columns: [laggedFeature('weekday')],
    build: (graph) => ({
      location: graph.floats([location]),
      scale: graph.floats([scale]),
      degreesOfFreedom: graph.floats([degreesOfFreedom]),
    }),
  })
}
