/** The features of many symbols, by the same code as one symbol's, into columns that threads share. */
import { type PanelPrices, seriesAt } from '../market/panel/panel-prices.ts'
import { buildFeatureFrame } from './build-frame.ts'
import type { Feature } from './feature.ts'
import { type FeatureFrame, frameColumn } from './feature-frame.ts'
import { FEATURES } from './feature-set.ts'

/** Columns of features of a panel's rows, in float32, which is what the network reads. */
export interface PanelFeatures {
  readonly names: readonly string[]
  /** One column [rows] per name. */
  readonly columns: readonly Float32Array[]
}

/** The declared features of those names. @throws {RangeError} On an unknown one; lists the known. */
export function featuresNamed(names: readonly string[]): readonly Feature[] {
  return names.map((name) => {
    const feature = FEATURES.find((candidate) => candidate.name === name)
    if (feature !== undefined) return feature
    const known = FEATURES.map((candidate) => candidate.name).join(', ')
    throw new RangeError(`Unknown feature '${name}'. Declared features: ${known}`)
  })
}

/** Columns of NaN for `rows` rows, in shared memory: 4 bytes per value. */
export function allocateFeatures(names: readonly string[], rows: number): PanelFeatures {
  const columns = names.map(() =>
    new Float32Array(new SharedArrayBuffer(4 * rows)).fill(Number.NaN),
  )
  return { names, columns }
}

/** The frame of one symbol of a panel. */
export function panelFrame(
  panel: PanelPrices,
  index: number,
  features: readonly Feature[],
): FeatureFrame {
  return buildFeatureFrame(seriesAt(panel, index), features)
}

/**
 * Computes the features of the panel's symbols `from … to − 1` into `out`, at the panel's own rows.
 * Symbols don't touch each other's rows, so that threads may divide them.
 *
 * Cost: a quarter of a microsecond per row for 15 features. Memory: one symbol's frame.
 */
export function computePanelFeatures(
  panel: PanelPrices,
  out: PanelFeatures,
  { from = 0, to = panel.symbols.length }: { readonly from?: number; readonly to?: number } = {},
): void {
  const features = featuresNamed(out.names)
  for (let index = from; index < to; index++) {
    const frame = panelFrame(panel, index, features)
    const row = panel.offset[index] as number
    for (const [at, name] of out.names.entries()) {
      out.columns[at]?.set(frameColumn(frame, name), row)
    }
  }
}
