#include "simd_avx512.h"
#include "simd_pair.h"
// The register type comes first.
#include "kernels.h"

const KernelTable& avx512_kernels() noexcept {
    static constexpr KernelTable table = Kernels<Pair<Avx512Reg>, Pair<Avx512Float>>::table("avx512");
    return table;
}
