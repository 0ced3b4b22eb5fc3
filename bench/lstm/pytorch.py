"""PyTorch's side of the LSTM benchmark: trains the workload it is told, and answers with times.

    pip install numpy==2.4.6 torch==2.13.0

Reads one JSON object per line from standard input and answers with one per line:

    {"do": "train", "workload": {...}, "threads": 1, "oneDnn": true, "milliseconds": 200}
        -> {"msPerStep": [...]}
    {"do": "infer", ...}     -> {"msPerStep": [...]}, one window per step
    {"do": "version"}        -> {"version": "2.13.0"}

A step is what the engine's step is: forward through nn.LSTM (float32) and a linear head on the last
hidden state, Student-t negative log-likelihood, full backpropagation, clipping by global norm, fused
AdamW. Models are kept, so that only the first request for a workload pays for making it.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.distributions import StudentT
from torch.nn.functional import softplus

WARM_UP_STEPS = 2
MODELS = {}


class Network(nn.Module):
    def __init__(self, features, hidden, outputs):
        super().__init__()
        self.lstm = nn.LSTM(features, hidden[0], num_layers=len(hidden), batch_first=True)
        self.head = nn.Linear(hidden[-1], outputs)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.head(out[:, -1])


def model_of(workload):
    name = workload["name"]
    if name not in MODELS:
        torch.manual_seed(1)
        network = Network(workload["inputSize"], workload["hiddenSizes"], 3)
        optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-3, fused=True)
        x = torch.randn(workload["batch"], workload["windowLength"], workload["inputSize"])
        y = torch.randn(workload["batch"])
        MODELS[name] = (network, optimiser, x, y)
    return MODELS[name]


def train_step(network, optimiser, x, y):
    optimiser.zero_grad(set_to_none=True)
    raw = network(x)
    scale = 1e-4 + softplus(raw[:, 1])
    degrees = 2.05 + softplus(raw[:, 2])
    loss = -StudentT(degrees, raw[:, 0], scale, validate_args=False).log_prob(y).mean()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()


def timed(action, milliseconds):
    for _ in range(WARM_UP_STEPS):
        action()
    times = []
    end = time.perf_counter() + milliseconds / 1000
    while len(times) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    return times


def answer(request):
    if request["do"] == "version":
        return {"version": torch.__version__}
    torch.set_num_threads(request["threads"])
    network, optimiser, x, y = model_of(request["workload"])
    with torch.backends.mkldnn.flags(enabled=request["oneDnn"]):
        if request["do"] == "train":
            action = lambda: train_step(network, optimiser, x, y)
            return {"msPerStep": timed(action, request["milliseconds"])}
        with torch.inference_mode():
            action = lambda: network(x[:1])
            return {"msPerStep": timed(action, request["milliseconds"])}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
