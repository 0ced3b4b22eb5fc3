"""Uses a tracking server as MLflow's users do, and writes down what it answered.

    pip install mlflow==3.17.2 numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
    python mlflow-client.py http://127.0.0.1:5000 answers.json

Ids, times and messages of errors are left out, so that the answers of two servers can be compared.
"""

import json
import math
import os
import sys
import tempfile

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

import mlflow
import numpy as np
import onnx
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from requests import HTTPError

ANSWERS = {}


def answer(name, value):
    ANSWERS[name] = value


def refused(name, call):
    """Writes down the error code of a call that has to fail."""
    try:
        call()
    except MlflowException as error:
        answer(name, error.error_code)
    except HTTPError as error:
        answer(name, error.response.status_code)
    else:
        answer(name, "accepted")


def number(value):
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


def experiments(client):
    one = client.create_experiment("one", tags={"team": "α"})
    client.create_experiment("two")
    client.set_experiment_tag(one, "note", "x" * 100)
    experiment = client.get_experiment(one)
    answer("experiment", [experiment.name, experiment.tags, experiment.lifecycle_stage])
    answer("experiment location", experiment.artifact_location == f"mlflow-artifacts:/{one}")
    answer("experiment by name", client.get_experiment_by_name("one").experiment_id == one)
    answer("no experiment by name", client.get_experiment_by_name("none"))
    refused("experiment taken", lambda: client.create_experiment("one"))
    refused("experiment unknown", lambda: client.get_experiment("9999"))
    client.rename_experiment(one, "first")
    client.delete_experiment_tag(one, "note")
    answer("renamed", [client.get_experiment(one).name, client.get_experiment(one).tags])

    def search(**query):
        return [found.name for found in client.search_experiments(**query)]

    answer("experiments", search(order_by=["name ASC"]))
    answer("experiments like", search(filter_string="name LIKE 'f%'"))
    answer("experiments by tag", search(filter_string="tags.team = 'α'"))
    answer("experiments page", len(client.search_experiments(max_results=2)))
    client.delete_experiment(one)
    answer("deleted experiments", search(view_type=ViewType.DELETED_ONLY))
    client.restore_experiment(one)
    answer("restored", client.get_experiment(one).lifecycle_stage)
    refused("bad experiment filter", lambda: search(filter_string="colour = 'x'"))
    return one


def logged_values(client, experiment):
    run = client.create_run(experiment, run_name="values", tags={"a": "b"}, start_time=1000)
    run_id = run.info.run_id
    answer("run", [run.info.run_name, run.info.status, run.info.start_time, run.info.end_time])
    answer(
        "run location",
        run.info.artifact_uri == f"mlflow-artifacts:/{experiment}/{run_id}/artifacts",
    )
    client.log_param(run_id, "lr", 0.1)
    client.log_param(run_id, "lr", 0.1)
    refused("changed param", lambda: client.log_param(run_id, "lr", 0.2))
    client.log_param(run_id, "long", "x" * 6000)
    client.set_tag(run_id, "unicode", "数 🙂 '; DROP TABLE runs; --")
    client.set_tag(run_id, "gone", "1")
    client.delete_tag(run_id, "gone")
    refused("no such tag", lambda: client.delete_tag(run_id, "gone"))
    values = [("m", 1.5, 1), ("m", 1.5, 1), ("m", float("nan"), 2), ("m", 0.5, -3)]
    values += [("up", float("inf"), 0), ("down", float("-inf"), 0), ("tiny", 5e-324, 0)]
    for key, value, step in values:
        client.log_metric(run_id, key, value, timestamp=5000, step=step)
    client.log_metric(run_id, "far", 1.0, timestamp=1, step=2**53 - 1)
    metrics = [Metric("batch", float(i), 6000 + i, i) for i in range(900)]
    params = [Param(f"p{i}", str(i)) for i in range(50)]
    client.log_batch(run_id, metrics, params, [RunTag(f"t{i}", str(i)) for i in range(50)])
    for key in ["m", "up", "down", "tiny", "far", "batch"]:
        points = [
            [number(point.value), point.step, point.timestamp]
            for point in client.get_metric_history(run_id, key)
        ]
        answer(f"history of {key}", sorted(points, key=str))
    answer("history of nothing", client.get_metric_history(run_id, "nothing"))
    refused("metric key", lambda: client.log_metric(run_id, "a//b", 1.0))
    refused("unknown run", lambda: client.log_metric("0" * 32, "m", 1.0))
    refused("unknown run read", lambda: client.get_run("0" * 32))
    data = client.get_run(run_id).data
    answer("latest metrics", {key: number(value) for key, value in sorted(data.metrics.items())})
    answer("params", dict(sorted(data.params.items())))
    answer("tags", dict(sorted(data.tags.items())))
    client.set_terminated(run_id, "FINISHED", end_time=9000)
    client.update_run(run_id, name="renamed")
    info = client.get_run(run_id).info
    answer("ended", [info.status, info.end_time, info.run_name])


