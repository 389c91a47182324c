#!/usr/bin/env python3
"""Writes the 40-digit reference values that DistributionTests compares with (mpmath). Usage: distributions.py FILE.csv"""
import random
import sys

from mpmath import (exp, gammainc, inf, log, loggamma, mp, mpf, nstr)

mp.dps = 40
SEED = 4


def beta(a, b, x):
    """The regularised incomplete beta function by its series of positive terms."""
    a, b, x = mpf(a), mpf(b), mpf(x)
    if x > a / (a + b):
        return 1 - beta(b, a, 1 - x)
    term = total = mpf(1)
    n = 0
    while term > total * mpf(10) ** -38:
        term *= (a + b + n) * x / (a + 1 + n)
        total += term
        n += 1
    return exp(a * log(x) + b * log(1 - x) - loggamma(a) - loggamma(b) + loggamma(a + b)) / a * total


def student(nu, p):
    """The quantile of Student's t distribution by bisection."""
    low, high = mpf(-1000), mpf(1000)
    for _ in range(110):
        middle = (low + high) / 2
        tail = beta(mpf(nu) / 2, mpf(1) / 2, nu / (nu + middle * middle)) / 2
        if (tail if middle < 0 else 1 - tail) < mpf(p):
            low = middle
        else:
            high = middle
    return low


def rows():
    rng = random.Random(SEED)

    def log_uniform(low, high):
        return low * (high / low) ** rng.random()

    for _ in range(40):
        a = log_uniform(.01, 1e6)
        yield 'log_gamma', a, 0, 0, loggamma(mpf(a))
    for _ in range(60):
        a = log_uniform(.2, 1e5)
        x = max(1e-6, a + rng.gauss(0, 2.5) * a ** .5)
        yield 'gamma_lower', a, 0, x, gammainc(mpf(a), 0, mpf(x), regularized=True)
        yield 'gamma_upper', a, 0, x, gammainc(mpf(a), mpf(x), inf, regularized=True)
    for _ in range(80):
        a, b = log_uniform(.2, 3e4), log_uniform(.2, 3e4)
        mean, deviation = a / (a + b), (a * b / (a + b + 1)) ** .5 / (a + b)
        x = min(max(mean + rng.gauss(0, 2.5) * deviation, mean * 1e-2), 1 - (1 - mean) * 1e-2)
        yield 'beta', a, b, x, beta(a, b, x)
    for nu in (1, 2, 3, 4, 5, 7, 10, 30, 100):
        for p in (.001, .01, .025, .2, .9, .99):
            yield 'student_quantile', nu, 0, p, student(nu, p)


with open(sys.argv[1], 'w') as file:
    file.write('function,a,b,x,value\n')
    for function, a, b, x, value in rows():
        file.write(f'{function},{a!r},{b!r},{x!r},{nstr(value, 20, min_fixed=0, max_fixed=0)}\n')
