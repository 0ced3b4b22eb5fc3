/** The table that every forecaster reads: causal columns of one symbol, aligned with its sessions. */

export interface FeatureFrame {
  readonly symbol: string
  /** Days since 1970-01-01 [n]. */
  readonly date: Int32Array
  /** Closing prices [n], the reference of every forecast. */
  readonly close: Float64Array
  /** Feature columns by name, each [n]; NaN until the feature's lookback is filled. */
  readonly columns: ReadonlyMap<string, Float64Array>
}

/** The named column. @throws {RangeError} When the frame lacks it; lists what it has. */
export function frameColumn(frame: FeatureFrame, name: string): Float64Array {
  const column = frame.columns.get(name)
  if (column === undefined) {
    const known = [...frame.columns.keys()].join(', ')
    throw new RangeError(
      `No feature column '${name}' in the frame of ${frame.symbol}; it has: ${known}`,
    )
  }
  return column
}
