/** The messages of the Open Inference Protocol, version 2. */
import { type Static, Type } from 'typebox'

const MOST_ROWS = 10_000

const Parameters = Type.Optional(Type.Record(Type.String(), Type.Unknown()))
const Shape = Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1, maxItems: 8 })

const RequestTensor = Type.Object({
  name: Type.String({ maxLength: 200 }),
  shape: Shape,
  datatype: Type.String({ description: 'FP32, FP64 or an integer type.' }),
  parameters: Parameters,
  data: Type.Array(Type.Unknown(), { description: 'Numbers in row-major order, flat or nested.' }),
})
export type RequestTensor = Static<typeof RequestTensor>

export const InferRequest = Type.Object({
  id: Type.Optional(Type.String({ maxLength: 200 })),
  parameters: Parameters,
  inputs: Type.Array(RequestTensor, { minItems: 1, maxItems: MOST_ROWS }),
  outputs: Type.Optional(
    Type.Array(Type.Object({ name: Type.String(), parameters: Parameters }), { maxItems: 100 }),
  ),
})
export type InferRequest = Static<typeof InferRequest>

const ResponseTensor = Type.Object({
  name: Type.String(),
  shape: Type.Array(Type.Integer()),
  datatype: Type.String(),
  data: Type.Array(Type.Number()),
})

export const InferResponse = Type.Object({
  model_name: Type.String(),
  model_version: Type.String(),
  id: Type.Optional(Type.String()),
  outputs: Type.Array(ResponseTensor),
})
export type InferResponse = Static<typeof InferResponse>

const TensorMetadata = Type.Object({
  name: Type.String(),
  datatype: Type.String(),
  shape: Type.Array(Type.Integer()),
})

export const ModelMetadata = Type.Object({
  name: Type.String(),
  versions: Type.Array(Type.String()),
  platform: Type.String(),
  inputs: Type.Array(TensorMetadata),
  outputs: Type.Array(TensorMetadata),
  properties: Type.Object({
    columns: Type.String({ description: 'Names of the columns of `features`, with commas.' }),
  }),
})
