"""Makes ../fixtures/numerics-distributions.json: distributions, special functions, fits.

    pip install mpmath==1.3.0 numpy==2.4.6 scipy==1.17.1
    python numerics-distributions.py

"values" has rows [arguments..., expected] by function: special functions, quantiles and the CRPS
(by its defining integral, not by the closed form) from mpmath, the rest from SciPy. "fits" holds
Student-t samples with the maximum-likelihood fits of a general-purpose optimiser, "statistics" and
"regressions" small series with answers of NumPy and of 60-digit arithmetic.
"""

import json
import random
from pathlib import Path

import mpmath
import numpy as np
from mpmath import mp, mpf
from scipy import optimize, stats

mp.dps = 30
random.seed(7)
rng = np.random.default_rng(7)
DEGREES = [1.0, 1.5, 2.05, 3.0, 4.0, 5.5, 8.0, 30.0, 200.0, 3000.0, 12000.0, 1e6]


def uniform(low, high):
    return random.uniform(low, high)


def rows(function, arguments):
    return [[*point, float(function(*map(mpf, point)))] for point in arguments]


def t_density(z, df):
    top = mpmath.loggamma((df + 1) / 2) - mpmath.loggamma(df / 2)
    return mpmath.exp(top - (df + 1) / 2 * mpmath.log1p(z * z / df)) / mpmath.sqrt(df * mpmath.pi)


def t_cdf(z, df):
    tail = mpmath.betainc(df / 2, mpf(1) / 2, 0, df / (df + z * z), regularized=True) / 2
    return tail if z < 0 else 1 - tail


def t_quantile(p, df):
    z = mpf(float(stats.t.ppf(float(p), float(df))))
    for _ in range(4):
        z -= (t_cdf(z, df) - p) / t_density(z, df)
    return z


def t_crps(z, df):
    """The integral of (F(x) - 1{x >= z})^2."""
    points = sorted({-mpmath.inf, mpf(-8), mpf(-2), mpf(0), z, mpf(2), mpf(8), mpmath.inf})
    with mpmath.workdps(16):
        below = mpmath.quad(lambda x: t_cdf(x, df) ** 2, [x for x in points if x <= z])
        above = mpmath.quad(lambda x: t_cdf(-x, df) ** 2, [x for x in points if x >= z])
    return below + above


def normal_quantile(p):
    z = mpf(float(stats.norm.ppf(float(p))))
    for _ in range(4):
        z -= (mpmath.ncdf(z) - p) / mpmath.npdf(z)
    return z


def gamma_q(a, x):
    return mpmath.gammainc(a, x, mpmath.inf, regularized=True)


def gamma_p(a, x):
    return mpmath.gammainc(a, 0, x, regularized=True)


def half_step(x):
    return mpmath.loggamma(x + mpf(1) / 2) - mpmath.loggamma(x)


def values():
    positive = [[10 ** uniform(-5, 6)] for _ in range(100)] + [[uniform(0.01, 12)] for _ in range(150)]
    t_points = [[uniform(-12, 12), df] for df in DEGREES for _ in range(15)]
    tails = [[-(10 ** uniform(0, 12)), df] for df in (1.0, 2.5, 4.0) for _ in range(15)]
    probabilities = [[uniform(0, 1), df] for df in DEGREES for _ in range(15)]
    small = [[10 ** uniform(-30, -1), df] for df in DEGREES for _ in range(10)]
    gamma = [[uniform(0.3, 30), uniform(0, 60)] for _ in range(150)]
    beta = [[uniform(0, 1), uniform(0.3, 50), uniform(0.3, 50)] for _ in range(200)]
    table = {
        "lgamma": rows(mpmath.loggamma, positive),
        "digamma": rows(mpmath.digamma, positive),
        "logGammaHalfStep": rows(half_step, positive),
        "erf": rows(mpmath.erf, [[uniform(-7, 7)] for _ in range(100)] + [[uniform(-1, 1)] for _ in range(100)]),
        "erfc": rows(mpmath.erfc, [[uniform(-6, 26)] for _ in range(200)]),
        "regularisedGammaP": rows(gamma_p, gamma),
        "regularisedGammaQ": rows(gamma_q, gamma),
        "regularisedBeta": rows(lambda x, a, b: mpmath.betainc(a, b, 0, x, regularized=True), beta),
        "normalDensity": rows(mpmath.npdf, [[uniform(-30, 30)] for _ in range(50)]),
        "normalCdf": rows(mpmath.ncdf, [[uniform(-37, 8)] for _ in range(150)]),
        "normalQuantile": rows(normal_quantile, [[10 ** uniform(-300, 0)] for _ in range(100)]
                               + [[uniform(0, 1)] for _ in range(100)]),
        "studentTLogDensity": rows(lambda z, df: mpmath.log(t_density(z, df)), t_points),
        "studentTCdf": rows(t_cdf, t_points + tails),
        "studentTQuantile": rows(t_quantile, probabilities + small),
        "studentTCrps": rows(t_crps, [[uniform(-9, 9), df] for df in DEGREES[1:-2] for _ in range(4)]),
    }
    chi = [[uniform(0, 60), float(random.randint(1, 20))] for _ in range(100)]
    table["chiSquaredSurvival"] = [[*p, float(stats.chi2.sf(*p))] for p in chi]
    table["chiSquaredCdf"] = [[*p, float(stats.chi2.cdf(*p))] for p in chi]
    return table


