"""Makes ../fixtures/skill-scores.json: all scores of one track by NumPy and SciPy.

    pip install numpy==2.4.6 scipy==1.17.1
    python skill-scores.py

CRPS is the integral that defines it, not the closed form.
"""

import json
from pathlib import Path

import numpy as np
from scipy import integrate, stats

rng = np.random.default_rng(2019)
N = 60

location = np.round(rng.normal(0, 0.002, N), 6)
location[[3, 17]] = 0
scale = np.round(rng.uniform(0.005, 0.03, N), 6)
df = np.round(rng.uniform(2.2, 30, N), 4)
outcome = np.round(location + scale * rng.standard_t(4, N), 6)
outcome[[9, 17]] = 0
close = np.round(100 * np.exp(np.cumsum(outcome)), 4)
proxy = np.round(scale**2 * rng.uniform(0.3, 3, N), 10)
proxy[5] = 0
naive_error = np.where(np.arange(N) < 30, 1.1, 1.7)


def crps(y, mu, s, v):
    z = (y - mu) / s
    below = integrate.quad(lambda x: stats.t.cdf(x, v) ** 2, -np.inf, z, epsabs=1e-13, epsrel=1e-12)
    above = integrate.quad(lambda x: stats.t.sf(x, v) ** 2, z, np.inf, epsabs=1e-13, epsrel=1e-12)
    return s * (below[0] + above[0])


crps_losses = [crps(*row) for row in zip(outcome, location, scale, df)]
nll_losses = -stats.t.logpdf(outcome, df, location, scale)
pit = stats.t.cdf(outcome, df, location, scale)
price = close * np.exp(outcome)
error = price - close * np.exp(location)
ratio = proxy[proxy > 0] / (scale**2 * df / (df - 2))[proxy > 0]


def coverage(level):
    low, high = stats.t.interval(level, df, location, scale)
    return float(np.mean((outcome >= low) & (outcome <= high)))


fixture = {
    "track": {"location": location.tolist(), "scale": scale.tolist(), "degreesOfFreedom": df.tolist()},
    "outcome": outcome.tolist(),
    "referenceClose": close.tolist(),
    "varianceProxy": proxy.tolist(),
    "naivePriceError": naive_error.tolist(),
    "crpsLosses": crps_losses,
    "nllLosses": nll_losses.tolist(),
    "pit": pit.tolist(),
    "scores": {
        "crps": float(np.mean(crps_losses)),
        "nll": float(nll_losses.mean()),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "mae": float(np.mean(np.abs(error))),
        "mapeFraction": float(np.mean(np.abs(error / price))),
        "r2oos": float(1 - np.sum((outcome - location) ** 2) / np.sum(outcome**2)),
        "mase": float(np.mean(np.abs(error) / naive_error)),
        "qlike": float(np.mean(ratio - np.log(ratio) - 1)),
        "coverage80": coverage(0.8),
        "coverage95": coverage(0.95),
        "directionalAccuracy": float(np.mean(np.where(location >= 0, outcome > 0, outcome < 0))),
        "n": N,
    },
}
target = Path(__file__).parent.parent / "fixtures" / "skill-scores.json"
target.write_text(json.dumps(fixture).replace("], ", "],\n") + "\n")
