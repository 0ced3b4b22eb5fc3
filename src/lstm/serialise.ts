/**
 * A trained network as JSON-safe data that crosses threads: float32 weights in base64, guarded by a
 * digest. In files the weights lie apart: see `formats/network-tensors.ts`.
 */
import { createHash } from 'node:crypto'
import { TickerflowError } from '../errors.ts'
import { assertArchitecture, type LstmArchitecture } from './architecture.ts'
import { createLoss, type LossSpec } from './losses.ts'
import { parameterCount } from './parameters.ts'

export const LSTM_FORMAT = 'tickerflow-lstm/1'

export interface SerialisedLstm {
  readonly format: typeof LSTM_FORMAT
  readonly architecture: LstmArchitecture
  readonly loss: LossSpec
  /** Name of the engine that trained it. */
  readonly engine: string
  /** Float32, little-endian, in the order of `parameterTensors`, in base64. */
  readonly weights: string
  /** SHA-256 (hex) of the weights' bytes. */
  readonly sha256: string
}

/** A trained network: everything that prediction needs. */
export interface LstmModel {
  readonly architecture: LstmArchitecture
  readonly loss: LossSpec
  /** In the order of `parameterTensors`. */
  readonly weights: Float32Array<ArrayBuffer>
  /** Name of the engine that trained it. */
  readonly engine: string
}

/** The weights as bytes: float32, little-endian on every machine. */
export function weightBytes(weights: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(weights.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, weight] of weights.entries()) view.setFloat32(index * 4, weight, true)
  return bytes
}

/** SHA-256 (hex) of `weightBytes`: the identity of a trained network. */
export function weightsDigest(weights: Float32Array): string {
  return sha256(weightBytes(weights))
}

export function serialiseLstm(model: LstmModel): SerialisedLstm {
  const bytes = weightBytes(model.weights)
  return {
    format: LSTM_FORMAT,
    architecture: model.architecture,
    loss: model.loss,
    engine: model.engine,
    weights: Buffer.from(bytes.buffer).toString('base64'),
    sha256: sha256(bytes),
  }
}

/** @throws {TickerflowError} MODEL_DAMAGED on a foreign format, wrong shapes or a wrong digest. */
export function deserialiseLstm(stored: SerialisedLstm): LstmModel {
  assertStoredNetwork(stored)
  const { architecture, loss, engine } = stored
  const bytes = Uint8Array.from(Buffer.from(stored.weights, 'base64'))
  const expected = parameterCount(architecture)
  if (bytes.length !== expected * 4) {
    throw damaged(`its weights have ${bytes.length} bytes, expected ${expected * 4}`)
  }
  const digest = sha256(bytes)
  if (digest !== stored.sha256) {
    throw damaged(`the digest of its weights is ${digest}, expected ${stored.sha256}`)
  }
  return { architecture, loss, engine, weights: readWeights(bytes) }
}

/** @throws {TickerflowError} MODEL_DAMAGED on a foreign format, or sizes that can't be. */
export function assertStoredNetwork(stored: Omit<SerialisedLstm, 'weights'>): void {
  if (stored.format !== LSTM_FORMAT) {
    throw damaged(`its format is '${stored.format}', expected '${LSTM_FORMAT}'`)
  }
  assertStoredShape(stored.architecture, stored.loss)
}

function assertStoredShape(architecture: LstmArchitecture, loss: LossSpec): void {
  try {
    assertArchitecture(architecture)
    const { outputSize } = createLoss(loss)
    if (outputSize === architecture.outputSize) return
  } catch (cause) {
    throw damaged('its architecture or loss is malformed', cause)
  }
  throw damaged(`it has ${architecture.outputSize} outputs, which its loss does not read`)
}

function readWeights(bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer)
  const weights = new Float32Array(bytes.length / 4)
  for (let i = 0; i < weights.length; i++) weights[i] = view.getFloat32(i * 4, true)
  return weights
}

function damaged(reason: string, cause?: unknown): TickerflowError {
  return new TickerflowError(
    'MODEL_DAMAGED',
    `A stored LSTM cannot be read: ${reason}. Restore it from a good copy or train it again`,
    { cause },
  )
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
