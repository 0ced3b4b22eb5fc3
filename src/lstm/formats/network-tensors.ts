/** Stored networks of an ensemble as one safetensors file, named as PyTorch names them. */
import { TickerflowError } from '../../errors.ts'
import { type ParameterTensor, parameterCount, parameterTensors } from '../parameters.ts'
import {
  assertStoredNetwork,
  deserialiseLstm,
  type SerialisedLstm,
  serialiseLstm,
} from '../serialise.ts'
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from './safetensors.ts'

/** A stored network without its weights: what a manifest says of it. */
export type StoredNetworkHeader = Omit<SerialisedLstm, 'weights'>

interface DetachedNetworks {
  readonly headers: readonly StoredNetworkHeader[]
  /** The safetensors file: `network0.lstm.weight_ih_l0`, …, `network1.head.bias`. */
  readonly file: Uint8Array
}

/** Parts weights from headers. @throws {TickerflowError} MODEL_DAMAGED when a network is. */
export function detachWeights(networks: readonly SerialisedLstm[]): DetachedNetworks {
  const tensors = networks.flatMap((network, index) => {
    const { architecture, weights } = deserialiseLstm(network)
    return parameterTensors(architecture).map(({ name, shape, offset, length }) => ({
      name: tensorName(index, name),
      shape,
      values: weights.subarray(offset, offset + length),
    }))
  })
  const headers = networks.map(({ weights: _, ...header }) => header)
  return { headers, file: encodeSafetensors(tensors) }
}

/**
 * Puts the weights of a safetensors file back to their headers.
 *
 * @throws {TickerflowError} MODEL_DAMAGED when the file is, when a tensor is missing, too many or of
 *   another shape, or when a network's weights have another digest than its header says.
 */
export function attachWeights({ headers, file }: DetachedNetworks): SerialisedLstm[] {
  const tensors = decodeSafetensors(file)
  const networks = headers.map((header, index) => {
    assertStoredNetwork(header)
    const { architecture, loss, engine } = header
    const parameters = parameterTensors(architecture)
    const values = parameters.map((parameter) =>
      takeTensor(tensors, tensorName(index, parameter.name), parameter),
    )
    const weights = new Float32Array(parameterCount(architecture))
    for (const [i, { offset }] of parameters.entries()) weights.set(values[i] ?? [], offset)
    const network = serialiseLstm({ architecture, loss, engine, weights })
    if (network.sha256 === header.sha256) return network
    throw damaged(
      `the weights of network ${index} have the digest ${network.sha256}, ` +
        `the manifest says ${header.sha256}`,
    )
  })
  if (tensors.size === 0) return networks
  throw damaged(`it has tensors that no network reads: ${[...tensors.keys()].join(', ')}`)
}

function tensorName(index: number, parameter: string): string {
  return `network${index}.${parameter}`
}

function takeTensor(
  tensors: Map<string, NamedTensor>,
  name: string,
  { shape }: ParameterTensor,
): Float32Array {
  const tensor = tensors.get(name)
  if (tensor === undefined) throw damaged(`it has no tensor '${name}'`)
  tensors.delete(name)
  if (shape.join() === tensor.shape.join()) return tensor.values
  throw damaged(
    `tensor '${name}' has the shape [${tensor.shape.join(', ')}], expected [${shape.join(', ')}]`,
  )
}

function damaged(reason: string): TickerflowError {
  return new TickerflowError(
    'MODEL_DAMAGED',
    `A file of network weights cannot be used: ${reason}. Restore it from a good copy, or train ` +
      'again.',
  )
}