FILTERS = [
    "",
    "metrics.loss > 0.1",
    "metrics.loss < 5",
    "metrics.loss != 0.3",
    "metrics.loss <= 0.3 AND params.lr = '0.1'",
    "params.lr != '0.1'",
    'params.lr LIKE "0.%"',
    "tags.team ILIKE 'GOLD'",
    "tags.team LIKE 'GOLD'",
    "tags.team IS NULL",
    "tags.team IS NOT NULL",
    "attributes.status = 'FINISHED'",
    "start_time >= 2 and start_time < 4",
    "attribute.end_time > 0",
    "`Run name` LIKE 'r%'",
    "params.`a b` = 'x'",
    'tags."dotted.key" = \'y\'',
    "tags.dotted.key = 'y'",
    "datasets.name = 'train'",
    "dataset.context = 'training' AND metrics.loss < 1",
]
BAD_FILTERS = [
    "metrics.loss = 'x'",
    "metrics.loss",
    "params.lr = 0.1",
    "params.lr > '0.1'",
    "params.lr = '1' OR params.lr = '2'",
    "colour.x = 'y'",
    "attributes.hue = 'y'",
    "params.lr = 'open",
    "metrics.loss > 1; DROP TABLE runs",
]
ORDERS = [
    ["metrics.loss"],
    ["metrics.loss DESC"],
    ["params.lr ASC", "start_time ASC"],
    ["attributes.start_time ASC"],
    ["tags.team DESC"],
    ["run_name"],
]


def searches(client):
    experiment = client.create_experiment("searches")
    rows = [
        ("r0", 0.3, {"lr": "0.1", "a b": "x"}, {"team": "Gold"}),
        ("r1", 0.1, {"lr": "0.2"}, {"team": "gold", "dotted.key": "y"}),
        ("r2", float("nan"), {"lr": "0.1"}, {}),
        ("r3", None, {}, {"team": "silver"}),
        ("r4", 7.0, {"lr": "0.3"}, {}),
    ]
    for start, (name, loss, params, tags) in enumerate(rows):
        run = client.create_run(experiment, run_name=name, start_time=start + 1, tags=tags)
        for key, value in params.items():
            client.log_param(run.info.run_id, key, value)
        if loss is not None:
            client.log_metric(run.info.run_id, "loss", loss)
        if start % 2 == 0:
            client.set_terminated(run.info.run_id)
    first = client.search_runs([experiment], "run_name = 'r0'")[0].info.run_id
    frame = np.arange(12.0).reshape(4, 3)
    dataset = mlflow.data.from_numpy(frame, name="train")
    with mlflow.start_run(run_id=first):
        mlflow.log_input(dataset, context="training")
    client.set_terminated(first)
    inputs = client.get_run(first).inputs.dataset_inputs
    answer(
        "inputs",
        [[entry.dataset.name, entry.dataset.digest, {tag.key: tag.value for tag in entry.tags}] for entry in inputs],
    )

    def search(**query):
        return [run.info.run_name for run in client.search_runs([experiment], **query)]

    for text in FILTERS:
        answer(f"runs where {text}", search(filter_string=text, order_by=["start_time ASC"]))
    for text in BAD_FILTERS:
        refused(f"runs where {text}", lambda: search(filter_string=text))
    for order in ORDERS:
        answer(f"runs by {order}", search(order_by=order))
    answer("runs in a list", search(filter_string=f"run_id IN ('{first}', 'none')"))
    answer("runs not in a list", search(filter_string=f"run_id NOT IN ('{first}', 'none')"))
    pages, token = [], None
    while True:
        page = client.search_runs([experiment], max_results=2, page_token=token)
        pages.append([run.info.run_name for run in page])
        token = page.token
        if not token:
            break
    answer("pages", pages)
    gone = client.search_runs([experiment], "run_name = 'r4'")[0].info.run_id
    client.delete_run(gone)
    answer("active", search())
    answer("deleted", search(run_view_type=ViewType.DELETED_ONLY))
    refused("tag on deleted", lambda: client.set_tag(gone, "a", "b"))
    client.restore_run(gone)
    answer("all again", search(run_view_type=ViewType.ALL))
    frame = mlflow.search_runs([experiment], order_by=["start_time ASC"])
    answer("as a frame", frame["tags.mlflow.runName"].tolist())


