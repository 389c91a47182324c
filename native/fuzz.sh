#!/usr/bin/env bash
# Fuzzes implied volatility with libFuzzer under AddressSanitizer and UndefinedBehaviorSanitizer (needs clang).
# Usage: native/fuzz.sh [SECONDS, 600]
set -euo pipefail

here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
build="$here/build/fuzz"
mkdir -p "$build/corpus"
compiler="$(command -v clang++ || command -v clang++-14 || { printf "fuzz: clang++ is needed: apt-get install clang\n" >&2; exit 1; })"
# shellcheck disable=SC2054 # the commas are the sanitizers'
flags=(-std=c++20 -O2 -g1 -ffp-contract=off -fno-math-errno -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
    -I"$here/include" -I"$here/src" -DRISKGRID_HAVE_AVX2 -DRISKGRID_LIBFUZZER)
"$compiler" "${flags[@]}" -c "$here/src/isa_scalar.cpp" -o "$build/scalar.o"
"$compiler" "${flags[@]}" -march=x86-64-v3 -c "$here/src/isa_avx2.cpp" -o "$build/avx2.o"
"$compiler" "${flags[@]}" "$here/src/dispatch.cpp" "$here/tests/fuzz_implied.cpp" "$build/scalar.o" "$build/avx2.o" -o "$build/fuzz_implied"
exec "$build/fuzz_implied" -max_total_time="${1:-600}" -max_len=779 -print_final_stats=1 -artifact_prefix="$build/" "$build/corpus"
