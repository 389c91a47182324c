#!/usr/bin/env python3
"""Rows of the benchmark, one JSON object a line on standard input, as a table or as JSON.

Usage: report.py HARDWARE [--json]"""
import json
import sys


def show(ns):
    return f'{ns:.4g}' if ns < 1e6 else f'{ns / 1e9:.3g} s'


rows = [json.loads(line) for line in sys.stdin if line.strip()]
if not rows:
    sys.exit('bench kernels: nothing was measured')
if '--json' in sys.argv[2:]:
    print(json.dumps({'rows': rows, 'hardware': sys.argv[1]}, indent=1))
else:
    print(sys.argv[1] + '\n')
    print('| kernel | ns each | peer | ns each | ratio | instruction set |\n| --- | --- | --- | --- | --- | --- |')
    for r in rows:
        print(f"| {r['kernel']} | {show(r['ours_ns'])} | {r['peer']} | {show(r['peer_ns'])} | {r['ratio']:.2f} | {r['isa']} |")
