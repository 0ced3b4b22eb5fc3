/** Columnar daily bars of one symbol: what everything downstream reads. */

/** What the prices mean; series of different bases are never mixed. */
export type PriceBasis = 'raw' | 'split-adjusted' | 'total-return'

export interface Dividend {
  /** Ex-date, days since 1970-01-01. */
  readonly day: number
  /** Cash per share, in the currency and basis of the prices. */
  readonly amount: number
}

export interface Split {
  /** First session at the new price level, days since 1970-01-01. */
  readonly day: number
  /** New shares per old share: 2 for a 2:1 split, 0.1 for a 1:10 reverse split. */
  readonly ratio: number
}

/** The columns of a daily series, before it has been given an identity. */
export interface BarColumns {
  /** Days since 1970-01-01 [n], strictly increasing in a valid series. */
  readonly date: Int32Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  /** Shares [n]. */
  readonly volume: Float64Array
  /** The vendor's own adjusted close [n], kept only to be checked against; never a feature. */
  readonly vendorAdjustedClose?: Float64Array
}

/** Bars of one symbol without their identity: enough to compute with. */
export interface PriceSeries extends BarColumns {
  readonly symbol: string
}

/** Immutable daily bars of one symbol. Build with `createBars`. */
export interface Bars extends PriceSeries {
  readonly basis: PriceBasis
  /** Where the bars came from, for people: `sample`, `yahoo`, `csv:prices.csv`. */
  readonly source: string
  readonly dividends: readonly Dividend[]
  readonly splits: readonly Split[]
  /** SHA-256 (hex) of the canonical bytes: symbol, basis, columns, events; not the source. */
  readonly digest: string
}
