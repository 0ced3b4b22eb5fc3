"""What foreign clients get from a running forecast server.

Usage: clients.py URI MODEL VERSION ROWS.json OUTCOME.json, with MLFLOW_TRACKING_URI set.

ROWS: {"columns": [...], "rows": [N][columns]}.
OUTCOME: forecasts [N][location, scale, degrees of freedom] by the way they were reached, and what
the clients understood of the server.
"""

import json
import os
import sys
import urllib.request
import warnings

os.environ["GIT_PYTHON_REFRESH"] = "quiet"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
warnings.filterwarnings("ignore")

import mlflow
import numpy as np
import pandas as pd
import tritonclient.http as triton

OUTPUTS = ["location", "scale", "degrees_of_freedom"]


def by_triton(uri, model, version, rows):
    client = triton.InferenceServerClient(url=uri.removeprefix("http://"))
    tensor = triton.InferInput("features", list(rows.shape), "FP64")
    tensor.set_data_from_numpy(rows, binary_data=False)
    wanted = [triton.InferRequestedOutput(name, binary_data=False) for name in OUTPUTS]
    answers = [
        client.infer(model, [tensor], outputs=wanted, request_id="one"),
        client.infer(model, [tensor], outputs=wanted, model_version=version),
    ]
    client.unload_model(model)
    client.load_model(model)
    forecasts = [
        np.hstack([answer.as_numpy(name) for name in OUTPUTS]).tolist() for answer in answers
    ]
    understood = {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "modelReady": client.is_model_ready(model),
        "otherReady": client.is_model_ready("nobody-forecaster"),
        "server": client.get_server_metadata(),
        "model": client.get_model_metadata(model),
        "index": client.get_model_repository_index(),
        "id": answers[0].get_response()["id"],
    }
    try:
        narrow = triton.InferInput("features", [1, 1], "FP64")
        narrow.set_data_from_numpy(np.zeros((1, 1)), binary_data=False)
        client.infer(model, [narrow])
    except triton.InferenceServerException as error:
        understood["refusal"] = [error.status(), error.message()]
    return {"triton": forecasts[0], "triton, by version": forecasts[1]}, understood


def by_invocations(uri, columns, rows):
    table = pd.DataFrame(rows, columns=columns)
    bodies = {
        "dataframe_split": {"dataframe_split": table.to_dict(orient="split")},
        "dataframe_records": {"dataframe_records": table.to_dict(orient="records")},
        "instances": {"instances": rows.tolist()},
        "inputs": {"inputs": rows.tolist()},
    }
    requests = {name: (json.dumps(body), "application/json") for name, body in bodies.items()}
    requests["csv"] = (table.to_csv(index=False), "text/csv")
    forecasts = {}
    for name, (body, media_type) in requests.items():
        request = urllib.request.Request(
            f"{uri}/invocations", body.encode(), {"content-type": media_type}
        )
        with urllib.request.urlopen(request) as reply:
            answer = json.load(reply)["predictions"]
        forecasts[name] = [[one[output] for output in OUTPUTS] for one in answer]
    return forecasts


def by_pyfunc(model, version, columns, rows):
    loaded = mlflow.pyfunc.load_model(f"models:/{model}/{version}")
    outputs = loaded.predict(pd.DataFrame(rows, columns=columns))
    return np.hstack([np.asarray(outputs[name]).reshape(-1, 1) for name in OUTPUTS]).tolist()


def main(uri, model, version, rows_path, outcome_path):
    with open(rows_path) as file:
        question = json.load(file)
    rows = np.asarray(question["rows"], dtype=np.float64)
    forecasts, understood = by_triton(uri, model, version, rows)
    forecasts |= by_invocations(uri, question["columns"], rows)
    forecasts["mlflow.pyfunc"] = by_pyfunc(model, version, question["columns"], rows)
    with open(outcome_path, "w") as file:
        json.dump({"forecasts": forecasts, "understood": understood}, file)


main(*sys.argv[1:])
