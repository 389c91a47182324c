#include "simd_avx2.h"
#include "simd_pair.h"
// The register type comes first.
#include "kernels.h"

const KernelTable& avx2_kernels() noexcept {
    static constexpr KernelTable table = Kernels<Pair<Avx2Reg>, Pair<Avx2Float>>::table("avx2");
    return table;
}
