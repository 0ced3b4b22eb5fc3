/** Types of the operations under 'scoring'; `npm run generate:client` writes them. */

export interface ScoringOperations {
  /** Distributions from a table of the columns of the model. */
  invoke: {
    path: Record<never, never>
    query: Record<never, never>
    body: {
      dataframe_split?: { columns?: unknown[]; index?: unknown[]; data: unknown[][] }
      dataframe_records?: Record<string, unknown>[]
      instances?: unknown[]
      inputs?: unknown
      params?: Record<string, unknown>
      signature_name?: string
    }
    answer: { predictions: { location: number; scale: number; degrees_of_freedom: number }[] }
  }
  /** Whether a model is loaded. */
  ping: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: string
  }
  /** Whether a model is loaded. */
  health: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: string
  }
  /** The MLflow release whose protocol this is. */
  getVersion: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: string
  }
}
