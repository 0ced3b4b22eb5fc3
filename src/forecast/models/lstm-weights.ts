/** Parts the LSTM's weights from its state, for files, and puts them back. */
import { TickerflowError } from '../../errors.ts'
import { attachWeights, detachWeights } from '../../lstm/formats/network-tensors.ts'
import type { DetachedForecaster, SerialisedForecaster } from '../forecaster.ts'
import { parseLstmState } from './lstm.ts'

export function detachLstm(saved: SerialisedForecaster): DetachedForecaster {
  const state = parseLstmState(saved)
  const { headers, file } = detachWeights(state.networks)
  return { saved: { ...saved, state: { ...state, networks: headers } }, weights: file }
}

/** @throws {TickerflowError} MODEL_DAMAGED; says what does not fit. */
export function attachLstm({ saved, weights }: DetachedForecaster): SerialisedForecaster {
  const state = parseLstmState(saved)
  if (weights === undefined) {
    throw new TickerflowError(
      'MODEL_DAMAGED',
      'The manifest of an LSTM came without its weights. Restore the file from a good copy, or ' +
        'train again.',
    )
  }
  const networks = attachWeights({ headers: state.networks, file: weights })
  return { ...saved, state: { ...state, networks } }
}
