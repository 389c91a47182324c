// AVX-512 in terms of narrower instructions, for native/emulate.sh: SIMDe's headers, and what their version
// 0.7.4 lacks. Included before the unit that is emulated, whose own <immintrin.h> is then a header already
// read.
#pragma once

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>

inline simde__m512d emulated_cvtepi32_pd(simde__m256i a) {
    const simde__m256i_private x = simde__m256i_to_private(a);
    simde__m512d_private y;
    for (int i = 0; i < 8; ++i) y.f64[i] = x.i32[i];
    return simde__m512d_from_private(y);
}

inline simde__m512d emulated_cvtps_pd(simde__m256 a) {
    const simde__m256_private x = simde__m256_to_private(a);
    simde__m512d_private y;
    for (int i = 0; i < 8; ++i) y.f64[i] = static_cast<double>(x.f32[i]);
    return simde__m512d_from_private(y);
}

inline simde__m256 emulated_cvtpd_ps(simde__m512d a) {
    const simde__m512d_private x = simde__m512d_to_private(a);
    simde__m256_private y;
    for (int i = 0; i < 8; ++i) y.f32[i] = static_cast<float>(x.f64[i]);
    return simde__m256_from_private(y);
}

#undef _mm512_cvtepi32_pd
#undef _mm512_cvtps_pd
#undef _mm512_cvtpd_ps
#define _mm512_cvtepi32_pd emulated_cvtepi32_pd
#define _mm512_cvtps_pd emulated_cvtps_pd
#define _mm512_cvtpd_ps emulated_cvtpd_ps
#define _kand_mask8(a, b) (static_cast<simde__mmask8>((a) & (b)))
#define _kor_mask8(a, b) (static_cast<simde__mmask8>((a) | (b)))
#define _knot_mask8(a) (static_cast<simde__mmask8>(~(a)))
