/** Types of the operations under 'operation'; `npm run generate:client` writes them. */

export interface OperationOperations {
  /** Lines of the audit log, the newest first. */
  getAudit: {
    path: Record<never, never>
    query: { before?: number; limit?: number }
    body: undefined
    answer: {
      lines: {
        line: number
        at: string
        event: string
        fields: Record<string, unknown>
        hash: string
      }[]
    }
  }
  /** Recomputes the chains of the audit log and of the ledger. */
  verifyRecords: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: {
      audit: { state: 'intact' | 'broken' | 'unchecked'; lines: number; detail: string }
      ledger: { state: 'intact' | 'broken' | 'unchecked'; lines: number; detail: string }
    }
  }
  /** Schedules, jobs and retrainings, the newest first. */
  listJobs: {
    path: Record<never, never>
    query: { limit?: number }
    body: undefined
    answer: {
      schedules: {
        kind: 'ingest' | 'monitor' | 'retrain' | 'forecast' | 'backup'
        symbol: string
        rule: string
        next: string | null
      }[]
      jobs: {
        id: number
        kind: 'ingest' | 'monitor' | 'retrain' | 'forecast' | 'backup'
        symbol: string
        dueAt: string
        state: 'waiting' | 'running' | 'done' | 'failed' | 'missed'
        attempts: number
        startedAt: string | null
        endedAt: string | null
        outcome: string | null
      }[]
      retrainings: {
        id: string
        model: string
        symbol: string
        trigger: string
        reason: string
        state: 'training' | 'shadow' | 'decided' | 'failed'
        startedAt: string
        trainedTo: string | null
        version: number | null
        outcome: string | null
      }[]
    }
  }
  /** What happens, as server-sent events: promotion, forecasts, monitoring-report, alerts. */
  listenToEvents: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: string
  }
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
  /** Who the browser is signed in as. */
  getSession: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: {
      principal: string | null
      scopes: ('read' | 'predict' | 'admin')[]
      needsSignIn: boolean
      csrfToken: string | null
    }
  }
  /** Exchange an API key or a token for a session cookie. */
  signIn: {
    path: Record<never, never>
    query: Record<never, never>
    body: { credential: string }
    answer: {
      principal: string | null
      scopes: ('read' | 'predict' | 'admin')[]
      needsSignIn: boolean
      csrfToken: string | null
    }
  }
  /** End the session. */
  signOut: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: {
      principal: string | null
      scopes: ('read' | 'predict' | 'admin')[]
      needsSignIn: boolean
      csrfToken: string | null
    }
  }
}
