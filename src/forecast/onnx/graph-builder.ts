/** Puts a graph together node by node; values are named by the operator that makes them. */
import type { OnnxAttribute, OnnxConstant, OnnxNode } from './onnx-encoding.ts'

export interface GraphBuilder {
  /** A float32 constant; a scalar without a shape. Returns its name. */
  floats(values: Float32Array | readonly number[], shape?: readonly number[]): string
  /** A constant list of int64: sizes, axes, offsets. */
  integers(...values: readonly number[]): string
  /** One output; returns its name, which is `output` where given. */
  apply(operator: string, inputs: readonly string[], options?: NodeOptions): string
  /** Several outputs; one that is not wanted is dropped by the name `''`. */
  applyMany(operator: string, inputs: readonly string[], options: ManyOptions): void
  /** A fresh name. */
  name(hint: string): string
  readonly nodes: readonly OnnxNode[]
  readonly constants: readonly OnnxConstant[]
}

export interface NodeOptions {
  readonly attributes?: readonly OnnxAttribute[]
  readonly output?: string
}

export interface ManyOptions {
  readonly attributes?: readonly OnnxAttribute[]
  readonly outputs: readonly string[]
}

export function createGraphBuilder(): GraphBuilder {
  const nodes: OnnxNode[] = []
  const constants: OnnxConstant[] = []
  let count = 0
  const name = (hint: string) => `${hint.toLowerCase()}_${count++}`
  const builder: GraphBuilder = {
    floats(values, shape = []) {
      const floats = Float32Array.from(values)
      const constant = { name: name('constant'), shape, floats }
      constants.push(constant)
      return constant.name
    },
    integers(...values) {
      const constant = { name: name('constant'), shape: [values.length], integers: values }
      constants.push(constant)
      return constant.name
    },
    apply(operator, inputs, { attributes, output = name(operator) } = {}) {
      builder.applyMany(operator, inputs, { outputs: [output], ...(attributes && { attributes }) })
      return output
    },
    applyMany(operator, inputs, { attributes = [], outputs }) {
      nodes.push({ operator, inputs, outputs, attributes })
    },
    name,
    nodes,
    constants,
  }
  return builder
}
