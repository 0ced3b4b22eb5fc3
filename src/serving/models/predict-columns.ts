/** Distributions for rows of columns, as the inference protocols ask for them. */
import type { StudentTDistribution } from '../../forecast/forecast.ts'
import { Refusal } from '../refusal.ts'
import type { ServedModel } from './served-model.ts'

/** @throws {Refusal} On a row from which no distribution follows; names the row. */
export function predictColumns(
  { name, columns }: ServedModel,
  rows: readonly ArrayLike<number>[],
): StudentTDistribution[] {
  return rows.map((row, index) => {
    const distribution = columns.predict(row)
    if (distribution !== undefined) return distribution
    const detail = `${name} gives no forecast for row ${index}: a value is missing or out of range.`
    throw new Refusal({ status: 422, type: 'data-insufficient', detail })
  })
}
