#!/usr/bin/env bash
# Measures the kernels against QuantLib, numpy + scipy and the C++ library, all on one pinned core and in turns, and
# prints a table, or JSON with --json. Peers that are missing are installed from Debian, and it says so.
# Usage: bench/kernels/run.sh [--json]
set -euo pipefail

root="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
root="$(readlink -f "$root")"
build="$root/native/build"

install_peers() {
    local missing=()
    [[ -f /usr/include/ql/quantlib.hpp ]] || missing+=(libquantlib0-dev)
    [[ -f /usr/include/boost/version.hpp ]] || missing+=(libboost-dev)
    /usr/bin/python3 -c 'import numpy, scipy.special' 2>/dev/null || missing+=(python3-numpy python3-scipy)
    command -v g++ >/dev/null || missing+=(g++)
    command -v cmake >/dev/null || missing+=(cmake make)
    if ((${#missing[@]} == 0)); then
        return
    fi
    printf 'Installing the peers of the benchmark: %s ...\n' "${missing[*]}" >&2
    if [[ $(id -u) == 0 ]] && { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
        --no-install-recommends "${missing[@]}"; } >&2; then
        return
    fi
    printf 'bench kernels: the peers could not be installed. Install them, then run it again:\n    sudo apt-get install %s\n' \
        "${missing[*]}" >&2
    exit 1
}

compile() {
    cmake -S "$root/native" -B "$build" -DCMAKE_BUILD_TYPE=Release >/dev/null
    cmake --build "$build" --target riskgrid_kernels --parallel 2 >/dev/null
    local objects="$build/CMakeFiles/kernel_objects.dir/src" program="$build/bench_kernels"
    if [[ ! -x $program || ! -f $build/libbench_loops.so || -n $(find "$objects" "$root"/bench/kernels/*.{cpp,h} "$root"/bench/kernels/managed/*.cpp -newer "$program" -type f) ]]; then
        printf 'Compiling the benchmark ...\n' >&2
        g++ -O3 -std=c++20 -I"$root/native/include" -I"$root/native/src" -DRISKGRID_HAVE_AVX2 -DRISKGRID_HAVE_AVX512 \
            "$root/bench/kernels/kernels.cpp" "$objects"/isa_*.o "$objects/dispatch.cpp.o" -o "$program" -lQuantLib -pthread
        g++ -O3 -std=c++20 -shared -fPIC -I"$root/native/include" "$root/bench/kernels/managed/loops.cpp" -o "$build/libbench_loops.so"
    fi
    local log="$build/bench_managed.log"
    if ! dotnet build "$root/bench/kernels/managed" -c Release --nologo -v quiet >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        exit 1
    fi
}

hardware() {
    printf '%s, %s cores, %s, %s' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" \
        "$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)" "$(g++ --version | head -n 1)"
}

measure() {
    # The last core: the first one takes most interrupts.
    local core=$(($(nproc) - 1))
    taskset -c "$core" "$build/bench_kernels"
    OMP_NUM_THREADS=1 taskset -c "$core" /usr/bin/python3 "$root/bench/kernels/numpy_peer.py" "$build/libriskgrid_kernels.so"
    taskset -c "$core" dotnet "$root/bench/kernels/managed/bin/Release/net10.0/RiskGrid.Kernels.Bench.dll" "$build/libbench_loops.so"
    "$build/bench_kernels" scaling
}

install_peers
compile
measure | /usr/bin/python3 "$root/bench/kernels/report.py" "$(hardware)" "$@"
