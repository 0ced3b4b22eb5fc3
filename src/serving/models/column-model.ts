/**
 * A forecaster fed with the named columns of its ONNX export, for the inference protocols: the same
 * engine as every other forecast, another way in.
 */
import type { FeatureFrame } from '../../features/feature-frame.ts'
import type { StudentTDistribution } from '../../forecast/forecast.ts'
import type { FittedForecaster, SerialisedForecaster } from '../../forecast/forecaster.ts'
import { columnsOf } from '../../forecast/model-catalogue.ts'
import { garchFromVariance } from '../../forecast/models/garch.ts'

export interface ColumnModel {
  /** `<feature>_lag<k>`, in the order of the ONNX export's input. */
  readonly names: readonly string[]
  /**
   * @param row One value per column.
   * @returns `undefined` for values that no market has, such as a negative variance.
   */
  predict(row: ArrayLike<number>): StudentTDistribution | undefined
}

const GARCH_STATE = 'conditionalVariance_lag0'

export function createColumnModel(
  saved: SerialisedForecaster,
  forecaster: FittedForecaster,
): ColumnModel {
  const names = columnsOf(saved)
  if (names.includes(GARCH_STATE)) return fromState(names, saved)
  const places = names.map(placeOf)
  const rows = Math.max(...places.map(({ lag }) => lag)) + 1
  return { names, predict: (row) => sound(forecastRow({ places, rows, forecaster }, row)) }
}

function fromState(names: readonly string[], saved: SerialisedForecaster): ColumnModel {
  const distribution = garchFromVariance(saved)
  return { names, predict: (row) => sound(distribution(row[0] as number)) }
}

interface ColumnPlace {
  readonly feature: string
  readonly lag: number
}

function placeOf(name: string): ColumnPlace {
  const at = name.lastIndexOf('_lag')
  return { feature: name.slice(0, at), lag: Number(name.slice(at + 4)) }
}

interface RowReader {
  readonly places: readonly ColumnPlace[]
  readonly rows: number
  readonly forecaster: FittedForecaster
}

/** Lays the columns out as the last rows of a frame; its dates and prices are not read. */
function forecastRow(
  { places, rows, forecaster }: RowReader,
  row: ArrayLike<number>,
): StudentTDistribution | undefined {
  const columns = new Map<string, Float64Array>()
  places.forEach(({ feature, lag }, i) => {
    const column = columns.get(feature) ?? new Float64Array(rows).fill(Number.NaN)
    column[rows - 1 - lag] = row[i] as number
    columns.set(feature, column)
  })
  const frame: FeatureFrame = {
    symbol: '',
    date: new Int32Array(rows),
    close: new Float64Array(rows).fill(1),
    columns,
  }
  return forecaster.forecast(frame, rows - 1)?.distribution
}

function sound(distribution: StudentTDistribution | undefined): StudentTDistribution | undefined {
  if (distribution === undefined) return undefined
  const { location, scale, degreesOfFreedom } = distribution
  const isSound = Number.isFinite(location) && Number.isFinite(scale) && scale > 0
  return isSound && degreesOfFreedom > 0 ? distribution : undefined
}
