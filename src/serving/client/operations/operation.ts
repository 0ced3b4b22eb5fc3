/** Types of the operations under 'operation'; `npm run generate:client` writes them. */

export interface OperationOperations {
  /** Whether the process runs. */
  isLive: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: { live: boolean }
  }
  /** Whether a model in Production is loaded. */
  isReady: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: { ready: boolean; models: { name: string; version: number }[]; reasons: string[] }
  }
  /** Metrics in the text format of Prometheus. */
  getMetrics: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: string
  }
}
