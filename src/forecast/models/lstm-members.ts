/** The networks of an LSTM ensemble: each can be trained by itself, here or in another thread. */
import { canonicalJson } from '../../canonical-json.ts'
import { selectEngine } from '../../lstm/engines.ts'
import { type ParallelTrainingRequest, trainLstmParallel } from '../../lstm/parallel.ts'
import { deserialiseLstm, type SerialisedLstm, serialiseLstm } from '../../lstm/serialise.ts'
import { trainLstm } from '../../lstm/train.ts'
import type { EpochEvent, TrainingOptions } from '../../lstm/training-request.ts'
import type { TrainedLstm } from '../../lstm/training-result.ts'
import type { FitRequest } from '../forecaster.ts'
import { architectureOf, type LstmOptions, trainingOptionsOf } from './lstm-options.ts'
import { prepareTraining, type TrainingSamples } from './lstm-samples.ts'

/**
 * Trains one network of the ensemble.
 *
 * It holds out its block of validation sessions and notes in which epoch it forecasts them best. With
 * `refit` it then begins anew, from the same random start and with the same learning rates, and takes
 * as many epochs over all windows, so that the most recent sessions are learnt from too. With
 * `warmStartEpochs`, and an earlier fit to go on from, it takes so many epochs over all windows instead.
 *
 * @throws {TickerflowError} DATA_INSUFFICIENT; what training throws.
 */
export function trainMember(
  request: FitRequest,
  options: LstmOptions,
  member: number,
): SerialisedLstm {
  const plan = planMember(request, options, member)
  const found = trainLstm(plan.search)
  return serialiseLstm(plan.isRefitted ? trainLstm(refitRequest(plan, found)) : found)
}

/** The same, to the same bits, on as many threads as pay. @param cores At most so many. */
export async function trainMemberOnThreads(
  request: FitRequest,
  options: LstmOptions,
  { member, cores }: { readonly member: number; readonly cores: number },
): Promise<SerialisedLstm> {
  const plan = planMember(request, options, member)
  const train = (training: ParallelTrainingRequest) => trainLstmParallel({ ...training, cores })
  const found = await train(plan.search)
  return serialiseLstm(plan.isRefitted ? await train(refitRequest(plan, found)) : found)
}

interface MemberPlan {
  readonly search: ParallelTrainingRequest
  readonly samples: TrainingSamples
  readonly learningRate: number
  readonly isRefitted: boolean
}

function planMember(request: FitRequest, options: LstmOptions, member: number): MemberPlan {
  const samples = prepareTraining(request, options, member % options.validationBlocks)
  const { rows, train, validation } = samples
  const initial = earlierWeights(request, options, member)
  const search = {
    rows,
    // What was held out before has been learnt from since: it cannot say when to stop any more.
    train: initial === undefined ? train : samples.all,
    validation,
    label: `lstm of ${request.symbol}, network ${member}`,
    architecture: architectureOf(options),
    loss: { kind: 'student-t' } as const,
    options: initial === undefined ? trainingOptionsOf(options) : warmTrainingOf(options),
    ...(initial === undefined ? {} : { initial }),
    random: request.random.fork(`seed ${member}`),
    engine: selectEngine(options.engine),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    onEvent: (event: EpochEvent) => request.onEvent?.({ ...event, member }),
  }
  const isRefitted = options.refit && initial === undefined
  return { search, samples, learningRate: options.learningRate, isRefitted }
}

/** The network's weights after an earlier fit; `undefined` where it begins anew. */
function earlierWeights(
  { initial }: FitRequest,
  options: LstmOptions,
  member: number,
): Float32Array | undefined {
  if (options.warmStartEpochs === undefined || initial?.model !== 'lstm') return undefined
  const { networks } = initial.state as { readonly networks: readonly SerialisedLstm[] }
  const network = networks[member]
  if (network === undefined) return undefined
  const { architecture, weights } = deserialiseLstm(network)
  const isSame = canonicalJson(architecture) === canonicalJson(architectureOf(options))
  return isSame ? weights : undefined
}

/** So many epochs over all windows; nothing decides when to stop. */
function warmTrainingOf(options: LstmOptions): Omit<TrainingOptions, 'keep'> & { keep: 'last' } {
  const epochs = options.warmStartEpochs ?? options.epochs
  return { ...trainingOptionsOf({ ...options, epochs, patience: epochs }), keep: 'last' }
}

function refitRequest(
  { search, samples, learningRate }: MemberPlan,
  { bestEpoch, history }: TrainedLstm,
): ParallelTrainingRequest {
  const { onEvent: _told, ...silent } = search
  const fractions = history.map((epoch) => epoch.learningRate / learningRate)
  const schedule = { kind: 'given', fractions } as const
  const options = { ...search.options, epochs: Math.max(1, bestEpoch), schedule }
  return { ...silent, train: samples.all, options: { ...options, keep: 'last' } }
}
