#!/usr/bin/env python3
"""Writes the high-precision reference values that the kernel tests compare with (mpmath, 50 digits).

Inputs are doubles, written so that they read back exactly; the expected values are computed from those doubles and rounded
once. Usage: reference.py FOLDER (the tests' Reference folder). The seed is fixed.
"""
import random
import sys

from mpmath import (erfc, erfinv, exp, log, mp, mpf, pi, power, sqrt)

mp.dps = 50
SEED = 20260130


def cdf(x):
    return erfc(-x / sqrt(mpf(2))) / 2


def pdf(x):
    return exp(-x * x / 2) / sqrt(2 * pi)


def log_uniform(rng, low, high):
    return low * (high / low) ** rng.random()


def write(folder, name, header, rows):
    with open(f'{folder}/{name}', 'w') as file:
        file.write(header + '\n')
        for row in rows:
            file.write(','.join(v if isinstance(v, str) else repr(float(v)) for v in row) + '\n')


def european(rng, side):
    spot = log_uniform(rng, 0.01, 10000)
    strike = spot / log_uniform(rng, 0.5, 2)
    time, volatility = log_uniform(rng, 1 / 365, 5), log_uniform(rng, 0.05, 1.5)
    rate, growth = rng.uniform(-0.02, 0.12), rng.uniform(-0.01, 0.08)
    S, K, T, v, r, q, w = map(mpf, (spot, strike, time, volatility, rate, growth, side))
    s = v * sqrt(T)
    x = log(S / K) + (r - q) * T
    d1, d2 = x / s + s / 2, x / s - s / 2
    asset, cash = S * exp(-q * T), K * exp(-r * T)
    g = asset * pdf(d1)
    price = w * (asset * cdf(w * d1) - cash * cdf(w * d2))
    decay, carry, funding = g * v / (2 * sqrt(T)), w * q * asset * cdf(w * d1), w * r * cash * cdf(w * d2)
    spread = abs(x / s) + s / 2
    return (str(side), spot, strike, time, volatility, rate, growth, price, w * exp(-q * T) * cdf(w * d1), g / (S * S * s),
            g * sqrt(T), -decay + carry - funding, w * T * cash * cdf(w * d2), -g * d2 / (S * v),
            g * sqrt(T) * d1 * d2 / v, max(S, cash), decay + abs(carry) + abs(funding), g * spread / (S * v),
            g * sqrt(T) * spread ** 2 / v)


def implied(rng, side):
    while True:
        forward = log_uniform(rng, 0.01, 10000)
        strike = forward / log_uniform(rng, 0.5, 2)
        time, volatility = log_uniform(rng, 1 / 365, 5), log_uniform(rng, 0.05, 1.5)
        discount = float(exp(-mpf(rng.uniform(-0.02, 0.12)) * mpf(time)))
        F, K, T, v, D, w = map(mpf, (forward, strike, time, volatility, discount, side))
        s = v * sqrt(T)
        d1 = log(F / K) / s + s / 2
        price = w * (F * cdf(w * d1) - K * cdf(w * (d1 - s)))
        intrinsic = max(w * (F - K), mpf(0))
        if price - intrinsic > mpf('1e-8') * F:
            vega = F * pdf(d1) * sqrt(T)
            return (str(side), forward, strike, time, discount, D * price, volatility,
                    'otm' if intrinsic == 0 else 'itm', price / (v * vega))


def bachelier(rng, side):
    forward = rng.uniform(-100, 100)
    time, volatility = log_uniform(rng, 1 / 365, 5), log_uniform(rng, 0.01, 100)
    strike = forward + volatility * time ** 0.5 * rng.uniform(-6, 6)
    discount = float(exp(-mpf(rng.uniform(-0.02, 0.12)) * mpf(time)))
    F, K, T, v, D, w = map(mpf, (forward, strike, time, volatility, discount, side))
    s = v * sqrt(T)
    inside = w * (F - K)
    d = inside / s
    value = inside * cdf(d) + s * pdf(d)
    g, rate = D * pdf(d), -log(D) / T
    decay, carry = g * v / (2 * sqrt(T)), rate * D * value
    return (str(side), forward, strike, time, volatility, discount, D * value, w * D * cdf(d), g / s, g * sqrt(T),
            carry - decay, -T * D * value, -w * g * sqrt(T) * d / s, g * sqrt(T) * d * d / v, D * (abs(F - K) + s),
            decay + abs(carry), 'otm' if inside <= 0 else 'itm', value / (g / D * s))


