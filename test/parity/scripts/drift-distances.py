"""Makes ../fixtures/drift-distances.json: distances between samples by SciPy and NumPy.

    pip install numpy==2.4.6 scipy==1.17.1
    python drift-distances.py

The population stability index is written out from its definition; empty bins count as 0.0001.
"""

import json
from pathlib import Path

import numpy as np
from scipy import stats
from scipy.spatial import distance

rng = np.random.default_rng(2026)

SAMPLES = {
    "alike": (rng.standard_normal(200), rng.standard_normal(60)),
    "shifted": (rng.standard_normal(200), 1.5 + rng.standard_normal(20)),
    "wider": (rng.standard_t(4, 300), 2 * rng.standard_t(4, 50)),
    "with ties": (np.round(rng.standard_normal(120), 1), np.round(rng.standard_normal(80), 1)),
    "apart": (rng.random(40), 5 + rng.random(30)),
    "constant window": (rng.standard_normal(100), np.full(20, 0.25)),
}


def case(name, a, b):
    edges = np.quantile(a, np.arange(1, 10) / 10)
    p = np.bincount(np.searchsorted(edges, a, side="right"), minlength=10) / len(a)
    q = np.bincount(np.searchsorted(edges, b, side="right"), minlength=10) / len(b)
    lifted_p, lifted_q = np.maximum(p, 1e-4), np.maximum(q, 1e-4)
    return {
        "name": name,
        "reference": a.tolist(),
        "window": b.tolist(),
        "edges": edges.tolist(),
        "kolmogorovSmirnov": float(stats.ks_2samp(a, b).statistic),
        "wasserstein": float(stats.wasserstein_distance(a, b)),
        "jensenShannon": float(distance.jensenshannon(p, q, base=2)),
        "populationStability": float(np.sum((lifted_q - lifted_p) * np.log(lifted_q / lifted_p))),
    }


cases = [case(name, a, b) for name, (a, b) in SAMPLES.items()]
target = Path(__file__).parent.parent / "fixtures" / "drift-distances.json"
target.write_text(json.dumps({"cases": cases}, separators=(",", ":")) + "\n")