def artifacts(client):
    mlflow.set_experiment("artifacts")
    with mlflow.start_run() as run:
        mlflow.log_text("hello ä", "notes/hello.txt")
        mlflow.log_dict({"a": [1, 2]}, "config.json")
        with tempfile.TemporaryDirectory() as directory:
            big = os.path.join(directory, "big.bin")
            with open(big, "wb") as file:
                file.write(bytes(range(256)) * 20_000)
            open(os.path.join(directory, "empty.txt"), "w").close()
            mlflow.log_artifacts(directory, "files")
    run_id = run.info.run_id

    def listing(path=None):
        return [[file.path, file.is_dir, file.file_size] for file in client.list_artifacts(run_id, path)]

    answer("artifacts", sorted(listing()))
    answer("artifacts below", sorted(listing("files")))
    answer("artifacts nowhere", listing("nowhere"))
    with tempfile.TemporaryDirectory() as directory:
        local = client.download_artifacts(run_id, "", directory)
        with open(os.path.join(local, "notes", "hello.txt"), encoding="utf-8") as file:
            answer("text", file.read())
        with open(os.path.join(local, "files", "big.bin"), "rb") as file:
            answer("bytes", file.read() == bytes(range(256)) * 20_000)
        answer("empty", os.path.getsize(os.path.join(local, "files", "empty.txt")))
    answer("dict", mlflow.artifacts.load_dict(f"runs:/{run_id}/config.json"))
    refused("climbing", lambda: client.list_artifacts(run_id, "../.."))


class Doubler(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return np.asarray(model_input) * 2


def models(client):
    mlflow.set_experiment("models")
    sample = np.array([[1.0, 2.0]])
    with mlflow.start_run() as run:
        logged = mlflow.pyfunc.log_model(
            name="doubler",
            python_model=Doubler(),
            input_example=sample,
            registered_model_name="doubler",
            pip_requirements=["numpy"],
        )
        mlflow.log_metric("score", 0.5, step=1, model_id=logged.model_id)
    run_id = run.info.run_id
    for uri in [logged.model_uri, "models:/doubler/1", f"runs:/{run_id}/doubler"]:
        model = mlflow.pyfunc.load_model(uri)
        answer(f"prediction of {uri.replace(logged.model_id, '').replace(run_id, '')}", model.predict(sample).tolist())
    outputs = client.get_run(run_id).outputs.model_outputs
    answer("outputs", [output.model_id == logged.model_id for output in outputs])
    model = client.get_logged_model(logged.model_id)
    answer("logged model", [model.name, model.status.value, model.source_run_id == run_id])
    answer("model metrics", [[one.key, one.value, one.run_id == run_id] for one in model.metrics])
    experiment = client.get_experiment_by_name("models").experiment_id
    client.set_logged_model_tags(logged.model_id, {"kind": "toy", "gone": "1"})
    client.delete_logged_model_tag(logged.model_id, "gone")

    def search(text, order=None):
        found = client.search_logged_models([experiment], filter_string=text, order_by=order)
        return [one.name for one in found]

    answer("logged models", search("name = 'doubler' AND tags.kind = 'toy'"))
    answer("logged models by metric", search("metrics.score >= 0.5"))
    answer("logged models none", search("metrics.score > 0.5"))
    ordered = [{"field_name": "metrics.score", "ascending": False}]
    answer("logged models ordered", search(None, ordered))
    other = client.create_logged_model(experiment, name="other", params={"a": "1"})
    client.finalize_logged_model(other.model_id, "FAILED")
    failed = client.get_logged_model(other.model_id)
    answer("failed model", [failed.status.value, failed.params])
    client.delete_logged_model(other.model_id)
    refused("deleted model", lambda: client.get_logged_model(other.model_id))
    return run_id


def doubling_network():
    """y = 2 x as an ONNX graph."""
    x, y = (
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, 2]) for name in "xy"
    )
    two = onnx.helper.make_tensor("two", onnx.TensorProto.FLOAT, [1], [2.0])
    double = onnx.helper.make_node("Mul", ["x", "two"], ["y"])
    graph = onnx.helper.make_graph([double], "double", [x], [y], [two])
    return onnx.helper.make_model(
        graph, ir_version=8, opset_imports=[onnx.helper.make_opsetid("", 13)]
    )


def onnx_models(client):
    mlflow.set_experiment("onnx")
    sample = np.array([[1.5, -2.0]], dtype=np.float32)
    with mlflow.start_run() as run:
        logged = mlflow.onnx.log_model(
            doubling_network(),
            name="network",
            input_example=sample,
            registered_model_name="network",
            pip_requirements=["onnxruntime"],
        )
    client.set_registered_model_alias("network", "production", "1")
    for uri in [logged.model_uri, "models:/network/1", "models:/network@production"]:
        predicted = mlflow.pyfunc.load_model(uri).predict(sample)
        answer(
            f"onnx prediction of {uri.replace(logged.model_id, '')}",
            {name: values.tolist() for name, values in predicted.items()},
        )
    network = mlflow.onnx.load_model("models:/network/1")
    answer("onnx graph", [node.op_type for node in network.graph.node])
    version = client.get_model_version_by_alias("network", "production")
    answer("onnx version", [version.run_id == run.info.run_id, version.source == logged.model_uri])
    flavors = mlflow.models.get_model_info("models:/network/1").flavors
    answer("onnx flavors", sorted(flavors))


