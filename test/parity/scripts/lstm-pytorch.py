"""Makes ../fixtures/lstm-pytorch.json: LSTMs trained a few steps by PyTorch in float64.

    pip install torch==2.13.0
    python lstm-pytorch.py

Every case is an LSTM of one or two layers, a linear head on the last hidden state, one of the losses
and odd batch sizes, some with sample weights. Kept are the initial weights, raw outputs, loss, every
gradient of the first batch, and the losses of ten AdamW steps with gradients clipped by global norm.
"""

import json
from pathlib import Path

import torch
from torch import nn
from torch.distributions import Normal, StudentT
from torch.nn.functional import softplus

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

STEPS = 10
ADAMW = {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.05}
CLIP_NORM = 0.5
SCALE_FLOOR = 1e-4
DEGREES_OF_FREEDOM_FLOOR = 2.05
LEVELS = [0.1, 0.5, 0.9]

CASES = [
    {"loss": "student-t", "outputs": 3, "features": 3, "hidden": [5], "rows": 4, "batch": 7},
    {"loss": "student-t", "outputs": 3, "features": 2, "hidden": [3, 4], "rows": 5, "batch": 3, "weighted": True},
    {"loss": "gaussian", "outputs": 2, "features": 4, "hidden": [4, 4], "rows": 3, "batch": 5},
    {"loss": "pinball", "outputs": 3, "features": 1, "hidden": [6], "rows": 6, "batch": 1},
    {"loss": "squared-error", "outputs": 1, "features": 5, "hidden": [3], "rows": 2, "batch": 9, "weighted": True},
    {"loss": "squared-error", "outputs": 1, "features": 2, "hidden": [5, 3], "rows": 3, "batch": 67},
]


class Network(nn.Module):
    def __init__(self, case):
        super().__init__()
        sizes = [case["features"], *case["hidden"]]
        self.layers = nn.ModuleList(
            nn.LSTM(below, size, batch_first=True) for below, size in zip(sizes, sizes[1:])
        )
        self.head = nn.Linear(sizes[-1], case["outputs"])

    def forward(self, x):
        for layer in self.layers:
            x, _ = layer(x)
        return self.head(x[:, -1])


def losses_of(kind, raw, y):
    if kind == "student-t":
        scale = SCALE_FLOOR + softplus(raw[:, 1])
        df = DEGREES_OF_FREEDOM_FLOOR + softplus(raw[:, 2])
        return -StudentT(df, raw[:, 0], scale).log_prob(y)
    if kind == "gaussian":
        return -Normal(raw[:, 0], SCALE_FLOOR + softplus(raw[:, 1])).log_prob(y)
    if kind == "pinball":
        error = y[:, None] - raw
        levels = torch.tensor(LEVELS)
        return torch.maximum(levels * error, (levels - 1) * error).mean(dim=1)
    return (raw[:, 0] - y) ** 2


def flat(tensors):
    return [v for tensor in tensors for v in tensor.detach().reshape(-1).tolist()]


def run(case, seed):
    torch.manual_seed(seed)
    count = case["rows"] + case["batch"] + 3
    rows = torch.randn(count, case["features"])
    ends = torch.randint(case["rows"] - 1, count, (case["batch"],))
    targets = torch.randn(case["batch"])
    weights = torch.rand(case["batch"]) + 0.1 if case.get("weighted") else torch.ones(case["batch"])
    x = torch.stack([rows[e - case["rows"] + 1 : e + 1] for e in ends.tolist()])
    network = Network(case)
    optimiser = torch.optim.AdamW(network.parameters(), **ADAMW)
    kept = {
        "initial": flat(network.parameters()),
        "rowValues": flat([rows]),
        "ends": ends.tolist(),
        "targets": targets.tolist(),
        "weights": weights.tolist() if case.get("weighted") else None,
        "losses": [],
        "norms": [],
    }
    for step in range(STEPS):
        optimiser.zero_grad()
        raw = network(x)
        loss = (weights * losses_of(case["loss"], raw, targets)).sum() / weights.sum()
        loss.backward()
        if step == 0:
            kept["raw"] = flat([raw])
            kept["gradients"] = flat(p.grad for p in network.parameters())
        norm = nn.utils.clip_grad_norm_(network.parameters(), CLIP_NORM)
        optimiser.step()
        kept["losses"].append(loss.item())
        kept["norms"].append(norm.item())
    kept["final"] = flat(network.parameters())
    return {**case, **kept}


def main():
    document = {
        "made": f"lstm-pytorch.py with torch {torch.__version__}, float64",
        "levels": LEVELS,
        "adamw": {"learningRate": ADAMW["lr"], "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8,
                  "weightDecay": ADAMW["weight_decay"]},
        "clipNorm": CLIP_NORM,
        "cases": [run(case, seed) for seed, case in enumerate(CASES)],
    }
    path = Path(__file__).parent.parent / "fixtures" / "lstm-pytorch.json"
    path.write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
