/**
 * The file `MLmodel`, by which MLflow's own clients load a version as an ONNX model or as a Python
 * function of a table with named columns.
 *
 * Source: https://mlflow.org/docs/latest/ml/model, sections on storage format and signatures.
 */
import type { OnnxForecaster } from '../forecast/onnx/forecast-graph.ts'
import { EXAMPLE_FILES } from './input-example.ts'
import { ENVIRONMENT_FILES, PYTHON_VERSION } from './model-environment.ts'

const EXAMPLE = {
  artifact_path: EXAMPLE_FILES.table,
  serving_input_path: EXAMPLE_FILES.request,
  type: 'dataframe',
  pandas_orient: 'split',
} as const

export interface MlmodelContent {
  readonly onnx: OnnxForecaster
  /** Name of the ONNX file beside it. */
  readonly onnxFile: string
  /** The files of `EXAMPLE_FILES` are beside it too. */
  readonly hasExample?: boolean
}

/** JSON, which is YAML too, with everything that MLflow asks for. */
export function mlmodelText({ onnx, onnxFile, hasExample }: MlmodelContent): string {
  // Doubles, because a table's numbers are: MLflow narrows them for the runtime, and would refuse
  // to do so for a column that is declared as float.
  const inputs = onnx.columns.map(({ name }) => ({ type: 'double', name, required: true }))
  const outputs = onnx.outputs.map((name) => ({ type: 'float', name, required: true }))
  const { conda, virtualenv } = ENVIRONMENT_FILES
  const content = {
    flavors: {
      onnx: { data: onnxFile, providers: ['CPUExecutionProvider'], code: null },
      python_function: {
        loader_module: 'mlflow.onnx',
        data: onnxFile,
        env: { conda, virtualenv },
        python_version: PYTHON_VERSION,
      },
    },
    signature: {
      inputs: JSON.stringify(inputs),
      outputs: JSON.stringify(outputs),
      params: null,
    },
    ...(hasExample === true && { saved_input_example_info: EXAMPLE }),
  }
  return `${JSON.stringify(content, null, 2)}\n`
}