def version_facts(version):
    return [
        version.name,
        int(version.version),
        version.current_stage,
        version.status,
        version.description,
        sorted(version.aliases),
        {k: v for k, v in version.tags.items() if not k.startswith("mlflow")},
    ]


def registry(client, run_id):
    client.create_registered_model("net", tags={"team": "a"}, description="first")
    refused("model taken", lambda: client.create_registered_model("net"))
    refused("model name", lambda: client.create_registered_model("a/b"))
    for number_of_version in [2, 3]:
        mlflow.register_model(f"runs:/{run_id}/doubler", "doubler")
    answer("versions", [version_facts(client.get_model_version("doubler", v)) for v in "123"])
    client.set_registered_model_alias("doubler", "production", "2")
    client.set_registered_model_alias("doubler", "staging", "3")
    answer("by alias", version_facts(client.get_model_version_by_alias("doubler", "production")))
    refused("no alias", lambda: client.get_model_version_by_alias("doubler", "nobody"))
    refused("bad alias", lambda: client.set_registered_model_alias("doubler", "v1", "1"))
    loaded = mlflow.pyfunc.load_model("models:/doubler@production")
    answer("prediction by alias", loaded.predict(np.array([[4.0, 5.0]])).tolist())
    client.delete_registered_model_alias("doubler", "staging")
    client.transition_model_version_stage("doubler", "1", "Production")
    client.transition_model_version_stage("doubler", "2", "production", True)
    answer("stages", [version_facts(client.get_model_version("doubler", v)) for v in "123"])
    refused("bad stage", lambda: client.transition_model_version_stage("doubler", "1", "Moon"))
    latest = client.get_latest_versions("doubler", ["Production", "None"])
    answer("latest", sorted(version_facts(version) for version in latest))
    client.update_model_version("doubler", "3", "described")
    client.set_model_version_tag("doubler", "3", "note", "n")
    client.set_model_version_tag("doubler", "3", "gone", "n")
    client.delete_model_version_tag("doubler", "3", "gone")
    copied = client.copy_model_version("models:/doubler/3", "copy")
    answer("copied", [version_facts(copied), copied.source, copied.run_id == run_id])
    answer("copy predicts", mlflow.pyfunc.load_model("models:/copy/1").predict(np.array([[1.0, 3.0]])).tolist())
    uris = [client.get_model_version_download_uri(name, v) for name, v in [("doubler", "3"), ("copy", "1")]]
    answer("same files", uris[0] == uris[1])

    def names(text=None, order=None):
        found = client.search_registered_models(filter_string=text, order_by=order)
        return [model.name for model in found]

    answer("models", names())
    answer("models like", names("name ILIKE 'D%'"))
    answer("models by tag", names("tags.team = 'a'"))
    answer("models ordered", names(order=["name DESC"]))

    def versions(text, order=None):
        found = client.search_model_versions(text, order_by=order)
        return [[version.name, int(version.version)] for version in found]

    answer("search versions", sorted(versions("name = 'doubler'")))
    answer("search versions by run", sorted(versions(f"run_id = '{run_id}'")))
    answer("search versions by tag", versions("tags.note = 'n' AND name = 'doubler'"))
    answer("search versions ordered", versions("name = 'doubler'", ["version_number ASC"]))
    refused("bad version filter", lambda: versions("colour = 'x'"))
    client.delete_model_version("doubler", "3")
    refused("deleted version", lambda: client.get_model_version("doubler", "3"))
    client.rename_registered_model("net", "web")
    client.update_registered_model("web", "second")
    client.set_registered_model_tag("web", "gone", "1")
    client.delete_registered_model_tag("web", "gone")
    model = client.get_registered_model("web")
    answer("model", [model.name, model.description, model.tags, model.aliases])
    answer("model aliases", client.get_registered_model("doubler").aliases)
    client.delete_registered_model("web")
    refused("deleted registered model", lambda: client.get_registered_model("web"))
    for source in ["/etc", "file:///etc", "mlflow-artifacts:/", "mlflow-artifacts:/0/../1", "runs:/x/y"]:
        refused(f"source {source}", lambda: client.create_model_version("copy", source))


def main(uri, file):
    mlflow.set_tracking_uri(uri)
    client = MlflowClient()
    experiment = experiments(client)
    logged_values(client, experiment)
    searches(client)
    artifacts(client)
    registry(client, models(client))
    onnx_models(client)
    with open(file, "w", encoding="utf-8") as output:
        json.dump(ANSWERS, output, indent=1, ensure_ascii=False, default=str)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
