/**
 * Encodes a computation graph as an ONNX file.
 *
 * Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { createMessage, type MessageWriter } from './protobuf-writer.ts'

/** Version of the standard operators: every runtime since 2022 has it. */
const OPSET = 17
/** Version of the file format that came with that operator set. */
const IR_VERSION = 8

const ELEMENT = { float: 1, int64: 7 } as const
const ATTRIBUTE = { float: 1, integer: 2, text: 3, integers: 7 } as const

export type OnnxAttribute =
  | { readonly name: string; readonly integer: number }
  | { readonly name: string; readonly integers: readonly number[] }
  | { readonly name: string; readonly float: number }
  | { readonly name: string; readonly text: string }

export interface OnnxNode {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: readonly OnnxAttribute[]
}

/** A constant: float32, or int64 given as safe integers. */
export type OnnxConstant = { readonly name: string; readonly shape: readonly number[] } & (
  | { readonly floats: Float32Array }
  | { readonly integers: readonly number[] }
)

/** A float32 input or output; a size that is only known at run time has a name. */
export interface OnnxPort {
  readonly name: string
  readonly shape: readonly (number | string)[]
  readonly description: string
}

export interface OnnxGraph {
  readonly name: string
  readonly description: string
  readonly inputs: readonly OnnxPort[]
  readonly outputs: readonly OnnxPort[]
  /** In an order in which each node comes after what it reads. */
  readonly nodes: readonly OnnxNode[]
  readonly constants: readonly OnnxConstant[]
  readonly metadata: Readonly<Record<string, string>>
}

/** The `.onnx` file; the same graph gives the same bytes. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array<ArrayBuffer> {
  const metadata = Object.entries(graph.metadata).map(([key, value]) =>
    createMessage().text(1, key).text(2, value),
  )
  return createMessage()
    .integer(1, IR_VERSION)
    .text(2, 'tickerflow')
    .text(6, graph.description)
    .messages(7, graphMessage(graph))
    .messages(8, createMessage().text(1, '').integer(2, OPSET))
    .messages(14, ...metadata)
    .finish()
}

function graphMessage({ name, inputs, outputs, nodes, constants }: OnnxGraph): MessageWriter {
  return createMessage()
    .messages(1, ...nodes.map(nodeMessage))
    .text(2, name)
    .messages(5, ...constants.map(constantMessage))
    .messages(11, ...inputs.map(portMessage))
    .messages(12, ...outputs.map(portMessage))
}

function nodeMessage({ operator, inputs, outputs, attributes }: OnnxNode): MessageWriter {
  return createMessage()
    .text(1, ...inputs)
    .text(2, ...outputs)
    .text(3, outputs.find((output) => output !== '') ?? '')
    .text(4, operator)
    .messages(5, ...attributes.map(attributeMessage))
}

function attributeMessage(attribute: OnnxAttribute): MessageWriter {
  const message = createMessage().text(1, attribute.name)
  if ('float' in attribute) {
    return message.float(2, attribute.float).integer(20, ATTRIBUTE.float)
  }
  if ('integer' in attribute) {
    return message.integer(3, attribute.integer).integer(20, ATTRIBUTE.integer)
  }
  if ('text' in attribute) return message.text(4, attribute.text).integer(20, ATTRIBUTE.text)
  return message.integer(8, ...attribute.integers).integer(20, ATTRIBUTE.integers)
}

function constantMessage(constant: OnnxConstant): MessageWriter {
  const isFloat = 'floats' in constant
  return createMessage()
    .integer(1, ...constant.shape)
    .integer(2, isFloat ? ELEMENT.float : ELEMENT.int64)
    .text(8, constant.name)
    .bytes(9, isFloat ? floatBytes(constant.floats) : integerBytes(constant.integers))
}

function portMessage({ name, shape, description }: OnnxPort): MessageWriter {
  const sizes = shape.map((size) =>
    typeof size === 'number' ? createMessage().integer(1, size) : createMessage().text(2, size),
  )
  const dimensions = createMessage().messages(1, ...sizes)
  const tensor = createMessage().integer(1, ELEMENT.float).messages(2, dimensions)
  const type = createMessage().messages(1, tensor)
  return createMessage().text(1, name).messages(2, type).text(3, description)
}

function floatBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [i, value] of values.entries()) view.setFloat32(4 * i, value, true)
  return bytes
}

function integerBytes(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 8)
  const view = new DataView(bytes.buffer)
  for (const [i, value] of values.entries()) view.setBigInt64(8 * i, BigInt(value), true)
  return bytes
}
