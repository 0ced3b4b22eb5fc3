"""Makes ../fixtures/skill-tests.json: tests of forecasting skill by statsmodels, SciPy and NumPy.

    pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0
    python skill-tests.py

Diebold-Mariano statistics are the t-statistic of a regression on a constant with statsmodels' HAC
(Bartlett) covariance, times the factor of Harvey, Leybourne & Newbold; p-values by SciPy. The
relative bound uses the same regression on the linearised ratio. The tests of direction and of
interval coverage are written out here from their papers.
"""

import json
from pathlib import Path

import numpy as np
import statsmodels.api as sm
from scipy import stats
from scipy.special import xlog1py, xlogy

rng = np.random.default_rng(1997)


def small_sample_factor(n, h):
    return np.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)


def mean_with_error(series, h, lag):
    fit = sm.OLS(series, np.ones(len(series))).fit(
        cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": False}
    )
    return float(fit.params[0]), float(fit.bse[0]) / small_sample_factor(len(series), h)


def losses(n, advantage, memory):
    noise = rng.standard_normal((2, n + 50))
    for t in range(1, n + 50):
        noise[:, t] += memory * noise[:, t - 1]
    base = np.abs(noise[0, 50:]) + 0.2
    other = base + 0.3 * noise[1, 50:] * 0.2 - advantage
    return np.round(np.abs(other), 8), np.round(base, 8)


def loss_cases():
    cases = []
    for n, h, lag, advantage, memory in [
        (250, 1, None, 0.01, 0.0), (250, 1, 0, 0.0, 0.3), (120, 5, None, 0.02, 0.7),
        (300, 10, None, -0.01, 0.8), (60, 22, 30, 0.0, 0.5), (20, 1, None, 0.05, 0.0),
    ]:
        a, b = losses(n, advantage, memory)
        used = max(h - 1, 5) if lag is None else lag
        mean, error = mean_with_error(a - b, h, used)
        t = mean / error
        difference = mean / b.mean()
        linearised = (a - b - difference * b) / b.mean()
        ratio_error = mean_with_error(linearised, h, used)[1]
        reach = stats.norm.ppf(0.95) + stats.norm.ppf(0.8)
        cases.append({
            "a": a.tolist(), "b": b.tolist(), "horizon": h, "lag": lag,
            "t": t, "p": float(stats.t.cdf(t, n - 1)),
            "difference": difference, "standardError": ratio_error,
            "upper": difference + float(stats.t.ppf(0.95, n - 1)) * ratio_error,
            "sessions": None if t >= 0 else 0 if stats.t.cdf(t, n - 1) <= 0.05
            else int(np.ceil(n * ((reach / t) ** 2 - 1))),
        })
    return cases


def pesaran_timmermann(said_up, went_up):
    n = len(went_up)
    x, y = said_up.mean(), went_up.mean()
    hit = (said_up == went_up).mean()
    expected = y * x + (1 - y) * (1 - x)
    of_hit = expected * (1 - expected) / n
    of_expected = (
        (2 * y - 1) ** 2 * x * (1 - x) / n
        + (2 * x - 1) ** 2 * y * (1 - y) / n
        + 4 * y * x * (1 - y) * (1 - x) / n**2
    )
    return float((hit - expected) / np.sqrt(of_hit - of_expected))


def direction_cases():
    cases = []
    for n, drift, skill in [(300, 0.0, 0.0), (400, 0.1, 0.2), (150, -0.3, 0.1), (40, 0.2, -0.3)]:
        outcome = np.round(rng.standard_normal(n) + drift, 4)
        outcome[::37] = 0
        forecast = np.round(skill * outcome + 0.5 * rng.standard_normal(n) + drift, 4)
        forecast[::41] = 0
        said_up, went_up = forecast >= 0, outcome > 0
        hits = int(np.sum(np.where(said_up, outcome > 0, outcome < 0)))
        majority = max(np.sum(outcome > 0), np.sum(outcome < 0)) / n
        t = pesaran_timmermann(said_up, went_up)
        cases.append({
            "forecasts": forecast.tolist(), "outcomes": outcome.tolist(),
            "pesaranTimmermann": {"t": t, "p": float(stats.norm.sf(t))},
            "accuracy": hits / n, "majorityShare": float(majority),
            "binomialP": float(stats.binomtest(hits, n, majority, "greater").pvalue),
        })
    return cases


def bernoulli(misses, n, p):
    return xlogy(misses, p) + xlog1py(n - misses, -p)


def coverage_cases():
    cases = []
    for n, nominal, base, sticky in [(500, 0.05, 0.05, 0.0), (500, 0.2, 0.25, 0.2),
                                     (250, 0.05, 0.1, 0.5), (100, 0.2, 0.1, -0.1)]:
        misses = np.zeros(n, dtype=int)
        for t in range(n):
            misses[t] = rng.random() < base + (sticky if t and misses[t - 1] else 0)
        x = int(misses.sum())
        coverage = float(2 * (bernoulli(x, n, x / n) - bernoulli(x, n, nominal)))
        before, now = misses[:-1], misses[1:]
        counts = [[int(np.sum((before == i) & (now == j))) for j in (0, 1)] for i in (0, 1)]
        free = sum(bernoulli(row[1], sum(row), row[1] / sum(row)) for row in counts)
        pooled = counts[0][1] + counts[1][1]
        independence = float(2 * (free - bernoulli(pooled, n - 1, pooled / (n - 1))))
        both = coverage + independence
        cases.append({
            "misses": misses.tolist(), "nominal": nominal,
            "coverage": {"t": coverage, "p": float(stats.chi2.sf(coverage, 1))},
            "independence": {"t": independence, "p": float(stats.chi2.sf(independence, 1))},
            "conditionalCoverage": {"t": both, "p": float(stats.chi2.sf(both, 2))},
        })
    return cases


fixture = {"losses": loss_cases(), "directions": direction_cases(), "coverages": coverage_cases()}
target = Path(__file__).parent.parent / "fixtures" / "skill-tests.json"
target.write_text(json.dumps(fixture).replace("}, {", "},\n{") + "\n")
