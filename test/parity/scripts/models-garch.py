"""Makes ../fixtures/models-garch.json: GARCH(1,1) with Student-t errors, fitted by arch.

    pip install numpy==2.4.6 scipy==1.17.1 arch==8.0.0
    python models-garch.py

Three simulated series of returns and two of AAPL, from the sample data of this repository. arch's
own optimum is polished with a simplex over arch's own likelihood, whose optimiser stops early.
"""

import csv
import json
from pathlib import Path

import numpy as np
from arch import arch_model
from scipy import optimize

HERE = Path(__file__).parent
AAPL = HERE.parents[2] / "data" / "sample" / "AAPL.csv"
SPANS = {
    "AAPL 2004-2012": ("2004-03-01", "2012-12-31"),
    # Here the best alpha is zero: the edge of what is allowed.
    "AAPL 2001-2006": ("2001-03-01", "2006-12-29"),
}
PERCENT = 100.0


def simulate(seed, n, mean, omega, alpha, beta, nu):
    rng = np.random.default_rng(seed)
    variance = omega / (1 - alpha - beta)
    out = []
    for _ in range(n):
        error = np.sqrt(variance * (nu - 2) / nu) * rng.standard_t(nu)
        out.append(round(float(mean + error), 8))
        variance = omega + alpha * error**2 + beta * variance
    return np.array(out)


def aapl_returns(first, last):
    with AAPL.open() as file:
        rows = [(row["Date"], float(row["Close"])) for row in csv.DictReader(file)]
    closes = np.array([close for _, close in rows])
    returns = np.diff(np.log(closes))
    days = [day for day, _ in rows[1:]]
    chosen = [first <= day <= last for day in days]
    return returns[np.array(chosen)]


def in_plain_units(params):
    mean, omega, alpha, beta, nu = (float(value) for value in params)
    return {
        "mean": mean / PERCENT,
        "omega": omega / PERCENT**2,
        "alpha": alpha,
        "beta": beta,
        "degreesOfFreedom": nu,
    }


def fit(name, returns):
    model = arch_model(returns * PERCENT, mean="Constant", vol="GARCH", p=1, q=1, dist="t", rescale=False)
    first = model.fit(disp="off", tol=1e-12, options={"maxiter": 2000})
    backcast = model.volatility.backcast(returns * PERCENT - np.mean(returns) * PERCENT)
    shift = len(returns) * np.log(PERCENT)

    def log_likelihood(params):
        fixed = model.fix(params)
        fixed_backcast = backcast
        residuals = returns * PERCENT - params[0]
        bounds = np.tile([1e-12, 1e12], (len(residuals), 1))
        variance = np.empty_like(residuals)
        model.volatility.compute_variance(np.asarray(params[1:4]), residuals, variance, fixed_backcast, bounds)
        total = model.distribution.loglikelihood([params[4]], residuals, variance)
        assert abs(total - fixed.loglikelihood) < 1e-3 * abs(total), (total, fixed.loglikelihood)
        return float(total)

    def loss(params):
        _, omega, alpha, beta, nu = params
        if omega <= 0 or alpha < 0 or beta < 0 or alpha + beta >= 0.9999 or nu <= 2.05:
            return np.inf
        return -log_likelihood(params)

    best = np.array(first.params)
    for _ in range(3):
        options = {"xatol": 1e-10, "fatol": 1e-10, "maxiter": 4000, "maxfev": 4000}
        best = optimize.minimize(loss, best, method="Nelder-Mead", options=options).x
    elsewhere = [
        [0.0, 0.05 * np.var(returns * PERCENT), 0.05, 0.9, 8.0],
        [0.1, 0.5 * np.var(returns * PERCENT), 0.3, 0.2, 4.0],
    ]
    return {
        "name": name,
        "parameters": in_plain_units(best),
        "startVariance": float(backcast) / PERCENT**2,
        "logLikelihood": -loss(best) + shift,
        "elsewhere": [
            {"parameters": in_plain_units(p), "logLikelihood": log_likelihood(p) + shift}
            for p in elsewhere
        ],
    }


SIMULATED = {
    "calm": simulate(11, 1500, 0.0004, 4e-6, 0.06, 0.92, 7),
    "wild": simulate(12, 1000, 0.0, 2e-5, 0.15, 0.78, 4),
    "near normal": simulate(13, 1200, 0.0008, 1e-5, 0.1, 0.8, 25),
}

series = [{**fit(name, returns), "returns": returns.tolist()} for name, returns in SIMULATED.items()]
for name, (first, last) in SPANS.items():
    returns = aapl_returns(first, last)
    series.append({**fit(name, returns), "from": first, "to": last, "n": len(returns)})
target = HERE.parent / "fixtures" / "models-garch.json"
target.write_text(json.dumps({"series": series}).replace("}, {", "},\n{") + "\n")
