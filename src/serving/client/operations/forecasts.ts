/** Types of the operations under 'forecasts'; `npm run generate:client` writes them. */

export interface ForecastsOperations {
  /** Forecast from the stored bars of a symbol. */
  getForecast: {
    path: { symbol: string }
    query: { horizon?: number; level?: number; asOf?: string }
    body: undefined
    answer: {
      symbol: string
      asOf: string
      horizon: number
      model: string
      version: string
      kind: string
      trainedTo: string
      environment: 'production' | 'staging'
      referenceClose: number
      median: number
      interval80: number[]
      interval95: number[]
      probabilityUp: number
      distribution: { location: number; scale: number; degreesOfFreedom: number }
      interval: { level: number; low: number; high: number } | null
      calibrated: {
        level: number
        lower: number
        upper: number
        method: 'adaptive-conformal'
        askedLevel: number
        observedCoverage: number
        ownCoverage: number
        matured: number
      } | null
      usable: boolean
      reasons: string[]
      historical: boolean
      dataAgeSessions: number
      baseline: {
        model: string
        median: number
        interval80: number[]
        interval95: number[]
        probabilityUp: number
        distribution: { location: number; scale: number; degreesOfFreedom: number }
      } | null
    }
  }
  /** Forecasts of many symbols, or one from the caller's own bars. */
  postForecasts: {
    path: Record<never, never>
    query: Record<never, never>
    body: {
      symbols?: string[]
      symbol?: string
      bars?: {
        date: string[]
        open: number[]
        high: number[]
        low: number[]
        close: number[]
        volume: number[]
      }
      model?: string
      horizon?: number
      level?: number
      asOf?: string
    }
    answer: {
      forecasts: {
        symbol: string
        asOf: string
        horizon: number
        model: string
        version: string
        kind: string
        trainedTo: string
        environment: 'production' | 'staging'
        referenceClose: number
        median: number
        interval80: number[]
        interval95: number[]
        probabilityUp: number
        distribution: { location: number; scale: number; degreesOfFreedom: number }
        interval: { level: number; low: number; high: number } | null
        calibrated: {
          level: number
          lower: number
          upper: number
          method: 'adaptive-conformal'
          askedLevel: number
          observedCoverage: number
          ownCoverage: number
          matured: number
        } | null
        usable: boolean
        reasons: string[]
        historical: boolean
        dataAgeSessions: number
        baseline: {
          model: string
          median: number
          interval80: number[]
          interval95: number[]
          probabilityUp: number
          distribution: { location: number; scale: number; degreesOfFreedom: number }
        } | null
      }[]
      problems: { symbol: string; type: string; status: number; detail: string }[]
    }
  }
}