# Ranges of (moneyness F/K, time, volatility) outside the grid, and of the out-of-the-money price over the smaller leg.
BEYOND = {
    'deep wings': ((1e-4, 1e4), (1 / 365, 5), (0.05, 1.5), (1e-300, 1)),
    'deepest wings': ((1e-100, 1e100), (1 / 365, 5), (0.5, 20), (1e-300, 1)),
    'last minutes': ((0.9, 1.1), (1e-9, 1 / 365), (0.05, 1.5), (1e-300, 1)),
    'up to 200 years': ((0.01, 100), (5, 200), (0.05, 1.5), (1e-300, 1)),
    'tiny volatility': ((0.999, 1.001), (1 / 365, 5), (1e-6, 0.05), (1e-300, 1)),
    'huge volatility': ((0.01, 100), (1 / 365, 5), (1.5, 30), (1e-300, 1)),
    'smallest prices': ((0.01, 100), (1 / 365, 5), (0.05, 1.5), (1e-300, 1e-8)),
    'denormal prices': ((1e-4, 1e4), (1 / 365, 5), (0.05, 1.5), (1e-320, 1e-308)),
}


def beyond(rng, region, side):
    moneyness, times, volatilities, prices = BEYOND[region]
    while True:
        strike = log_uniform(rng, 1, 2)
        forward = strike * log_uniform(rng, *moneyness)
        time, volatility = log_uniform(rng, *times), log_uniform(rng, *volatilities)
        F, K, T, v, w = map(mpf, (forward, strike, time, volatility, side))
        s = v * sqrt(T)
        d1 = log(F / K) / s + s / 2
        time_value = F * cdf(d1) - K * cdf(d1 - s) if F < K else K * cdf(s - d1) - F * cdf(-d1)
        if not prices[0] < time_value / min(F, K) < prices[1] * mpf('0.999'):
            continue
        price = time_value + max(w * (F - K), mpf(0))
        vega = F * pdf(d1) * sqrt(T)
        return (region, str(side), forward, strike, time, volatility, price, vega, min(price / (v * vega), mpf('1e300')))


def elementary(rng):
    for _ in range(150):
        x = rng.uniform(-700, 700)
        yield 'exp', x, 0.0, exp(mpf(x))
        x = rng.uniform(-2, 2)
        yield 'exp', x, 0.0, exp(mpf(x))
        x = 10.0 ** rng.uniform(-300, 300)
        yield 'log', x, 0.0, log(mpf(x))
        x = log_uniform(rng, 0.5, 2)
        yield 'log', x, 0.0, log(mpf(x))
        x = rng.uniform(-37, 8)
        yield 'cdf', x, 0.0, cdf(mpf(x))
        x = rng.uniform(-2, 2)
        yield 'cdf', x, 0.0, cdf(mpf(x))
        x = rng.uniform(-37, 37)
        yield 'pdf', x, 0.0, pdf(mpf(x))
        x, y = log_uniform(rng, 0.01, 100), rng.uniform(-60, 60)
        yield 'pow', x, y, power(mpf(x), mpf(y))
        p = log_uniform(rng, 1e-16, 0.5)
        yield 'inverse', p, 0.0, quantile(mpf(p))
        p = rng.uniform(0.001, 0.999)
        yield 'inverse', p, 0.0, quantile(mpf(p))


def quantile(p):
    z = sqrt(mpf(2)) * erfinv(2 * p - 1)
    for _ in range(3):
        z -= (cdf(z) - p) / pdf(z)
    return z


def main():
    folder, rng = sys.argv[1], random.Random(SEED)
    write(folder, 'european.csv', 'side,spot,strike,time,volatility,rate,yield,price,delta,gamma,vega,theta,rho,vanna,volga,'
          'priceScale,thetaScale,vannaScale,volgaScale', [european(rng, 1 if i % 2 else -1) for i in range(600)])
    write(folder, 'implied.csv', 'side,forward,strike,time,discount,price,volatility,moneyness,priceOverVolVega',
          [implied(rng, 1 if i % 2 else -1) for i in range(1200)])
    write(folder, 'elementary.csv', 'function,x,y,value', elementary(rng))
    write(folder, 'bachelier.csv', 'side,forward,strike,time,volatility,discount,price,delta,gamma,vega,theta,rho,vanna,volga,'
          'priceScale,thetaScale,moneyness,priceOverVolVega', [bachelier(rng, 1 if i % 2 else -1) for i in range(800)])
    write(folder, 'beyond.csv', 'region,side,forward,strike,time,volatility,price,vega,priceOverVolVega',
          [beyond(rng, region, 1 if i % 2 else -1) for region in BEYOND for i in range(150)])


main()
