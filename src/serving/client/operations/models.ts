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
        kind: string
        state: string
        awaitsApproval: boolean
        decision: string | null
        reasons: string[]
        claims: {
          claim: string
          required: boolean
          standing: string
          statement: string
          p: number | null
          threshold: number | null
        }[]
        reason: string | null
        requester: string
        approver: string | null
        requestedAt: string | null
        expiresAt: string | null
        committedAt: string | null
      } | null
      promotions: {
        id: string
        version: number
        environment: string
        kind: string
        state: string
        awaitsApproval: boolean
        decision: string | null
        reasons: string[]
        claims: {
          claim: string
          required: boolean
          standing: string
          statement: string
          p: number | null
          threshold: number | null
        }[]
        reason: string | null
        requester: string
        approver: string | null
        requestedAt: string | null
        expiresAt: string | null
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
  /** The model card of a version. */
  getModelCard: {
    path: { name: string; version: number }
    query: Record<never, never>
    body: undefined
    answer: { name: string; version: number; card: string }
  }
  /** What tells two versions of a model apart. */
  compareVersions: {
    path: { name: string }
    query: { a: number; b: number }
    body: undefined
    answer: {
      model: string
      a: number
      b: number
      sameRecipe: boolean
      sameWeights: boolean
      differences: {
        section: string
        name: string
        a: string | number | null
        b: string | number | null
      }[]
    }
  }
  /** Put a version to the gate; with `override`, past it on the record. */
  promoteVersion: {
    path: { name: string }
    query: Record<never, never>
    body: { version: number; to: 'staging' | 'production'; override?: { reason: string } }
    answer: {
      promotions: {
        id: string
        version: number
        environment: string
        kind: string
        state: string
        awaitsApproval: boolean
        decision: string | null
        reasons: string[]
        claims: {
          claim: string
          required: boolean
          standing: string
          statement: string
          p: number | null
          threshold: number | null
        }[]
        reason: string | null
        requester: string
        approver: string | null
        requestedAt: string | null
        expiresAt: string | null
        committedAt: string | null
      }[]
    }
  }
  /** Approve a promotion that somebody else has asked for. */
  approvePromotion: {
    path: { name: string }
    query: Record<never, never>
    body: { promotion: string }
    answer: {
      id: string
      version: number
      environment: string
      kind: string
      state: string
      awaitsApproval: boolean
      decision: string | null
      reasons: string[]
      claims: {
        claim: string
        required: boolean
        standing: string
        statement: string
        p: number | null
        threshold: number | null
      }[]
      reason: string | null
      requester: string
      approver: string | null
      requestedAt: string | null
      expiresAt: string | null
      committedAt: string | null
    }
  }
  /** End a promotion that waits for approval. */
  rejectPromotion: {
    path: { name: string }
    query: Record<never, never>
    body: { promotion: string; reason: string }
    answer: {
      id: string
      version: number
      environment: string
      kind: string
      state: string
      awaitsApproval: boolean
      decision: string | null
      reasons: string[]
      claims: {
        claim: string
        required: boolean
        standing: string
        statement: string
        p: number | null
        threshold: number | null
      }[]
      reason: string | null
      requester: string
      approver: string | null
      requestedAt: string | null
      expiresAt: string | null
      committedAt: string | null
    }
  }
  /** Make live again what was live before; needs neither gate nor approval. */
  rollBack: {
    path: { name: string }
    query: Record<never, never>
    body: { environment: 'staging' | 'production'; to?: number; reason: string }
    answer: {
      id: string
      version: number
      environment: string
      kind: string
      state: string
      awaitsApproval: boolean
      decision: string | null
      reasons: string[]
      claims: {
        claim: string
        required: boolean
        standing: string
        statement: string
        p: number | null
        threshold: number | null
      }[]
      reason: string | null
      requester: string
      approver: string | null
      requestedAt: string | null
      expiresAt: string | null
      committedAt: string | null
    }
  }
}
