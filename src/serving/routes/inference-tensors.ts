/** Tensors of a request as rows of columns, and distributions as tensors of the answer. */
import type { StudentTDistribution } from '../../forecast/forecast.ts'
import type { ServedModel } from '../models/served-model.ts'
import { Refusal } from '../refusal.ts'
import type { InferRequest, InferResponse, RequestTensor } from './inference-schemas.ts'

const NUMBER_TYPE = /^(FP(16|32|64)|U?INT(8|16|32|64))$/

/**
 * Either one tensor `features` [N, columns], or one tensor per column [N] or [N, 1].
 *
 * @throws {Refusal} On another shape, another type or a value that is no finite number.
 */
export function rowsOfTensors(
  names: readonly string[],
  inputs: readonly RequestTensor[],
): readonly ArrayLike<number>[] {
  const [first] = inputs
  if (inputs.length === 1 && first?.name === 'features') return rowsOfMatrix(names, first)
  const byName = new Map(inputs.map((tensor) => [tensor.name, tensor]))
  const columns = names.map((name) => {
    const tensor = byName.get(name)
    if (tensor === undefined) {
      throw invalid(`There is no input 'features' and none '${name}'; ${names.length} are needed.`)
    }
    const isColumn =
      tensor.shape.length === 1 || (tensor.shape.length === 2 && tensor.shape[1] === 1)
    if (!isColumn)
      throw invalid(`Input '${name}' has the shape [${tensor.shape}], expected [N, 1].`)
    return numbersOf(tensor)
  })
  const rows = columns[0]?.length ?? 0
  const uneven = columns.findIndex((column) => column.length !== rows)
  if (uneven >= 0) throw invalid(`Input '${names[uneven]}' has not ${rows} rows like the first.`)
  return Array.from({ length: rows }, (_, row) => columns.map((column) => column[row] as number))
}

function rowsOfMatrix(names: readonly string[], tensor: RequestTensor): readonly Float64Array[] {
  const width = names.length
  const [rows = 0, columns] = tensor.shape
  if (tensor.shape.length !== 2 || columns !== width) {
    throw invalid(`Input 'features' has the shape [${tensor.shape}], expected [N, ${width}].`)
  }
  const values = Float64Array.from(numbersOf(tensor))
  return Array.from({ length: rows }, (_, row) => values.subarray(row * width, (row + 1) * width))
}

function numbersOf({ name, datatype, shape, data }: RequestTensor): readonly number[] {
  if (!NUMBER_TYPE.test(datatype)) {
    throw invalid(`Input '${name}' has the datatype '${datatype}', expected FP64 or FP32.`)
  }
  const values: unknown[] = data.some(Array.isArray) ? data.flat(8) : data
  const expected = shape.reduce((product, size) => product * size, 1)
  if (values.length !== expected) {
    throw invalid(`Input '${name}' has ${values.length} values, its shape [${shape}] ${expected}.`)
  }
  for (const value of values) {
    if (typeof value === 'number' && Number.isFinite(value)) continue
    throw invalid(
      `Input '${name}' holds ${String(JSON.stringify(value)).slice(0, 40)}, expected a number.`,
    )
  }
  return values as number[]
}

export function responseOf(
  { name, version }: ServedModel,
  predictions: readonly StudentTDistribution[],
  { id, outputs }: InferRequest,
): InferResponse {
  const columns = {
    location: predictions.map(({ location }) => location),
    scale: predictions.map(({ scale }) => scale),
    degrees_of_freedom: predictions.map(({ degreesOfFreedom }) => degreesOfFreedom),
  }
  const unknown = outputs?.find((output) => !Object.hasOwn(columns, output.name))
  if (unknown !== undefined) {
    throw invalid(`There is no output '${unknown.name}': ${Object.keys(columns).join(', ')}.`)
  }
  const wanted =
    outputs === undefined || outputs.length === 0 ? undefined : outputs.map((o) => o.name)
  const tensors = Object.entries(columns)
    .filter(([output]) => wanted?.includes(output) ?? true)
    .map(([output, data]) => ({
      name: output,
      shape: [predictions.length, 1],
      datatype: 'FP64',
      data,
    }))
  const echo = id === undefined ? {} : { id }
  return { model_name: name, model_version: String(version), ...echo, outputs: tensors }
}

function invalid(detail: string): Refusal {
  return new Refusal({ status: 400, type: 'request-invalid', detail })
}
