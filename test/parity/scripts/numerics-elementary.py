"""Makes ../fixtures/numerics-elementary.json: exp, log and their kin at 60 digits.

    pip install mpmath==1.3.0
    python numerics-elementary.py

Each function has rows [x, high, low] ([x, y, high, low] for pow): the true value is high + low,
high the nearest double and low what it misses, so that errors of a fraction of an ulp can be told.
"""

import json
import random
from pathlib import Path

from mpmath import exp, expm1, log, log1p, mp, mpf, power, tanh

mp.dps = 60
random.seed(20240229)
COUNT = 120


def spread(low, high, count=COUNT):
    return [random.uniform(low, high) for _ in range(count)]


def magnitudes(low, high, sign=1, count=COUNT):
    return [sign * 10 ** random.uniform(low, high) for _ in range(count)]


def row(function, *arguments):
    value = function(*(mpf(argument) for argument in arguments))
    high = float(value)
    return [*arguments, high, float(value - mpf(high))]


def powers():
    pairs = [(2.0, 10.0), (10.0, 22.0), (3.0, 5.0), (0.5, -1000.0), (1 + 2.0**-52, 1e15), (7.0, -0.5)]
    while len(pairs) < 3 * COUNT:
        base = random.uniform(0.2, 3) if random.random() < 0.5 else 10 ** random.uniform(-10, 10)
        exponent = random.uniform(-300, 300) if random.random() < 0.6 else random.uniform(-5, 5)
        if abs(exponent * float(log(base))) < 700:
            pairs.append((base, exponent))
    return pairs


ARGUMENTS = {
    "exp": (exp, spread(-745, 709.7) + spread(-1, 1) + spread(-0.02, 0.02) + magnitudes(-20, 0)
            + [1.0, -1.0, 709.782712893384, -708.3964185322641, -745.1332191019411, -744.5, -710.0]),
    "expm1": (expm1, spread(-40, 45) + spread(-1, 1) + spread(-0.2, 0.2) + magnitudes(-300, 0, -1)
              + [0.125, -0.125, 709.782712893384, 5e-324]),
    "log": (log, magnitudes(-307, 308) + spread(0.5, 2) + [1 + x for x in magnitudes(-15, -1)]
            + [1 - x for x in magnitudes(-15, -1)] + spread(1, 100)
            + [5e-324, 1e-310, 2.2250738585072014e-308, 1.7976931348623157e308, 0.7071067811865476,
               1.4142135623730951, 0.9999999999999999, 1.0000000000000002]),
    "log1p": (log1p, spread(-0.9999, 3) + spread(-0.4, 0.6) + magnitudes(-300, 20)
              + magnitudes(-20, 0, -1) + [-0.9999999999999999, 0.41421356237309503, 1e300, 5e-324]),
    "tanh": (tanh, spread(-1, 1) + spread(-23, 23) + magnitudes(-300, 0) + [0.55, -0.55, 21.9, 22.1]),
}

fixture = {
    name: [row(function, x) for x in points] for name, (function, points) in ARGUMENTS.items()
}
fixture["pow"] = [row(power, x, y) for x, y in powers()]
target = Path(__file__).parent.parent / "fixtures" / "numerics-elementary.json"
lines = [f'"{k}": [\n' + ",\n".join(json.dumps(r) for r in v) + "\n]" for k, v in fixture.items()]
target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
