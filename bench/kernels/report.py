#!/usr/bin/env python3
"""Rows of the benchmark, one JSON object a line on standard input, as a table or as JSON.

Usage: report.py HARDWARE [--json]"""
import json
import sys

rows = [json.loads(line) for line in sys.stdin if line.strip()]
if not rows:
    sys.exit('bench kernels: nothing was measured')
if '--json' in sys.argv[2:]:
    print(json.dumps({'rows': rows, 'hardware': sys.argv[1]}, indent=1))
else:
    print(sys.argv[1] + '\n')
    print('| kernel | ns each | peer | ns each | ratio | instruction set |\n| --- | --- | --- | --- | --- | --- |')
    for r in rows:
        print(f"| {r['kernel']} | {r['ours_ns']:.4g} | {r['peer']} | {r['peer_ns']:.4g} | {r['ratio']:.2f} | {r['isa']} |")
