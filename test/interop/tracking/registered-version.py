"""What Python's MLflow makes of a run and of the version that it registered.

Usage: registered-version.py RUN_ID OUTCOME.json, with MLFLOW_TRACKING_URI set.
"""

import json
import logging
import os
import sys
import warnings

os.environ["GIT_PYTHON_REFRESH"] = "quiet"
warnings.filterwarnings("ignore")

import mlflow
import numpy as np
import pandas as pd

logging.getLogger("mlflow").setLevel(logging.ERROR)


def forecast(uri):
    model = mlflow.pyfunc.load_model(uri)
    names = model.metadata.get_input_schema().input_names()
    example = model.input_example
    table = pd.DataFrame(example.values.tolist(), columns=names)
    outputs = model.predict(table)
    return {name: float(np.asarray(outputs[name]).reshape(-1)[0]) for name in outputs}


def main(run_id, outcome_path):
    client = mlflow.MlflowClient()
    run = client.get_run(run_id)
    version = client.get_model_version_by_alias("aapl-forecaster", "production")
    children = mlflow.search_runs(
        [run.info.experiment_id],
        filter_string=f"tags.`mlflow.parentRunId` = '{run_id}'",
        order_by=["params.fold ASC"],
    )
    mlflow.set_experiment(experiment_id=run.info.experiment_id)
    table = mlflow.load_table("backtest/AAPL/calibration.json", run_ids=[run_id])
    card = mlflow.artifacts.load_text(version.tags["tickerflow.modelCard"])
    outcome = {
        "forecasts": {
            uri: forecast(uri)
            for uri in [
                "models:/aapl-forecaster@production",
                "models:/aapl-forecaster/Production",
                f"models:/aapl-forecaster/{version.version}",
                f"runs:/{run_id}/model",
            ]
        },
        "version": {
            "stage": version.current_stage,
            "aliases": sorted(version.aliases),
            "runId": version.run_id,
            "description": version.description,
        },
        "card": card.splitlines()[0],
        "folds": children["params.test_from"].tolist(),
        "foldScores": children["metrics.har.crps"].tolist(),
        "table": {
            "columns": table.columns.tolist(),
            "rows": len(table),
            "coverage80": float(
                table[(table.model == "har") & (table.level == 0.8)].coverage.iloc[0]
            ),
        },
        "inputs": [
            {
                "name": one.dataset.name,
                "columns": [column["name"] for column in json.loads(one.dataset.schema)["mlflow_colspec"]],
                "profile": json.loads(one.dataset.profile),
            }
            for one in run.inputs.dataset_inputs
        ],
        "load": [
            point.step
            for point in client.get_metric_history(run_id, "system/system_memory_usage_megabytes")
        ],
        "plot": mlflow.artifacts.load_image(f"{run.info.artifact_uri}/plots/skill.png").size,
    }
    with open(outcome_path, "w", encoding="utf-8") as file:
        json.dump(outcome, file)


main(*sys.argv[1:])
