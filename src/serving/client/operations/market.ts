/** Types of the operations under 'market'; `npm run generate:client` writes them. */

export interface MarketOperations {
  /** Symbols with bars, and the version that forecasts each. */
  listSymbols: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: {
      symbols: {
        symbol: string
        source: string
        first: string | null
        last: string | null
        rows: number | null
        digest: string | null
        model: string
        production: number | null
      }[]
    }
  }
  /** Stored daily bars, by column. */
  getBars: {
    path: { symbol: string }
    query: { from?: string; to?: string }
    body: undefined
    answer: {
      symbol: string
      source: string
      basis: string
      digest: string
      historical: boolean
      date: string[]
      open: number[]
      high: number[]
      low: number[]
      close: number[]
      volume: number[]
    }
  }
}
