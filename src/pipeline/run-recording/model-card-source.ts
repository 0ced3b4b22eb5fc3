/** What a model card is written from. */
import type { FoldSpan } from '../../evaluation/backtest.ts'
import type { Judgement } from '../../evaluation/judgement.ts'
import type { TrainingEvent } from '../../forecast/forecaster.ts'
import type { GateVerdict } from '../../registry/gate-verdict.ts'
import type { ModelVersionRef, StringMap } from '../../tracking/tracking-store.ts'
import type { CheckedBars } from '../market-data.ts'
import type { Recipe } from '../recipe.ts'

export interface CardSource {
  readonly version: ModelVersionRef
  /** The version that it was judged against as the champion. */
  readonly parentVersion: number | undefined
  readonly recipe: Recipe
  readonly panel: readonly CheckedBars[]
  /** Last session learnt from, `YYYY-MM-DD`. */
  readonly trainedTo: string
  readonly historical: boolean
  readonly training: readonly TrainingEvent[]
  readonly run: { readonly id: string; readonly experiment: string; readonly tags: StringMap }
  /** Absent for a version that was only trained. */
  readonly judged?: CardJudgement
  /** Markdown lines of sections that other parts of the program write. */
  readonly sections?: CardSections
}

export interface CardJudgement {
  readonly candidate: string
  readonly folds: readonly FoldSpan[]
  readonly refit: string
  readonly judgement: Judgement
  readonly gate: Pick<GateVerdict, 'decision' | 'reasons' | 'claims'>
}

/** Each is left out of the card when it is absent or empty. */
export interface CardSections {
  /** How much luck is in the choice of the recipe among those tried. */
  readonly selection?: readonly string[]
  /** Verdicts on the further horizons. */
  readonly horizons?: readonly string[]
}
