"""Makes ../fixtures/selection-statistics.json: statistics of choosing among many models.

    pip install numpy==2.4.6 scipy==1.17.1 arch==8.0.0
    python selection-statistics.py

SPA, model confidence set and block lengths are arch's; the bootstrap days that arch drew are in the
fixture, so that the p-values can be compared exactly. arch compares means that are not divided by
their standard errors: the studentised SPA of Hansen 2005 is written out here from the paper, with
arch's variances. Sharpe ratios (Bailey & Lopez de Prado 2012, 2014) and the probability of backtest
overfitting (Bailey et al. 2017) are written out here from the papers.
"""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
from arch.bootstrap import MCS, SPA, StationaryBootstrap, optimal_block_length
from scipy import stats

rng = np.random.default_rng(2005)


def drawn_days(n, block, reps, seed):
    bootstrap = StationaryBootstrap(block, np.arange(n), seed=seed)
    return np.array([data[0][0] for data in bootstrap.bootstrap(reps)])


def loss_table(n, advantages, memory=0.4):
    common = rng.standard_normal(n + 50)
    for t in range(1, n + 50):
        common[t] += memory * common[t - 1]
    base = np.abs(common[50:]) + 0.3
    columns = [base + 0.2 * rng.standard_normal(n) - a for a in (0.0, *advantages)]
    return np.round(np.array(columns), 8)


def studentised_spa(benchmark, models, variances, days):
    gains = benchmark[:, None] - models.T
    n, mean = len(benchmark), gains.mean(0)
    deviation = np.sqrt(variances / n)
    observed = max(0.0, (mean / deviation).max())
    keep = mean >= -deviation * np.sqrt(2 * np.log(np.log(n)))
    centres = [np.maximum(mean, 0), np.where(keep, mean, 0), mean]
    shares = []
    for centre in centres:
        drawn = [max(0.0, ((gains[d].mean(0) - centre) / deviation).max()) for d in days]
        shares.append(float((np.array(drawn) > observed).mean()))
    return dict(zip(["lower", "consistent", "upper"], shares))


def comparison_cases():
    cases = []
    for n, block, reps, advantages, seed in [
        (60, 4, 200, (0.02, -0.01, 0.05), 1),
        (80, 6, 200, (0.0, 0.01, -0.3, 0.02, 0.03), 2),
        (50, 3, 200, (0.15, 0.1, 0.0, -0.05), 3),
    ]:
        losses = loss_table(n, advantages)
        benchmark, models = losses[0], losses[1:]
        days = drawn_days(n, block, reps, seed)
        spa = SPA(benchmark, models.T, block_size=block, reps=reps, seed=seed)
        spa.compute()
        mcs = MCS(losses.T, 0.1, reps=reps, block_size=block, method="max", seed=seed)
        mcs.compute()
        assert np.array_equal(np.array(mcs._bootstrap_indices), days)
        cases.append({
            "losses": losses.tolist(), "blockLength": block, "days": days.tolist(),
            "spa": {k: float(v) for k, v in spa.pvalues.items()},
            "studentisedSpa": studentised_spa(benchmark, models, spa._loss_diff_var, days),
            "confidenceSet": [float(mcs.pvalues.Pvalue[k]) for k in range(len(losses))],
            "blocks": [float(v) for v in optimal_block_length((benchmark - models).T)["stationary"]],
        })
    return cases


def block_cases():
    cases = []
    for n, memory in [(200, 0.0), (300, 0.5), (250, 0.95), (30, -0.4), (1200, 0.2)]:
        x = rng.standard_normal(n)
        for t in range(1, n):
            x[t] += memory * x[t - 1]
        x = np.round(x, 6)
        length = float(optimal_block_length(x)["stationary"].iloc[0])
        cases.append({"series": x.tolist(), "length": length})
    return cases


def sharpe(x):
    return x.mean() / x.std(ddof=1)


def probabilistic_sharpe(x, benchmark):
    ratio, skew, kurtosis = sharpe(x), stats.skew(x), stats.kurtosis(x, fisher=False)
    spread = np.sqrt(1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2)
    return float(stats.norm.cdf((ratio - benchmark) * np.sqrt(len(x) - 1) / spread))


def expected_maximum(ratios):
    n = len(ratios)
    near, far = stats.norm.ppf(1 - 1 / n), stats.norm.ppf(1 - 1 / (n * np.e))
    return float(np.std(ratios, ddof=1) * ((1 - np.euler_gamma) * near + np.euler_gamma * far))


def sharpe_cases():
    cases = []
    for n, trials, edge in [(500, 10, 0.1), (250, 2, 0.0), (120, 50, 0.2)]:
        table = 0.01 * (stats.t.rvs(4, size=(trials, n), random_state=rng))
        table[0] += 0.01 * edge + 0.004 * (table[0] > 0.02)
        table = np.round(table, 8)
        ratios = [float(sharpe(row)) for row in table]
        cases.append({
            "returns": table[0].tolist(), "ratios": ratios,
            "skewness": float(stats.skew(table[0])),
            "kurtosis": float(stats.kurtosis(table[0], fisher=False)),
            "probabilistic": probabilistic_sharpe(table[0], 0.0),
            "expectedMaximum": expected_maximum(ratios),
            "deflated": probabilistic_sharpe(table[0], expected_maximum(ratios)),
        })
    return cases


def overfitting(table, blocks, criterion):
    n = table.shape[1]
    edges = [b * n // blocks for b in range(blocks + 1)]
    parts = [np.arange(edges[b], edges[b + 1]) for b in range(blocks)]
    below = count = 0
    for chosen in combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[b] for b in chosen])
        outside = np.concatenate([parts[b] for b in range(blocks) if b not in chosen])
        score = sharpe if criterion == "sharpe" else np.mean
        winner = int(np.argmax([score(row[inside]) for row in table]))
        ranks = stats.rankdata([score(row[outside]) for row in table])
        relative = ranks[winner] / (len(table) + 1)
        below += np.log(relative / (1 - relative)) <= 0
        count += 1
    return {"probability": below / count, "halvings": count}


def overfitting_cases():
    cases = []
    for trials, n, blocks, best in [(5, 101, 8, 0.0), (8, 160, 10, 0.5), (2, 60, 6, 0.1)]:
        table = rng.standard_normal((trials, n))
        table[trials - 1] += best
        table = np.round(table, 6)
        for criterion in ("mean", "sharpe"):
            cases.append({
                "values": table.tolist(), "blocks": blocks, "criterion": criterion,
                **overfitting(table, blocks, criterion),
            })
    return cases


fixture = {
    "comparisons": comparison_cases(), "blocks": block_cases(),
    "sharpe": sharpe_cases(), "overfitting": overfitting_cases(),
}
target = Path(__file__).parent.parent / "fixtures" / "selection-statistics.json"
target.write_text(json.dumps(fixture, separators=(",", ":")).replace("},{", "},\n{") + "\n")
