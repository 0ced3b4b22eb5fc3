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
  /** What happens, as server-sent events: promotion, forecasts, monitoring-report. */
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
