"""Makes ../fixtures/models-volatility.json: EWMA variance and HAR regression on the sample's AAPL.

    pip install numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 statsmodels==0.15.0
    python models-volatility.py

Features by pandas, regressions by statsmodels' OLS, Student-t scale and tail by SciPy's optimiser
over SciPy's density. The weights of the EWMA run over 250 returns and add up to one.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import optimize, stats

HERE = Path(__file__).parent
AAPL = HERE.parents[2] / "data" / "sample" / "AAPL.csv"
TRAINED_TO = "2007-12-31"
SESSIONS = 250
INPUTS = ["v1", "v5", "v22", "leverage"]

bars = pd.read_csv(AAPL, parse_dates=["Date"]).set_index("Date")
weights = 0.06 * 0.94 ** np.arange(SESSIONS - 1, -1, -1)
weights /= weights.sum()

r = np.log(bars.Close).diff()
overnight = np.log(bars.Open / bars.Close.shift())
s2 = (r**2).rolling(SESSIONS).apply(lambda window: weights @ window, raw=True)
v = (
    0.5 * np.log(bars.High / bars.Low) ** 2
    - (2 * np.log(2) - 1) * np.log(bars.Close / bars.Open) ** 2
    + overnight**2
)
table = pd.DataFrame(
    {
        "v1": np.log(v),
        "v5": np.log(v).rolling(5).mean(),
        "v22": np.log(v).rolling(22).mean(),
        "leverage": np.minimum(r / np.sqrt(s2), 0).clip(lower=-8),
    }
)


def student_t(ratios):
    def loss(point):
        return -stats.t.logpdf(ratios, np.exp(point[1]), 0, np.exp(point[0])).sum()

    options = {"xatol": 1e-11, "fatol": 1e-11, "maxiter": 4000, "maxfev": 4000}
    best = [np.log(np.std(ratios)), np.log(6)]
    for _ in range(3):
        best = optimize.minimize(loss, best, method="Nelder-Mead", options=options).x
    return {"scale": float(np.exp(best[0])), "degreesOfFreedom": float(np.exp(best[1]))}


def training_days(columns, h):
    """Days with all inputs whose h-session label has matured by the end of the training span."""
    matured = bars.loc[:TRAINED_TO].index[:-h]
    complete = columns.dropna().index
    return matured.intersection(complete)


def label(h):
    return np.log(bars.Close.shift(-h) / bars.Close)


def fit_ewma(h):
    days = training_days(s2.to_frame(), h)
    ratios = (label(h) / np.sqrt(s2 * h))[days]
    return {"horizon": h, "n": len(days), **student_t(ratios.to_numpy())}


def fit_har(h):
    days = training_days(table, h)
    future = np.log(v.rolling(h).mean().shift(-h))
    fit = sm.OLS(future[days], sm.add_constant(table.loc[days, INPUTS])).fit()
    ratios = label(h)[days] / (np.exp(0.5 * fit.fittedvalues) * np.sqrt(h))
    return {
        "horizon": h,
        "n": len(days),
        "coefficients": fit.params.tolist(),
        **student_t(ratios.to_numpy()),
    }


days = ["2001-03-01", "2003-07-15", "2008-10-10", "2013-03-01"]
fixture = {
    "trainedTo": TRAINED_TO,
    "volatility": [{"day": day, "value": float(np.sqrt(s2[day]))} for day in days],
    "inputs": [{"day": day, "values": table.loc[day].tolist()} for day in days],
    "ewma": [fit_ewma(h) for h in (1, 5)],
    "har": [fit_har(h) for h in (1, 5)],
}
target = HERE.parent / "fixtures" / "models-volatility.json"
target.write_text(json.dumps(fixture).replace("}, ", "},\n").replace("], ", "],\n") + "\n")
