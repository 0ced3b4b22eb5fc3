/** Types of every operation of the server; `npm run generate:client` writes them. */

export interface Operations {
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
  /** Name and version of the server. */
  getServerMetadata: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: { name: string; version: string; extensions: string[] }
  }
  /** Whether the server is live. */
  isServerLive: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: { live: boolean; ready: boolean }
  }
  /** Whether the server is ready. */
  isServerReady: {
    path: Record<never, never>
    query: Record<never, never>
    body: undefined
    answer: { live: boolean; ready: boolean }
  }
  /** Models in memory. */
  getRepositoryIndex: {
    path: Record<never, never>
    query: Record<never, never>
    body: { ready?: boolean } | null
    answer: { name: string; version: string; state: string; reason: string }[]
  }
  /** Inputs and outputs of a model. */
  getModelMetadata: {
    path: { model: string }
    query: Record<never, never>
    body: undefined
    answer: {
      name: string
      versions: string[]
      platform: string
      inputs: { name: string; datatype: string; shape: number[] }[]
      outputs: { name: string; datatype: string; shape: number[] }[]
      properties: { columns: string }
    }
  }
  /** Whether a model can answer. */
  isModelReady: {
    path: { model: string }
    query: Record<never, never>
    body: undefined
    answer: { name: string; ready: boolean }
  }
  /** Distributions from the columns of the model. */
  infer: {
    path: { model: string }
    query: Record<never, never>
    body: {
      id?: string
      parameters?: Record<string, unknown>
      inputs: {
        name: string
        shape: number[]
        datatype: string
        parameters?: Record<string, unknown>
        data: unknown[]
      }[]
      outputs?: { name: string; parameters?: Record<string, unknown> }[]
    }
    answer: {
      model_name: string
      model_version: string
      id?: string
      outputs: { name: string; shape: number[]; datatype: string; data: number[] }[]
    }
  }
  /** Inputs and outputs of a model. */
  getModelMetadataVersion: {
    path: { model: string; version: string }
    query: Record<never, never>
    body: undefined
    answer: {
      name: string
      versions: string[]
      platform: string
      inputs: { name: string; datatype: string; shape: number[] }[]
      outputs: { name: string; datatype: string; shape: number[] }[]
      properties: { columns: string }
    }
  }
  /** Whether a model can answer. */
  isModelReadyVersion: {
    path: { model: string; version: string }
    query: Record<never, never>
    body: undefined
    answer: { name: string; ready: boolean }
  }
  /** Distributions from the columns of the model. */
  inferVersion: {
    path: { model: string; version: string }
    query: Record<never, never>
    body: {
      id?: string
      parameters?: Record<string, unknown>
      inputs: {
        name: string
        shape: number[]
        datatype: string
        parameters?: Record<string, unknown>
        data: unknown[]
      }[]
      outputs?: { name: string; parameters?: Record<string, unknown> }[]
    }
    answer: {
      model_name: string
      model_version: string
      id?: string
      outputs: { name: string; shape: number[]; datatype: string; data: number[] }[]
    }
  }
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
          skill: Record<string, { n: number; skillRatio: number; interval: unknown[] | null }>
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
          skill: Record<string, { n: number; skillRatio: number; interval: unknown[] | null }>
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
