/** What a worker thread does for a universe; loaded by `createUniversePool`. */
import { computePanelFeatures, type PanelFeatures } from '../../features/panel-features.ts'
import type { PanelPrices } from '../../market/panel/panel-prices.ts'
import { type ForecastPartTask, forecastPart, type PartForecasts } from './forecast-part.ts'

/** Columns are shared memory: nothing is copied on the way. */
export interface FeaturesTask {
  readonly kind: 'features'
  readonly panel: PanelPrices
  readonly out: PanelFeatures
  readonly from: number
  readonly to: number
}

export type UniverseTask = FeaturesTask | ({ readonly kind: 'forecast' } & ForecastPartTask)

export async function runUniverseTask(task: UniverseTask): Promise<PartForecasts | undefined> {
  switch (task.kind) {
    case 'features':
      computePanelFeatures(task.panel, task.out, task)
      return undefined
    case 'forecast':
      return await forecastPart(task)
  }
}
