"""The same forecast from the same weights, by FastAPI and PyTorch or ONNX Runtime.

MODEL_DIRECTORY: the files of a model version; BACKEND: torch or onnx.
Checks no bars, records no forecast and fits no baseline: less work than what it is compared with.
"""

import json
import os
import pathlib
import struct

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel
from scipy.special import stdtr, stdtrit

DIRECTORY = pathlib.Path(os.environ["MODEL_DIRECTORY"])
BACKEND = os.environ["BACKEND"]
STATE = json.loads((DIRECTORY / "forecaster.json").read_text())["saved"]["state"]
OPTIONS, SCALER = STATE["options"], STATE["scaler"]
FEATURES, T = OPTIONS["features"], OPTIONS["windowLength"]
EWMA = 0.06 * 0.94 ** np.arange(250)
EWMA /= EWMA.sum()
EWMA = EWMA[::-1].copy()
FLOOR = 1e-10


def load_torch():
    import torch

    torch.set_num_threads(1)
    raw = (DIRECTORY / "weights.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header, data = json.loads(raw[8 : 8 + length]), raw[8 + length :]
    tensors = {
        name: torch.frombuffer(bytearray(data[slice(*at["data_offsets"])]), dtype=torch.float32)
        .reshape(at["shape"])
        for name, at in header.items()
        if name != "__metadata__"
    }
    networks = []
    for i, saved in enumerate(STATE["networks"]):
        sizes = saved["architecture"]["hiddenSizes"]
        lstm = torch.nn.LSTM(len(FEATURES), sizes[0], len(sizes), batch_first=True)
        head = torch.nn.Linear(sizes[-1], 3)
        part = lambda kind: {
            name.removeprefix(f"network{i}.{kind}."): value
            for name, value in tensors.items()
            if name.startswith(f"network{i}.{kind}.")
        }
        lstm.load_state_dict(part("lstm"))
        head.load_state_dict(part("head"))
        networks.append((lstm.eval(), head.eval()))
    mean = torch.tensor(SCALER["mean"])
    deviation = torch.tensor(SCALER["deviation"])

    @torch.inference_mode()
    def predict(window, volatility):
        rows = ((torch.from_numpy(window) - mean) / deviation).float()[None]
        outputs = torch.cat([head(lstm(rows)[0][:, -1]) for lstm, head in networks])
        location = outputs[:, 0] * OPTIONS["locationWeight"]
        scale = 1e-4 + torch.nn.functional.softplus(outputs[:, 1])
        degrees = (2.05 + torch.nn.functional.softplus(outputs[:, 2])).log().mean().exp()
        variance = (scale**2).mean() + location.var(correction=0)
        return (
            float(location.mean()) * volatility,
            float(variance.sqrt()) * volatility,
            float(degrees),
        )

    return predict


def load_onnx():
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(DIRECTORY / "model.onnx"), options)

    def predict(window, volatility):
        row = np.append(window.ravel(), volatility).astype(np.float32)[None]
        return tuple(float(output[0, 0]) for output in session.run(None, {"features": row}))

    return predict


predict = load_torch() if BACKEND == "torch" else load_onnx()


def window_of(opened, high, low, close, volume):
    """The last T rows of the features, and today's volatility."""
    r = np.log(close[1:] / close[:-1])
    squares = np.lib.stride_tricks.sliding_window_view(r * r, 250)[-T:]
    variance = np.maximum(squares @ EWMA, FLOOR)
    s, log_variance = np.sqrt(variance), np.log(variance)
    long = np.log(np.maximum(squares.mean(axis=1), FLOOR))
    overnight = np.log(opened[1:] / close[:-1])
    body = np.log(close[1:] / opened[1:])
    spread = np.log(high[1:] / low[1:])
    daily = 0.5 * spread**2 - (2 * np.log(2) - 1) * body**2 + overnight**2
    v = np.log(np.maximum(daily, FLOOR))
    mean_of = lambda column, n: np.convolve(column, np.full(n, 1 / n), "valid")[-T:]
    sum_of = lambda column, n: np.convolve(column, np.ones(n), "valid")[-T:]
    logs = np.log(volume)
    scaled = r[-T:] / s
    columns = {
        "scaledReturn": scaled,
        "absoluteScaledReturn": np.abs(scaled),
        "rangeRatio1": v[-T:] - log_variance,
        "rangeRatio5": mean_of(v, 5) - log_variance,
        "rangeRatio22": mean_of(v, 22) - log_variance,
        "overnightReturn": overnight[-T:] / s,
        "volumeSurprise": logs[-T:] - mean_of(logs, 20),
        "momentum5": sum_of(r, 5) / (s * np.sqrt(5)),
        "momentum20": sum_of(r, 20) / (s * np.sqrt(20)),
        "volatilityTrend": log_variance - long,
    }
    window = np.stack([np.clip(columns[name], -8, 8) for name in FEATURES], axis=1)
    return window, float(s[-1])


class Bars(BaseModel):
    date: list[str]
    open: list[float]
    high: list[float]
    low: list[float]
    close: list[float]
    volume: list[float]


class Question(BaseModel):
    symbol: str
    bars: Bars


class Tensor(BaseModel):
    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class Inference(BaseModel):
    inputs: list[Tensor]


app = FastAPI()


@app.post("/api/v1/forecasts")
async def forecast(question: Question):
    bars = question.bars
    columns = (np.array(c) for c in (bars.open, bars.high, bars.low, bars.close, bars.volume))
    location, scale, degrees = predict(*window_of(*columns))
    close = bars.close[-1]
    price = lambda p: close * float(np.exp(location + scale * stdtrit(degrees, p)))
    return {
        "forecasts": [
            {
                "symbol": question.symbol,
                "asOf": bars.date[-1],
                "referenceClose": close,
                "median": price(0.5),
                "interval80": [price(0.1), price(0.9)],
                "interval95": [price(0.025), price(0.975)],
                "probabilityUp": 1 - float(stdtr(degrees, -location / scale)),
                "distribution": {
                    "location": location,
                    "scale": scale,
                    "degreesOfFreedom": degrees,
                },
            }
        ]
    }


@app.post("/v2/models/{model}/infer")
async def infer(model: str, inference: Inference):
    row = np.array(inference.inputs[0].data)
    values = predict(row[:-1].reshape(T, len(FEATURES)), float(row[-1]))
    names = ("location", "scale", "degrees_of_freedom")
    return {
        "model_name": model,
        "outputs": [
            {"name": name, "shape": [1, 1], "datatype": "FP64", "data": [value]}
            for name, value in zip(names, values)
        ],
    }
