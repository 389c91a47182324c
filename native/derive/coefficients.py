#!/usr/bin/env python3
"""Derives every approximation constant of the kernels and writes src/coefficients.h.

Minimax fits by the Remez exchange in 60-digit arithmetic (mpmath), then each coefficient is rounded to the nearest
double, or to the nearest float for the single-precision mode. The error of the fit with the rounded coefficients, evaluated in
high precision, is printed and written into the header beside its table. Usage: coefficients.py > ../src/coefficients.h
"""
import struct
import sys

from mpmath import cos, erfc, erfinv, exp, factorial, log, lu_solve, matrix, mp, mpf, pi, sin, sqrt

mp.dps = 60


def mills(z):
    """The normal's Mills ratio (1 - Phi(z)) / phi(z)."""
    return sqrt(pi / 2) * exp(z * z / 2) * erfc(z / sqrt(mpf(2)))


def chebyshev(low, high, count):
    return [(low + high) / 2 - (high - low) / 2 * cos(pi * (2 * i + 1) / (2 * count)) for i in range(count)]


def horner(coefficients, x):
    total = mpf(0)
    for c in reversed(coefficients):
        total = total * x + c
    return total


def extrema(error, low, high, count, samples=1200):
    """The alternating extrema of `error`: the largest of each run of one sign, `count` of them."""
    xs = [(low + high) / 2 - (high - low) / 2 * cos(pi * i / samples) for i in range(samples + 1)]
    runs = []
    for x in xs:
        e = error(x)
        if runs and (runs[-1][1] > 0) == (e > 0):
            if abs(e) > abs(runs[-1][1]):
                runs[-1] = (x, e)
        else:
            runs.append((x, e))
    while len(runs) > count:
        runs.pop(0 if abs(runs[0][1]) < abs(runs[-1][1]) else -1)
    return runs


def remez(numerator_basis, denominator_basis, target, weight, low, high, rounds=14):
    """Minimax N/D with D = last denominator basis function + sum of the others times coefficients.

    Minimises max |(N/D - target) * weight|; `denominator_basis` == [one] makes it a polynomial fit."""
    n, m = len(numerator_basis), len(denominator_basis) - 1
    size = n + m + 1
    points = chebyshev(low, high, size)
    level, p, q = mpf(0), None, None
    previous = lambda x: denominator_basis[-1](x)
    for attempt in range(rounds):
        for _ in range(6 if m else 1):
            a, b = matrix(size, size), matrix(size, 1)
            for i, x in enumerate(points):
                f, sign = target(x), (-1) ** i
                for j, basis in enumerate(numerator_basis):
                    a[i, j] = basis(x)
                shifted = f + (sign * level / weight(x) if m else 0)
                for j in range(m):
                    a[i, n + j] = -shifted * denominator_basis[j](x)
                a[i, size - 1] = -sign * (previous(x) if m else 1) / weight(x)
                b[i] = shifted * denominator_basis[-1](x)
            solution = lu_solve(a, b)
            p, q = [solution[j] for j in range(n)], [solution[n + j] for j in range(m)]
            if m:
                level += solution[size - 1]
                previous = lambda x, q=q: denominator_basis[-1](x) + sum(
                    c * basis(x) for c, basis in zip(q, denominator_basis))
        def error(x):
            top = sum(c * basis(x) for c, basis in zip(p, numerator_basis))
            bottom = denominator_basis[-1](x) + sum(c * basis(x) for c, basis in zip(q, denominator_basis))
            return (top / bottom - target(x)) * weight(x)
        found = extrema(error, low, high, size)
        if len(found) < size:
            if attempt == rounds - 1:
                sys.exit('the exchange lost an extremum')
            points = chebyshev(low, high, size)
            continue
        points = [x for x, _ in found]
        levels = [abs(e) for _, e in found]
        if max(levels) < min(levels) * mpf('1.001'):
            break
    return p, q


def power(k):
    return lambda x: x ** k


MILLS_END = 40  # phi(40) is below the smallest double


def fit_mills():
    # z = s (1 + t) / (1 - t) spreads the points over [0, 40] as the ratio varies. N and D are polynomials in z divided by
    # (1 + z)^10, which keeps both bounded. N/D tends to M's own 1/z up to a few 1e-12 beyond the end.
    s = mpf(2)
    z_of = lambda t: s * (1 + t) / (1 - t)
    cache = {}

    def target(t):
        if t not in cache:
            cache[t] = mills(z_of(t))
        return cache[t]

    basis = lambda k: lambda t: z_of(t) ** k / (1 + z_of(t)) ** 10
    p, q = remez([basis(k) for k in range(10)], [basis(k) for k in range(11)], target, lambda t: 1 / target(t),
                 mpf(-1), (MILLS_END - s) / (MILLS_END + s))
    q = q + [mpf(1)]
    return [c / q[0] for c in p], [c / q[0] for c in q]


