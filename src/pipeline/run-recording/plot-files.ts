/** Plots as artifacts of a run, each as SVG and as PNG. */
import type { Plot } from '../../evaluation/report/plots.ts'
import type { TrackingStore } from '../../tracking/tracking-store.ts'
import { loadRasteriser } from './rasterise.ts'

const FOLDER = 'plots'

export async function writePlots(
  tracking: TrackingStore,
  runId: string,
  plots: readonly Plot[],
): Promise<void> {
  if (plots.length === 0) return
  const rasterise = await loadRasteriser()
  for (const { name, svg } of plots) {
    await tracking.writeArtifact(runId, `${FOLDER}/${name}.svg`, svg)
    await tracking.writeArtifact(runId, `${FOLDER}/${name}.png`, rasterise(svg))
  }
}
