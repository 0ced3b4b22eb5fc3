/** Types of the operations under 'monitoring'; `npm run generate:client` writes them. */

export interface MonitoringOperations {
  /** The latest monitoring report of a model, and those before it. */
  getMonitoring: {
    path: { name: string }
    query: { limit?: number }
    body: undefined
    answer: {
      latest: {
        id: string
        at: string
        symbol: string
        model: string
        liveVersion: number | null
        modelAgeSeconds: number | null
        data: {
          lastSession: string | null
          ageSessions: number | null
          ageSeconds: number | null
          blocking: number
          warnings: number
        }
        outcomes: {
          matured: number
          pending: number
          unmatched: number
          closed: number
          restated: number
        }
        performance: {
          model: string
          version: number
          role: string
          symbol: string
          horizon: number
          matured: number
          pending: number
          lastAsOf: string | null
          crps: number | null
          nll: number | null
          coverage80: number | null
          coverage95: number | null
          directionalAccuracy: number | null
          skill: Record<string, { n: number; skillRatio: number; interval: number[] | null }>
          change: Record<
            string,
            { statistic: number; threshold: number; alarm: boolean; since: string | null }
          >
          calibration: { pitCounts: number[]; uniformP: number | null }
          estimated: {
            pendingCrps: number | null
            maturedCrps: number | null
            realisedRatio: number | null
          }
        }[]
        regret: {
          role: string
          model: string
          version: number
          horizon: number
          n: number
          regret: number
        }[]
        drift: {
          verdict: 'stable' | 'drift' | 'unknown'
          reasons: string[]
          scores: Record<string, number>
          window?: number
          drifted?: number
          since?: string | null
        }
        notes: string[]
        previousId: string | null
      } | null
      history: {
        id: string
        at: string
        symbol: string
        model: string
        liveVersion: number | null
        modelAgeSeconds: number | null
        data: {
          lastSession: string | null
          ageSessions: number | null
          ageSeconds: number | null
          blocking: number
          warnings: number
        }
        outcomes: {
          matured: number
          pending: number
          unmatched: number
          closed: number
          restated: number
        }
        performance: {
          model: string
          version: number
          role: string
          symbol: string
          horizon: number
          matured: number
          pending: number
          lastAsOf: string | null
          crps: number | null
          nll: number | null
          coverage80: number | null
          coverage95: number | null
          directionalAccuracy: number | null
          skill: Record<string, { n: number; skillRatio: number; interval: number[] | null }>
          change: Record<
            string,
            { statistic: number; threshold: number; alarm: boolean; since: string | null }
          >
          calibration: { pitCounts: number[]; uniformP: number | null }
          estimated: {
            pendingCrps: number | null
            maturedCrps: number | null
            realisedRatio: number | null
          }
        }[]
        regret: {
          role: string
          model: string
          version: number
          horizon: number
          n: number
          regret: number
        }[]
        drift: {
          verdict: 'stable' | 'drift' | 'unknown'
          reasons: string[]
          scores: Record<string, number>
          window?: number
          drifted?: number
          since?: string | null
        }
        notes: string[]
        previousId: string | null
      }[]
    }
  }
  /** Lines of the forecast ledger, the newest first, and the ends of its chains. */
  getLedger: {
    path: Record<never, never>
    query: { chain?: string; before?: number; limit?: number }
    body: undefined
    answer: {
      lines: {
        chain: string
        seq: number
        symbol: string
        horizon: number
        model: string
        version: number
        role: string
        asOf: string
        issuedAt: string
        location: number
        scale: number
        degreesOfFreedom: number | null
        referenceClose: number
        inputs: string
        late: boolean
        hash: string
      }[]
      heads: { chain: string; seq: number; hash: string }[]
      digest: string
    }
  }
  /** Alerts, the newest first. */
  listAlerts: {
    path: Record<never, never>
    query: { all?: boolean; limit?: number }
    body: undefined
    answer: {
      alerts: {
        id: string
        rule:
          | 'data-stale'
          | 'data-blocked'
          | 'drift'
          | 'worse-than-baseline'
          | 'coverage-off'
          | 'job-failed'
        subject: string
        severity: 'info' | 'warning' | 'critical'
        summary: string
        raisedAt: string
        seenAt: string
        resolvedAt: string | null
        acknowledgedAt: string | null
        acknowledgedBy: string | null
      }[]
      waiting: { channel: string; waiting: number; error: string | null }[]
    }
  }
  /** Say that somebody is at it: no more reminders. */
  acknowledgeAlert: {
    path: { id: string }
    query: Record<never, never>
    body: undefined
    answer: {
      id: string
      rule:
        | 'data-stale'
        | 'data-blocked'
        | 'drift'
        | 'worse-than-baseline'
        | 'coverage-off'
        | 'job-failed'
      subject: string
      severity: 'info' | 'warning' | 'critical'
      summary: string
      raisedAt: string
      seenAt: string
      resolvedAt: string | null
      acknowledgedAt: string | null
      acknowledgedBy: string | null
    }
  }
  /** Forecasts of a symbol that were issued, the newest first, with their outcomes. */
  getIssuedForecasts: {
    path: { symbol: string }
    query: { role?: 'champion' | 'shadow' | 'previous' | 'baseline' | 'supplied'; limit?: number }
    body: undefined
    answer: {
      symbol: string
      forecasts: {
        asOf: string
        horizon: number
        model: string
        version: number
        role: string
        issuedAt: string
        referenceClose: number
        median: number
        low80: number
        high80: number
        low95: number
        high95: number
        outcome: number | null
        crps: number | null
      }[]
    }
  }
}
