/** Types of every operation of the server; `npm run generate:client` writes them. */
import type { ForecastsOperations } from './operations/forecasts.ts'
import type { InferenceOperations } from './operations/inference.ts'
import type { MarketOperations } from './operations/market.ts'
import type { ModelsOperations } from './operations/models.ts'
import type { MonitoringOperations } from './operations/monitoring.ts'
import type { OperationOperations } from './operations/operation.ts'
import type { ScoringOperations } from './operations/scoring.ts'

export interface Operations
  extends ForecastsOperations,
    InferenceOperations,
    MarketOperations,
    ModelsOperations,
    MonitoringOperations,
    OperationOperations,
    ScoringOperations {}
