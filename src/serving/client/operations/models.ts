/** Types of the operations under 'models'; `npm run generate:client` writes them. */

export interface ModelsOperations {
  /** Registered models. */
  listModels: {
    path: Record<never, never>
    query: { limit?: number; page?: string }
    body: undefined
    answer: {
      models: {
        name: string
        description: string
        production: number | null
        staging: number | null
      }[]
      nextPage: string | null
    }
  }
  /** One model with its versions. */
  getModel: {
    path: { name: string }
    query: Record<never, never>
    body: undefined
    answer: {
      name: string
      description: string
      production: number | null
      staging: number | null
      versions: {
        version: number
        live: boolean
        description: string
        runId: string | null
        createdAt: string | null
        tags: Record<string, string>
      }[]
    }
  }
  /** Every promotion that was asked for, and what was in Production at an instant. */
  getModelHistory: {
    path: { name: string }
    query: { at?: string }
    body: undefined
    answer: {
      name: string
      at: string
      production: {
        id: string
        version: number
        environment: string
        state: string
        decision: string | null
        reasons: string[]
        requester: string
        approver: string | null
        requestedAt: string | null
        committedAt: string | null
      } | null
      promotions: {
        id: string
        version: number
        environment: string
        state: string
        decision: string | null
        reasons: string[]
        requester: string
        approver: string | null
        requestedAt: string | null
        committedAt: string | null
      }[]
    }
  }
  /** Tracked runs, newest first. */
  listRuns: {
    path: Record<never, never>
    query: { limit?: number; page?: string; experiment?: string }
    body: undefined
    answer: {
      runs: {
        id: string
        name: string
        experimentId: string
        status: string
        startedAt: string | null
        endedAt: string | null
        params: Record<string, string>
        metrics: Record<string, number | null>
        tags: Record<string, string>
      }[]
      nextPage: string | null
    }
  }
}
