"""Prints the coefficients of the rational tanh in simd.ts.

    pip install numpy==2.4.6
    python tanh-fit.py

tanh(x) is fitted on [0, 8] by x P(x²) / Q(x²), both of degree 4, by least squares whose weights move
towards the largest errors (Lawson's method), so that the largest error becomes small.
"""

import numpy as np

LIMIT = 8.0
DEGREE = 4
POINTS = 4000
ROUNDS = 400

x = LIMIT * (0.5 - 0.5 * np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS))
square = x * x
target = np.tanh(x)
powers = np.vander(square / LIMIT**2, DEGREE + 1, increasing=True)
scales = LIMIT ** (2 * np.arange(DEGREE + 1))

weight = np.ones(POINTS)
denominator = np.ones(POINTS)
best = (np.inf, None, None)
for step in range(ROUNDS):
    row = np.sqrt(weight) / denominator
    system = np.hstack([(x * row)[:, None] * powers, -(target * row)[:, None] * powers[:, 1:]])
    solution = np.linalg.lstsq(system, target * row, rcond=None)[0]
    p = solution[: DEGREE + 1] / scales
    q = np.concatenate([[1.0], solution[DEGREE + 1 :] / scales[1:]])
    denominator = np.polyval(q[::-1], square)
    error = np.abs(x * np.polyval(p[::-1], square) / denominator - target)
    if error.max() < best[0]:
        best = (error.max(), p, q)
    if step > 3:
        weight = weight * (error / error.max() + 1e-3) ** 0.5
        weight = weight / weight.sum()

print("largest error", best[0])
print("P", [float(np.float32(c)) for c in best[1]])
print("Q", [float(np.float32(c)) for c in best[2]])
