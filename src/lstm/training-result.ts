/** What a training ends with. */
import type { LstmModel } from './serialise.ts'
import type { EpochEvent } from './training-request.ts'

/** A network after training, with the best epoch's weights, rounded to float32. */
export interface TrainedLstm extends LstmModel {
  readonly bestEpoch: number
  readonly bestValidationLoss: number
  readonly history: readonly EpochEvent[]
}
