"""Prints the constants of src/numerics/elementary.ts and special.ts, derived at 100 digits.

    pip install mpmath==1.3.0
    python numerics-coefficients.py

Polynomials are Chebyshev fits, lowest power first, each with its largest error in units of 2^-53.
"""

from mpmath import atanh, chebyfit, cos, erf, erfc, exp, floor, log, mp, mpf, pi, sqrt, tanh

mp.dps = 100
TINY = mpf(10) ** -15


def show(name, function, upper, terms):
    coefficients, error = chebyfit(function, [TINY, upper], terms, error=True)
    print(f"\n{name} on [0, {float(upper):.5f}], error {float(error * 2**53):.2e}")
    for value in reversed(coefficients):
        print("  ", repr(float(value)))


def split(name, value, bits):
    scale = mpf(2) ** (bits - 1 - floor(log(value, 2)))
    high = floor(value * scale) / scale
    print(name, repr(float(high)), repr(float(value - high)))


def artanh_series(z):
    s = sqrt(z)
    return 2 * (atanh(s) / s - 1) / z


def artanh_tail(z):
    return (artanh_series(z) - mpf(2) / 3) / z


def tanh_shortfall(z):
    x = sqrt(z)
    return (1 - tanh(x) / x) / z


def erf_series(z):
    x = sqrt(z)
    return erf(x) / x


def scaled_erfc(t):
    """(1 + 2x) exp(x^2) erfc(x) for t = (x - 4) / (x + 3), x >= 1/2."""
    if t == 1:
        return 2 / sqrt(pi)
    x = mpf("0.5") + mpf("3.5") * (1 + t) / (1 - t)
    if x < 50:
        return (1 + 2 * x) * exp(x * x) * erfc(x)
    total, term = mpf(0), mpf(1)
    for n in range(1, 40):
        total += term
        term *= -(2 * n - 1) / (2 * x * x)
    return (1 + 2 * x) * total / (x * sqrt(pi))


def chebyshev(function, terms, nodes=200):
    angles = [pi * (k + mpf(1) / 2) / nodes for k in range(nodes)]
    values = [function(cos(angle)) for angle in angles]
    sums = [sum(v * cos(j * a) for v, a in zip(values, angles)) for j in range(terms)]
    return [2 * s / nodes / (2 if j == 0 else 1) for j, s in enumerate(sums)]


split("ln 2", log(mpf(2)), 38)
split("ln 2 / 32", log(mpf(2)) / 32, 36)
print("2^(j/32):")
for j in range(32):
    root = mpf(2) ** (mpf(j) / 32)
    print("  ", repr(float(root)), repr(float(root - mpf(float(root)))))

LARGEST_S_SQUARED = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2 * mpf("1.0001")
show("logOfOnePlus", artanh_series, LARGEST_S_SQUARED, 8)
show("artanhTail", artanh_tail, LARGEST_S_SQUARED, 9)
show("tanhShortfall", tanh_shortfall, mpf("0.55") ** 2, 11)
show("erfSeries", erf_series, mpf("0.25"), 10)
print("\nSCALED_ERFC")
for value in chebyshev(scaled_erfc, 24):
    print("  ", repr(float(value)))
