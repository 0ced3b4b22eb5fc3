/**
 * The file `MLmodel`, by which MLflow's own clients load a version as an ONNX model or as a Python
 * function of a table with named columns.
 *
 * Source: https://mlflow.org/docs/latest/ml/model, sections on storage format and signatures.
 */
import { ONNX_OUTPUTS, type OnnxForecaster } from '../forecast/onnx/forecast-graph.ts'

export interface MlmodelContent {
  readonly onnx: OnnxForecaster
  /** Name of the ONNX file beside it. */
  readonly onnxFile: string
}

/** JSON, which is YAML too, with everything that MLflow asks for. */
export function mlmodelText({ onnx, onnxFile }: MlmodelContent): string {
  // Doubles, because a table's numbers are: MLflow narrows them for the runtime, and would refuse
  // to do so for a column that is declared as float.
  const inputs = onnx.columns.map(({ name }) => ({ type: 'double', name, required: true }))
  const outputs = ONNX_OUTPUTS.map((name) => ({ type: 'float', name, required: true }))
  const content = {
    flavors: {
      onnx: { data: onnxFile, providers: ['CPUExecutionProvider'], code: null },
      python_function: { loader_module: 'mlflow.onnx', data: onnxFile },
    },
    signature: {
      inputs: JSON.stringify(inputs),
      outputs: JSON.stringify(outputs),
      params: null,
    },
  }
  return `${JSON.stringify(content, null, 2)}\n`
}