SINGLE_MILLS_END = 64  # no option with a log-moneyness within the doubles' range goes further


def scaled_tail(z):
    """Phi(-z) exp(z^2 / 2): the Mills ratio over sqrt(2 pi)."""
    return mills(z) / sqrt(2 * pi)


def fit_single_mills():
    # As fit_mills, in five and six coefficients. The weight lies between the absolute error, which a price near the money
    # takes on, and the relative one, which the wings do.
    s = mpf(2)
    z_of = lambda t: s * (1 + t) / (1 - t)
    cache = {}

    def target(t):
        if t not in cache:
            cache[t] = scaled_tail(z_of(t))
        return cache[t]

    basis = lambda k: lambda t: z_of(t) ** k / (1 + z_of(t)) ** 5
    p, q = remez([basis(k) for k in range(5)], [basis(k) for k in range(6)], target, lambda t: 1 / sqrt(target(t)),
                 mpf(-1), (SINGLE_MILLS_END - s) / (SINGLE_MILLS_END + s))
    q = q + [mpf(1)]
    return [c / q[0] for c in p], [c / q[0] for c in q]


def fit_single_exp2():
    half = mpf(1) / 2 * mpf('1.0001')
    p, _ = remez([power(k) for k in range(7)], [power(0)], lambda f: mpf(2) ** f, lambda f: mpf(2) ** -f, -half, half)
    return p


def fit_exp():
    half = log(mpf(2)) / 2 * mpf('1.0001')

    def target(r):
        if abs(r) < mpf('0.01'):
            return sum(r ** k / factorial(k + 2) for k in range(30))
        return (exp(r) - 1 - r) / r ** 2

    p, _ = remez([power(k) for k in range(10)], [power(0)], target, lambda r: mpf(1), -half, half)
    return p


def fit_log():
    # log((1+s)/(1-s)) = 2 s + s^3 p(s^2).
    high = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2 * mpf('1.0001')

    def target(w):
        return sum(2 * w ** k / (2 * k + 3) for k in range(40))

    p, _ = remez([power(k) for k in range(7)], [power(0)], target, lambda w: mpf(1), mpf(0), high)
    return p


CIRCLE_END = mpf(1) / 8 * mpf('1.0001')


def fit_circle():
    # sin(2 pi f) = f p(f^2) and cos(2 pi f) = 1 + f^2 q(f^2) on |f| <= 1/8.
    end = CIRCLE_END ** 2

    def sine(w):
        f = sqrt(w)
        return 2 * pi if w < mpf(10) ** -30 else sin(2 * pi * f) / f

    def cosine(w):
        return -2 * pi ** 2 if w < mpf(10) ** -30 else -2 * sin(pi * sqrt(w)) ** 2 / w

    p, _ = remez([power(k) for k in range(8)], [power(0)], sine, lambda w: mpf(1) / 6, mpf(0), end)
    q, _ = remez([power(k) for k in range(7)], [power(0)], cosine, lambda w: mpf(1) / 64, mpf(0), end)
    return p, q


QUANTILE_END = mpf('0.425')


def fit_inverse():
    # Phi^-1(1/2 + q) = q N(v) / D(v) on |q| <= 0.425 with v = 0.425^2 - q^2: counted from the end, as in Wichura's AS 241
    # (Applied Statistics 37, 1988, p. 477), all coefficients are positive and rounding them costs nothing.
    high = QUANTILE_END ** 2

    def target(v):
        q = sqrt(abs(high - v))
        return sqrt(2 * pi) if q < mpf(10) ** -25 else sqrt(mpf(2)) * erfinv(2 * q) / q

    p, q = remez([power(k) for k in range(8)], [power(k) for k in range(7, -1, -1)], target, lambda v: 1 / target(v),
                 mpf(0), high)
    return p, [mpf(1)] + q[::-1]


def rounded(values):
    return [float(v) for v in values]


def rounded_single(values):
    return [struct.unpack('f', struct.pack('f', v))[0] for v in values]


def worst(error, xs):
    return max(abs(error(x)) for x in xs)


