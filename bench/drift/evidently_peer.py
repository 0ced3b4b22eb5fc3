"""Evidently's default drift report on columns that come as lines of JSON on stdin.

Each line is {"reference": {name: [...]}, "current": {name: [...]}}; the answer to it is a line with the
milliseconds of the report, the columns that it calls drifted, and all columns.
"""

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import evidently
import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset

print(json.dumps({"version": evidently.__version__}), flush=True)

for line in sys.stdin:
    request = json.loads(line)
    reference = pd.DataFrame(request["reference"])
    current = pd.DataFrame(request["current"])
    start = time.perf_counter()
    snapshot = Report([DataDriftPreset()]).run(current, reference)
    metrics = snapshot.dict()["metrics"]
    milliseconds = (time.perf_counter() - start) * 1000
    drifted = next(
        metric["value"]["count"]
        for metric in metrics
        if "DriftedColumnsCount" in str(metric.get("metric_id", metric.get("metric_name", "")))
    )
    answer = {"milliseconds": milliseconds, "drifted": drifted, "columns": current.shape[1]}
    print(json.dumps(answer), flush=True)
