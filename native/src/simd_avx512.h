// Eight lanes, or sixteen of single precision, in one AVX-512 register.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace {

struct Avx512Mask {
    __mmask8 v;
};

struct Avx512Bits {
    __m512i v;
};

struct Avx512Reg {
    using Mask = Avx512Mask;
    using Bits = Avx512Bits;
    using Element = double;
    static constexpr int kLanes = 8;

    __m512d v;

    static Avx512Reg set(double x) { return {_mm512_set1_pd(x)}; }
    static Avx512Reg load(const double* p) { return {_mm512_loadu_pd(p)}; }
    static Avx512Reg load_side(const std::int8_t* p) {
        std::int64_t eight = 0;
        std::memcpy(&eight, p, sizeof eight);
        return {_mm512_cvtepi32_pd(_mm256_cvtepi8_epi32(_mm_cvtsi64_si128(eight)))};
    }
    static Avx512Reg load_floats(const float* p) { return {_mm512_cvtps_pd(_mm256_loadu_ps(p))}; }
    void store(double* p) const { _mm512_storeu_pd(p, v); }
    void store_floats(float* p) const { _mm256_storeu_ps(p, _mm512_cvtpd_ps(v)); }
};

inline Avx512Reg operator+(Avx512Reg a, Avx512Reg b) { return {_mm512_add_pd(a.v, b.v)}; }
inline Avx512Reg operator-(Avx512Reg a, Avx512Reg b) { return {_mm512_sub_pd(a.v, b.v)}; }
inline Avx512Reg operator*(Avx512Reg a, Avx512Reg b) { return {_mm512_mul_pd(a.v, b.v)}; }
inline Avx512Reg operator/(Avx512Reg a, Avx512Reg b) { return {_mm512_div_pd(a.v, b.v)}; }
inline Avx512Reg operator-(Avx512Reg a) { return {_mm512_xor_pd(a.v, _mm512_set1_pd(-0.0))}; }
inline Avx512Reg fma(Avx512Reg a, Avx512Reg b, Avx512Reg c) { return {_mm512_fmadd_pd(a.v, b.v, c.v)}; }
inline Avx512Reg fnma(Avx512Reg a, Avx512Reg b, Avx512Reg c) { return {_mm512_fnmadd_pd(a.v, b.v, c.v)}; }
inline Avx512Reg sqrt(Avx512Reg a) { return {_mm512_sqrt_pd(a.v)}; }
inline Avx512Reg abs(Avx512Reg a) { return {_mm512_andnot_pd(_mm512_set1_pd(-0.0), a.v)}; }
inline Avx512Reg min(Avx512Reg a, Avx512Reg b) { return {_mm512_min_pd(a.v, b.v)}; }
inline Avx512Reg max(Avx512Reg a, Avx512Reg b) { return {_mm512_max_pd(a.v, b.v)}; }

inline Avx512Mask is_negative(Avx512Reg a) { return {_mm512_movepi64_mask(_mm512_castpd_si512(a.v))}; }
inline Avx512Mask operator<(Avx512Reg a, Avx512Reg b) { return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_LT_OQ)}; }
inline Avx512Mask operator<=(Avx512Reg a, Avx512Reg b) { return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_LE_OQ)}; }
inline Avx512Mask operator==(Avx512Reg a, Avx512Reg b) { return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_EQ_OQ)}; }
inline Avx512Mask operator&(Avx512Mask a, Avx512Mask b) { return {_kand_mask8(a.v, b.v)}; }
inline Avx512Mask operator|(Avx512Mask a, Avx512Mask b) { return {_kor_mask8(a.v, b.v)}; }
inline Avx512Mask operator!(Avx512Mask a) { return {_knot_mask8(a.v)}; }
inline unsigned to_bits(Avx512Mask a) { return a.v; }
inline Avx512Reg select(Avx512Mask m, Avx512Reg a, Avx512Reg b) {
    return {_mm512_mask_blend_pd(m.v, b.v, a.v)};
}