def emit(name, values, comment, single=False):
    print(f'/// {comment}')
    print(f'constexpr {"float" if single else "double"} {name}[{len(values)}] = {{')
    for v in values:
        # A float's 24 bits are the first six of a double's thirteen digits.
        print(f"    {v.hex().replace('0000000p', 'p')}f," if single else f'    {v.hex()},')
    print('};\n')


def main():
    print('// Written by native/derive/coefficients.py; do not edit. Coefficients run from the constant term up.')
    print('#pragma once\n\nnamespace {\n')
    r = rounded(fit_exp())
    half = log(mpf(2)) / 2
    xs = [half * i / 700 for i in range(-700, 701)]
    e = worst(lambda x: (1 + x + x * x * horner(r, x)) * exp(-x) - 1, xs)
    emit('kExp', r, f'exp(r) = 1 + r + r^2 p(r) on |r| <= ln(2)/2; relative error {float(e):.2e}.')
    r = rounded(fit_log())
    top = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1))
    xs = [top * i / 1000 for i in range(1, 1001)]
    e = worst(lambda s: (2 * s + s * s * s * horner(r, s * s)) / log((1 + s) / (1 - s)) - 1, xs)
    emit('kLog', r, f'log((1+s)/(1-s)) = 2s + s^3 p(s^2) on |s| <= 3 - 2 sqrt(2); relative error {float(e):.2e}.')
    p, q = fit_mills()
    if min(p + q) <= 0:
        sys.exit('a coefficient of the Mills ratio is not positive')
    p, q = rounded(p), rounded(q)
    xs = [mpf(i) / 100 for i in range(100 * MILLS_END + 1)]
    e = worst(lambda z: horner(p, z) / horner(q, z) / mills(z) - 1, xs)
    emit('kMillsNumerator', p, f'Mills ratio (1 - Phi(z)) / phi(z) on [0, {MILLS_END}], all positive; relative error {float(e):.2e}, '
         f'beyond: {float(p[-1] / q[-1] - 1):.1e}.')
    emit('kMillsDenominator', q, 'Denominator of the Mills ratio.')
    p, q = fit_inverse()
    if min(p + q) <= 0:
        sys.exit('a coefficient of the quantile is not positive')
    p, q = rounded(p), rounded(q)
    xs = [QUANTILE_END * i / 1000 for i in range(1, 1001)]
    v_of = lambda t: QUANTILE_END ** 2 - t * t
    e = worst(lambda t: t * horner(p, v_of(t)) / horner(q, v_of(t)) / (sqrt(mpf(2)) * erfinv(2 * t)) - 1, xs)
    emit('kInverseNumerator', p,
         f'Normal quantile at 1/2 + t: t N(v)/D(v), v = 0.425^2 - t^2, on |t| <= 0.425; relative error {float(e):.2e}.')
    emit('kInverseDenominator', q, 'Denominator of the normal quantile.')
    p, q = (rounded(c) for c in fit_circle())
    xs = [mpf(i) / 8000 for i in range(1, 1001)]
    e = worst(lambda f: f * horner(p, f * f) / sin(2 * pi * f) - 1, xs)
    emit('kSine', p, f'sin(2 pi f) = f p(f^2) on |f| <= 1/8; relative error {float(e):.2e}.')
    e = worst(lambda f: (1 + f * f * horner(q, f * f)) / cos(2 * pi * f) - 1, xs)
    emit('kCosine', q, f'cos(2 pi f) = 1 + f^2 q(f^2) on |f| <= 1/8; relative error {float(e):.2e}.')
    p, q = (rounded_single(c) for c in fit_single_mills())
    if min(p + q) <= 0:
        sys.exit('a coefficient of the scaled tail is not positive')
    xs = [mpf(i) / 100 for i in range(100 * SINGLE_MILLS_END + 1)]
    error = lambda z: horner(p, z) / horner(q, z) - scaled_tail(z)
    emit('kScaledTailNumerator', p, f'Phi(-z) exp(z^2/2) on [0, {SINGLE_MILLS_END}] in single precision, all positive; error '
         f'{float(worst(error, xs)):.2e}, relative error {float(worst(lambda z: error(z) / scaled_tail(z), xs)):.2e}.', True)
    emit('kScaledTailDenominator', q, 'Denominator of the scaled tail.', True)
    r = rounded_single(fit_single_exp2())
    xs = [mpf(i) / 1400 for i in range(-700, 701)]
    e = worst(lambda f: horner(r, f) * mpf(2) ** -f - 1, xs)
    emit('kExp2Single', r, f'2^f on |f| <= 1/2 in single precision; relative error {float(e):.2e}.', True)
    print('}  // namespace')


main()