def binomial_tests():
    found = []
    for _ in range(60):
        n = random.randint(1, 400) if random.random() < 0.8 else random.randint(1000, 5000)
        p = random.choice([0.05, 0.2, 0.5, 0.519, 0.8])
        k = min(n, max(0, int(round(n * p + uniform(-3, 3) * (n * p * (1 - p)) ** 0.5))))
        sides = ("less", "greater", "two-sided")
        found.append([k, n, p, *(float(stats.binomtest(k, n, p, side).pvalue) for side in sides)])
    return found


def fit(sample, location):
    def loss(point):
        middle = point[2] if location is None else location
        return -np.mean(stats.t.logpdf(sample, np.exp(point[0]), middle, np.exp(point[1])))

    start = [np.log(5), np.log(np.std(sample)), np.median(sample)]
    bounds = [(np.log(2.05), np.log(200)), (None, None), (None, None)]
    d = 3 if location is None else 2
    best = None
    for _ in range(4):
        best = optimize.minimize(
            loss, start[:d], method="Nelder-Mead", bounds=bounds[:d],
            options={"xatol": 1e-11, "fatol": 1e-15, "maxiter": 20000, "maxfev": 20000},
        )
        start = list(best.x) + start[d:]
    middle = best.x[2] if location is None else location
    return {"location": middle, "scale": float(np.exp(best.x[1])),
            "degreesOfFreedom": float(np.exp(best.x[0])), "meanLogLikelihood": -float(best.fun)}


def fits():
    cases = []
    samples = [
        rng.standard_t(4, 400) * 0.012 + 0.0005,
        rng.standard_t(3, 250) * 2 - 1,
        rng.standard_normal(300) * 0.3,
        rng.standard_t(1.2, 200),
        np.concatenate([rng.standard_t(5, 200) * 0.01, [0.35, -0.5, 0.28]]),
    ]
    for sample in samples:
        sample = np.round(sample, 8)
        cases.append({"sample": sample.tolist(), "free": fit(sample, None), "centred": fit(sample, 0.0)})
    return cases


def statistics():
    x = np.round(np.cumsum(rng.standard_normal(60)) * 0.1 + rng.standard_normal(60), 6)
    d = x - x.mean()
    covariances = [float(np.sum(d[lag:] * d[: len(d) - lag]) / len(d)) for lag in range(13)]
    long_run = [
        covariances[0] + 2 * sum((1 - j / (lag + 1)) * covariances[j] for j in range(1, lag + 1))
        for lag in range(13)
    ]
    probabilities = [0, 0.05, 0.1, 0.25, 1 / 3, 0.5, 0.9, 0.975, 1]
    return {
        "series": x.tolist(), "mean": float(x.mean()), "sampleVariance": float(x.var(ddof=1)),
        "populationVariance": float(x.var()), "autocovariance": covariances, "longRun": long_run,
        "quantiles": [[p, float(np.quantile(x, p))] for p in probabilities],
    }


def exact_solution(design, target):
    """The normal equations at 60 digits: their conditioning does not matter there."""
    with mpmath.workdps(60):
        x, y = mpmath.matrix(design.tolist()), mpmath.matrix(target.tolist())
        return np.array([float(value) for value in mpmath.lu_solve(x.T * x, x.T * y)])


def regressions():
    cases = []
    for n, k, factor in [(30, 1, 1.0), (80, 4, 1.0), (60, 3, 1e6), (5, 5, 1.0)]:
        design = rng.standard_normal((n, k)) * factor ** np.arange(k)
        design[:, 0] = 1
        target = design @ (rng.standard_normal(k) / factor ** np.arange(k)) + rng.standard_normal(n) * 0.3
        solution = exact_solution(design, target)
        rest = target - design @ solution
        explained = 1 - float(rest @ rest) / float(np.sum((target - target.mean()) ** 2))
        cases.append({"columns": design.T.tolist(), "target": target.tolist(),
                      "coefficients": solution.tolist(), "rSquared": explained})
    return cases


fixture = {
    "values": values(), "binomialTests": binomial_tests(), "fits": fits(),
    "statistics": statistics(), "regressions": regressions(),
}
target = Path(__file__).parent.parent / "fixtures" / "numerics-distributions.json"
target.write_text(json.dumps(fixture).replace("], [", "],\n[") + "\n")