inline Avx512Bits as_bits(Avx512Reg a) { return {_mm512_castpd_si512(a.v)}; }
inline Avx512Reg as_double(Avx512Bits a) { return {_mm512_castsi512_pd(a.v)}; }
inline Avx512Bits set_bits(Avx512Reg, std::uint64_t x) {
    return {_mm512_set1_epi64(static_cast<std::int64_t>(x))};
}
inline Avx512Bits operator+(Avx512Bits a, Avx512Bits b) { return {_mm512_add_epi64(a.v, b.v)}; }
inline Avx512Bits operator-(Avx512Bits a, Avx512Bits b) { return {_mm512_sub_epi64(a.v, b.v)}; }
inline Avx512Bits operator&(Avx512Bits a, Avx512Bits b) { return {_mm512_and_si512(a.v, b.v)}; }
inline Avx512Bits operator|(Avx512Bits a, Avx512Bits b) { return {_mm512_or_si512(a.v, b.v)}; }
inline Avx512Bits operator^(Avx512Bits a, Avx512Bits b) { return {_mm512_xor_si512(a.v, b.v)}; }
inline Avx512Bits multiply_low_halves(Avx512Bits a, Avx512Bits b) { return {_mm512_mul_epu32(a.v, b.v)}; }
template <int N>
inline Avx512Bits shift_left(Avx512Bits a) {
    return {_mm512_slli_epi64(a.v, N)};
}
template <int N>
inline Avx512Bits shift_right(Avx512Bits a) {
    return {_mm512_srli_epi64(a.v, N)};
}

struct Avx512FloatMask {
    __mmask16 v;
};

struct Avx512FloatBits {
    __m512i v;
};

struct Avx512Float {
    using Mask = Avx512FloatMask;
    using Bits = Avx512FloatBits;
    using Element = float;
    static constexpr int kLanes = 16;

    __m512 v;

    static Avx512Float set(float x) { return {_mm512_set1_ps(x)}; }
    static Avx512Float load(const float* p) { return {_mm512_loadu_ps(p)}; }
    void store(float* p) const { _mm512_storeu_ps(p, v); }
};

inline Avx512Float operator+(Avx512Float a, Avx512Float b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Avx512Float operator-(Avx512Float a, Avx512Float b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Avx512Float operator*(Avx512Float a, Avx512Float b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Avx512Float operator/(Avx512Float a, Avx512Float b) { return {_mm512_div_ps(a.v, b.v)}; }
inline Avx512Float operator-(Avx512Float a) { return {_mm512_xor_ps(a.v, _mm512_set1_ps(-0.0F))}; }
inline Avx512Float fma(Avx512Float a, Avx512Float b, Avx512Float c) {
    return {_mm512_fmadd_ps(a.v, b.v, c.v)};
}
inline Avx512Float abs(Avx512Float a) { return {_mm512_andnot_ps(_mm512_set1_ps(-0.0F), a.v)}; }
inline Avx512Float min(Avx512Float a, Avx512Float b) { return {_mm512_min_ps(a.v, b.v)}; }
inline Avx512FloatMask is_negative(Avx512Float a) { return {_mm512_movepi32_mask(_mm512_castps_si512(a.v))}; }
inline Avx512Float select(Avx512FloatMask m, Avx512Float a, Avx512Float b) {
    return {_mm512_mask_blend_ps(m.v, b.v, a.v)};
}
inline Avx512FloatBits as_bits(Avx512Float a) { return {_mm512_castps_si512(a.v)}; }
inline Avx512Float as_float(Avx512FloatBits a) { return {_mm512_castsi512_ps(a.v)}; }
inline Avx512FloatBits operator+(Avx512FloatBits a, Avx512FloatBits b) {
    return {_mm512_add_epi32(a.v, b.v)};
}
template <int N>
inline Avx512FloatBits shift_left(Avx512FloatBits a) {
    return {_mm512_slli_epi32(a.v, N)};
}

}  // namespace
