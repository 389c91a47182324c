#!/usr/bin/env python3
"""Fits the first guess of the implied volatility (src/implied.h) and prints its constants and errors.

The guess only has to be near enough for two steps of fourth order, so least squares with weights that grow on the worst
points serve, over y = |log(F/K)| in [1e-9, 3], total volatility in [0.001, 6] and prices above 1e-40 (numpy, scipy).
"""
import numpy as np
from scipy.optimize import least_squares
from scipy.special import erfcx

ROOT = np.sqrt(2 * np.pi)
SHIFT = 1.5


def mills(z):
    return np.sqrt(np.pi / 2) * erfcx(z / np.sqrt(2))


def price(y, s):
    d1 = s / 2 - y / s
    return np.exp(-d1 * d1 / 2) / ROOT * (mills(-d1) - mills(s - d1))


def fit(basis, rounds=60):
    """Coefficients for which basis @ coefficients is 1, near the smallest worst error."""
    weights = np.ones(len(basis))
    for _ in range(rounds):
        found, *_ = np.linalg.lstsq(basis * weights[:, None], weights, rcond=None)
        error = np.abs(basis @ found - 1)
        weights = 0.02 + (error / error.max()) ** 1.5
    return found, error.max()


def show(name, values, error):
    print(f'{name}: {", ".join(f"{v:.5f}" for v in values)}   (worst relative error {error:.3g})')


def critical():
    """u(s_c) = z (1/sqrt(2 pi) + a z) / (1 + b z + 2 a z^2), which tends to 1/2."""
    z = np.exp(np.linspace(np.log(1e-4), np.log(60), 4000))
    u = 0.5 - mills(z) / ROOT
    found = least_squares(lambda v: z * (1 / ROOT + v[0] * z) / (1 + v[1] * z + 2 * v[0] * z * z) / u - 1, (0.2, 1))
    a, b = found.x
    error = np.abs(z * (1 / ROOT + a * z) / (1 + b * z + 2 * a * z * z) / u - 1).max()
    show('kCriticalTop[1], kCriticalBottom', (a, b, 2 * a), error)


def main():
    critical()
    rng = np.random.default_rng(1)
    count = 400000
    y = np.exp(rng.uniform(np.log(1e-9), np.log(3), count))
    s = np.exp(rng.uniform(np.log(1e-3), np.log(6), count))
    u = price(y, s)
    keep = np.isfinite(u) & (u > 1e-40)
    y, s, u = y[keep], s[keep], u[keep]
    z = np.sqrt(2 * y)
    below = s < z
    straddle = ROOT * u * np.maximum(1 - y / 2 + y * y / 8, 0.1)
    near = np.where(below, straddle > 0.45 * y, u < 0.2)
    error = np.abs((straddle + ROOT / 2 * y) / s - 1)[near].max()
    print(f'near the money: worst relative error {error:.3g}')

    far = below & ~near
    w = np.sqrt(SHIFT + y[far] / 2 - np.log(u[far] * ROOT / y[far]))
    found, error = fit(np.column_stack([np.ones_like(w), w, w * w]) * (s / y)[far][:, None])
    show('kLowerGuess', found, error)

    # 1 - u = Phi(-d1) + e^y Phi(-z2) = Phi(-d1) (2 + q) / (1 + q), the mean of the two at s_c; then t^2 = -2 log p.
    grid = np.linspace(0, 2, 2000)
    q = 0.8 * grid + 0.5 * grid * grid
    shift = np.polyfit(grid, -2 * np.log((1 + q) / (2 + q)), 2)[::-1]
    offset = shift + np.array([np.log(2 * np.pi), 0, 0])
    show('kUpperShift', offset, 0)
    far = ~below & ~near
    at = np.minimum(z[far], 2)
    t = np.sqrt(np.maximum(-2 * np.log1p(-u[far]) + shift[0] + at * (shift[1] + at * shift[2]), 0.25))
    d1 = s[far] / 2 - y[far] / s[far]
    # d1 by least squares with an error that counts as it moves s = d1 + sqrt(d1^2 + z^2).
    pull = 1 / np.sqrt(d1 * d1 + z[far] ** 2)
    found, *_ = np.linalg.lstsq(np.column_stack([np.ones_like(t), t, t * t]) * pull[:, None], d1 * pull, rcond=None)
    guess = found[0] + t * (found[1] + t * found[2])
    show('kUpperGuess', found, np.abs((guess + np.sqrt(guess ** 2 + z[far] ** 2)) / s[far] - 1).max())


main()
