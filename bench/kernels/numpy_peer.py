#!/usr/bin/env python3
"""The kernels against numpy and scipy, in one process, in turns. One JSON object a line.

Usage: numpy_peer.py LIBRARY (libriskgrid_kernels.so)"""
import ctypes
import json
import statistics
import sys
import time

import numpy as np
from scipy.special import ndtr

COUNT, BATCHES, ROUNDS = 8192, 4, 61


class SpotBatch(ctypes.Structure):
    _fields_ = [('count', ctypes.c_int64)] + [
        (name, ctypes.c_void_p) for name in ('side', 'spot', 'strike', 'time', 'volatility', 'rate', 'dividend_yield')]


class Greeks(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p)
                for name in ('price', 'delta', 'gamma', 'vega', 'theta', 'rho', 'vanna', 'volga')]


class Batch:
    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.side = np.where(np.arange(COUNT) % 2 == 1, 1, -1).astype(np.int8)
        self.sign = self.side.astype(float)
        self.spot = rng.uniform(90, 110, COUNT)
        self.strike = self.spot / np.exp(rng.uniform(-0.69, 0.69, COUNT))
        self.time = np.exp(rng.uniform(np.log(1 / 365), np.log(5), COUNT))
        self.volatility = np.exp(rng.uniform(np.log(0.05), np.log(1.5), COUNT))
        self.rate = rng.uniform(0.01, 0.05, COUNT)
        self.dividend_yield = rng.uniform(0, 0.03, COUNT)
        self.out = np.empty((6, COUNT))
        self.status = np.empty(COUNT, np.uint8)
        self.refused = ctypes.c_int64()
        self.inputs = SpotBatch(COUNT, *(getattr(self, name).ctypes.data for name, _ in SpotBatch._fields_[1:]))
        self.greeks = Greeks(*(row.ctypes.data for row in self.out), None, None)
        self.status_at, self.price_at = self.status.ctypes.data, self.out.ctypes.data


def price(b):
    root = np.sqrt(b.time)
    s = b.volatility * root
    asset, cash = b.spot * np.exp(-b.dividend_yield * b.time), b.strike * np.exp(-b.rate * b.time)
    d1 = np.log(asset / cash) / s + 0.5 * s
    return [b.sign * (asset * ndtr(b.sign * d1) - cash * ndtr(b.sign * (d1 - s)))]


def greeks(b):
    root = np.sqrt(b.time)
    s = b.volatility * root
    growth, discount = np.exp(-b.dividend_yield * b.time), np.exp(-b.rate * b.time)
    asset, cash = b.spot * growth, b.strike * discount
    d1 = np.log(asset / cash) / s + 0.5 * s
    n1, n2 = b.sign * ndtr(b.sign * d1), b.sign * ndtr(b.sign * (d1 - s))
    density = np.exp(-0.5 * d1 * d1) * 0.3989422804014327
    asset_leg, cash_leg = asset * n1, cash * n2
    decay = asset * density
    return [asset_leg - cash_leg, growth * n1, growth * density / (b.spot * s), decay * root,
            -0.5 * decay * b.volatility / root + b.dividend_yield * asset_leg - b.rate * cash_leg, b.time * cash_leg]


def contest(kernel, isa, ours, theirs, sum_of_ours, tolerance=1e-10):
    batches = [Batch(seed) for seed in range(BATCHES)]
    us, them = [], []
    for i in range(-1, ROUNDS):
        b = batches[i % BATCHES]
        start = time.perf_counter_ns()
        ours(b)
        middle = time.perf_counter_ns()
        result = theirs(b)
        end = time.perf_counter_ns()
        a, c = sum_of_ours(b), sum(float(np.abs(r).sum()) for r in result)
        if not abs(a - c) <= tolerance * abs(c):
            sys.exit(f'{kernel} against numpy: the checksums {a!r} and {c!r} differ')
        if i >= 0:  # the first warms caches and code
            us.append((middle - start) / COUNT)
            them.append((end - middle) / COUNT)
    us, them = statistics.median(us), statistics.median(them)
    print(json.dumps({'kernel': kernel, 'ours_ns': float(f'{us:.4g}'), 'peer': 'numpy + scipy',
                      'peer_ns': float(f'{them:.4g}'), 'ratio': float(f'{them / us:.4g}'), 'isa': isa}), flush=True)


def main():
    library = ctypes.CDLL(sys.argv[1])
    library.rg_instruction_set.restype = ctypes.c_char_p
    isa = library.rg_instruction_set().decode()
    if library.rg_status() != 0:
        sys.exit('RISKGRID_ISA asks for an instruction set that this processor or build lacks')

    def our_price(b):
        library.rg_black_scholes_price(ctypes.byref(b.inputs), ctypes.c_void_p(b.price_at),
                                       ctypes.c_void_p(b.status_at), ctypes.byref(b.refused))

    def our_greeks(b):
        library.rg_black_scholes_greeks(ctypes.byref(b.inputs), ctypes.byref(b.greeks),
                                        ctypes.c_void_p(b.status_at), ctypes.byref(b.refused))

    generator, path = np.random.default_rng(1), [0]

    def our_normals(b):
        library.rg_normals(ctypes.c_uint64(1), ctypes.c_uint64(2), ctypes.c_int64(path[0]), ctypes.c_void_p(b.price_at),
                           ctypes.c_int64(COUNT))
        path[0] += COUNT

    contest('Black-Scholes price', isa, our_price, price, lambda b: float(np.abs(b.out[0]).sum()))
    contest('Black-Scholes price + 5 Greeks', isa, our_greeks, greeks, lambda b: float(np.abs(b.out).sum()))
    # Two sequences have no checksum in common: the sums of sizes agree as those of 8192 normals do.
    contest('normals', isa, our_normals, lambda b: [generator.standard_normal(COUNT)],
            lambda b: float(np.abs(b.out[0]).sum()), 0.06)


main()
