#!/usr/bin/env bash
# Runs clang-tidy over the native sources and tests; any finding fails.
set -euo pipefail

here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
flags=(-std=c++20 -I"$here/include" -I"$here/src" -DRISKGRID_HAVE_AVX2 -DRISKGRID_HAVE_AVX512 '-DRISKGRID_KERNEL_VERSION="0"')
for unit in isa_scalar dispatch interface; do
    clang-tidy --quiet "$here/src/$unit.cpp" -- "${flags[@]}"
done
clang-tidy --quiet "$here/src/isa_avx2.cpp" -- "${flags[@]}" -march=x86-64-v3
clang-tidy --quiet "$here/src/isa_avx512.cpp" -- "${flags[@]}" -march=x86-64-v4
clang-tidy --quiet "$here"/tests/*.cpp -- "${flags[@]}"
