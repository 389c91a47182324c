#include "simd_scalar.h"
// The register type comes first.
#include "kernels.h"

const KernelTable& scalar_kernels() noexcept {
    static constexpr KernelTable table = Kernels<ScalarReg, ScalarFloat>::table("scalar");
    return table;
}
