#!/usr/bin/env bash
# Compares the AVX-512 kernels' bits on a processor without AVX-512: compiles their unit on emulated instructions (Debian's
# libsimde-dev) and runs the equal-bits test. This checks our use of the instructions, not a processor's.
# Usage: native/emulate.sh [RANDOM INPUTS, 200000]
set -euo pipefail

here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
build="$here/build/emulated"
[[ -f /usr/include/simde/x86/avx512.h ]] || { printf 'emulate: SIMDe is needed: apt-get install libsimde-dev\n' >&2; exit 1; }
mkdir -p "$build"
flags=(-std=c++20 -O2 -ffp-contract=off -fno-math-errno -I"$here/include" -I"$here/src" -DRISKGRID_HAVE_AVX2 -DRISKGRID_HAVE_AVX512)
g++ "${flags[@]}" -mavx2 -mfma -w -Wno-psabi -include "$here/tests/emulated_avx512.h" -c "$here/src/isa_avx512.cpp" -o "$build/avx512.o"
g++ "${flags[@]}" -march=x86-64-v3 -c "$here/src/isa_avx2.cpp" -o "$build/avx2.o"
g++ "${flags[@]}" -c "$here/src/isa_scalar.cpp" -o "$build/scalar.o"
# The dispatch takes the processor for one that has everything.
g++ "${flags[@]}" '-D__builtin_cpu_supports(x)=1' "$here/src/dispatch.cpp" "$here/tests/equal_bits.cpp" "$build"/*.o -o "$build/equal_bits"
exec "$build/equal_bits" "${1:-200000}"
