/** What a feature is: a causal column with a declared reach into the past. */
import type { PriceSeries } from '../market/bars.ts'
import type { BaseColumns } from './base-columns.ts'

export interface Feature {
  readonly name: string
  /** Bars that the value of a row reads, the row's own included. */
  readonly lookback: number
  /** Rows of the base columns that the value of a row reads, its own included; left out: `lookback`. */
  readonly reach?: number
  /** One line for people: what it measures, in which unit. */
  readonly description: string
  /**
   * The column [n]: the value of row t from rows t − lookback + 1 … t only, unchanged when all
   * prices are multiplied by a constant. Rows before the lookback is filled are ignored.
   */
  readonly compute: (base: BaseColumns, bars: PriceSeries) => Float64Array
}
