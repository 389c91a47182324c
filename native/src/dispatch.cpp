#include "dispatch.h"

#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace {

#ifdef RISKGRID_HAVE_AVX2
bool has_avx2() {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2");
}
#endif

#ifdef RISKGRID_HAVE_AVX512
bool has_avx512() {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512cd");
}
#endif

const KernelTable* choose() noexcept {
#if defined(__x86_64__)
    __builtin_cpu_init();
#endif
    if (const char* asked = std::getenv("RISKGRID_ISA"); asked && *asked) return kernels_named(asked);
    for (const char* name : {"avx512", "avx2", "scalar"})
        if (const KernelTable* table = kernels_named(name)) return table;
    return nullptr;
}

const KernelTable* const chosen = choose();

}  // namespace

const KernelTable* kernels_named(const char* name) noexcept {
#ifdef RISKGRID_HAVE_AVX512
    if (std::strcmp(name, "avx512") == 0) return has_avx512() ? &avx512_kernels() : nullptr;
#endif
#ifdef RISKGRID_HAVE_AVX2
    if (std::strcmp(name, "avx2") == 0) return has_avx2() ? &avx2_kernels() : nullptr;
#endif
    return std::strcmp(name, "scalar") == 0 ? &scalar_kernels() : nullptr;
}

const KernelTable* chosen_kernels() noexcept { return chosen; }
