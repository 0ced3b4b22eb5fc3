"""What Python's libraries make of model folders.

Usage: model-files.py CASES.json OUTCOMES.json

CASES: [{"name", "folder", "columns", "rows"}], rows being float32 values [N][columns].
OUTCOMES: by name, the findings of `examine`.
Packages: requirements.txt beside this file.
"""

import json
import logging
import os
import sys
import tempfile
import warnings

os.environ["GIT_PYTHON_REFRESH"] = "quiet"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
warnings.filterwarnings("ignore")

import mlflow
import numpy as np
import onnx
import onnxruntime
import pandas as pd
import safetensors.numpy

logging.getLogger("mlflow").setLevel(logging.ERROR)

OUTPUTS = ["location", "scale", "degrees_of_freedom"]


def examine(case):
    path = os.path.join(case["folder"], "model.onnx")
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    with open(path, "rb") as file:
        same_bytes = file.read() == model.SerializeToString()
    return {
        "sameBytes": same_bytes,
        "operators": sorted({node.op_type for node in model.graph.node}),
        "opset": model.opset_import[0].version,
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "shapes": {port.name: shape(port) for port in [*model.graph.input, *model.graph.output]},
        "forecasts": forecasts(case, model),
        "weights": weights(case["folder"]),
    }


def shape(port):
    return [size.dim_param or size.dim_value for size in port.type.tensor_type.shape.dim]


def forecasts(case, model):
    """Outputs [N][3] by the way they were reached."""
    rows = np.asarray(case["rows"], dtype=np.float32)
    table = pd.DataFrame(rows.astype(np.float64), columns=case["columns"])
    with tempfile.TemporaryDirectory() as folder:
        saved = os.path.join(folder, "saved")
        mlflow.onnx.save_model(model, saved, pip_requirements=[], save_as_external_data=False)
        return {
            "onnxruntime": stacked(run(model, rows)),
            "mlflow.onnx on our folder": stacked(run(mlflow.onnx.load_model(case["folder"]), rows)),
            "mlflow.pyfunc on our folder": stacked(mlflow.pyfunc.load_model(case["folder"]).predict(table)),
            "mlflow.onnx saved again": stacked(mlflow.pyfunc.load_model(saved).predict(rows)),
            "mlflow.onnx logged": stacked(logged(model).predict(rows)),
        }


def run(model, rows):
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return dict(zip(OUTPUTS, session.run(OUTPUTS, {"features": rows})))


def logged(model):
    with mlflow.start_run():
        info = mlflow.onnx.log_model(
            model, name="model", pip_requirements=[], save_as_external_data=False
        )
    return mlflow.pyfunc.load_model(info.model_uri)


def stacked(outputs):
    columns = [np.asarray(outputs[name], dtype=np.float64).reshape(-1) for name in OUTPUTS]
    return np.stack(columns, axis=1).tolist()


def weights(folder):
    path = os.path.join(folder, "weights.safetensors")
    if not os.path.exists(path):
        return None
    tensors = safetensors.numpy.load_file(path)
    with open(path, "rb") as file:
        same_bytes = file.read() == safetensors.numpy.save(tensors)
    return {
        "sameBytes": same_bytes,
        "types": sorted({str(tensor.dtype) for tensor in tensors.values()}),
        "shapes": {name: list(tensor.shape) for name, tensor in tensors.items()},
    }


def main(cases_path, outcomes_path):
    with open(cases_path, encoding="utf-8") as file:
        cases = json.load(file)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as store:
        mlflow.set_tracking_uri(f"sqlite:///{os.path.join(store, 'mlflow.db')}")
        artifacts = os.path.join(store, "artifacts")
        mlflow.set_experiment(experiment_id=mlflow.create_experiment("interop", artifacts))
        outcomes = {case["name"]: examine(case) for case in cases}
    with open(outcomes_path, "w", encoding="utf-8") as file:
        json.dump(outcomes, file)


main(*sys.argv[1:])
