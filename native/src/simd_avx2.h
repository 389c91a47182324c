// Four lanes, or eight of single precision, in one AVX2 register, with FMA3.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace {

struct Avx2Mask {
    __m256d v;
};

struct Avx2Bits {
    __m256i v;
};

struct Avx2Reg {
    using Mask = Avx2Mask;
    using Bits = Avx2Bits;
    using Element = double;
    static constexpr int kLanes = 4;

    __m256d v;

    static Avx2Reg set(double x) { return {_mm256_set1_pd(x)}; }
    static Avx2Reg load(const double* p) { return {_mm256_loadu_pd(p)}; }
    static Avx2Reg load_side(const std::int8_t* p) {
        std::int32_t four = 0;
        std::memcpy(&four, p, sizeof four);
        return {_mm256_cvtepi32_pd(_mm_cvtepi8_epi32(_mm_cvtsi32_si128(four)))};
    }
    static Avx2Reg load_floats(const float* p) { return {_mm256_cvtps_pd(_mm_loadu_ps(p))}; }
    void store(double* p) const { _mm256_storeu_pd(p, v); }
    void store_floats(float* p) const { _mm_storeu_ps(p, _mm256_cvtpd_ps(v)); }
};

inline Avx2Reg operator+(Avx2Reg a, Avx2Reg b) { return {_mm256_add_pd(a.v, b.v)}; }
inline Avx2Reg operator-(Avx2Reg a, Avx2Reg b) { return {_mm256_sub_pd(a.v, b.v)}; }
inline Avx2Reg operator*(Avx2Reg a, Avx2Reg b) { return {_mm256_mul_pd(a.v, b.v)}; }
inline Avx2Reg operator/(Avx2Reg a, Avx2Reg b) { return {_mm256_div_pd(a.v, b.v)}; }
inline Avx2Reg operator-(Avx2Reg a) { return {_mm256_xor_pd(a.v, _mm256_set1_pd(-0.0))}; }
inline Avx2Reg fma(Avx2Reg a, Avx2Reg b, Avx2Reg c) { return {_mm256_fmadd_pd(a.v, b.v, c.v)}; }
inline Avx2Reg fnma(Avx2Reg a, Avx2Reg b, Avx2Reg c) { return {_mm256_fnmadd_pd(a.v, b.v, c.v)}; }
inline Avx2Reg sqrt(Avx2Reg a) { return {_mm256_sqrt_pd(a.v)}; }
inline Avx2Reg abs(Avx2Reg a) { return {_mm256_andnot_pd(_mm256_set1_pd(-0.0), a.v)}; }
inline Avx2Reg min(Avx2Reg a, Avx2Reg b) { return {_mm256_min_pd(a.v, b.v)}; }
inline Avx2Reg max(Avx2Reg a, Avx2Reg b) { return {_mm256_max_pd(a.v, b.v)}; }

/// A mask is its lanes' sign bits: nothing looks at the others.
inline Avx2Mask is_negative(Avx2Reg a) { return {a.v}; }
inline Avx2Mask operator<(Avx2Reg a, Avx2Reg b) { return {_mm256_cmp_pd(a.v, b.v, _CMP_LT_OQ)}; }
inline Avx2Mask operator<=(Avx2Reg a, Avx2Reg b) { return {_mm256_cmp_pd(a.v, b.v, _CMP_LE_OQ)}; }
inline Avx2Mask operator==(Avx2Reg a, Avx2Reg b) { return {_mm256_cmp_pd(a.v, b.v, _CMP_EQ_OQ)}; }
inline Avx2Mask operator&(Avx2Mask a, Avx2Mask b) { return {_mm256_and_pd(a.v, b.v)}; }
inline Avx2Mask operator|(Avx2Mask a, Avx2Mask b) { return {_mm256_or_pd(a.v, b.v)}; }
inline Avx2Mask operator!(Avx2Mask a) {
    return {_mm256_xor_pd(a.v, _mm256_castsi256_pd(_mm256_set1_epi64x(-1)))};
}
inline unsigned to_bits(Avx2Mask a) { return static_cast<unsigned>(_mm256_movemask_pd(a.v)); }
inline Avx2Reg select(Avx2Mask m, Avx2Reg a, Avx2Reg b) { return {_mm256_blendv_pd(b.v, a.v, m.v)}; }

inline Avx2Bits as_bits(Avx2Reg a) { return {_mm256_castpd_si256(a.v)}; }
inline Avx2Reg as_double(Avx2Bits a) { return {_mm256_castsi256_pd(a.v)}; }
inline Avx2Bits set_bits(Avx2Reg, std::uint64_t x) {
    return {_mm256_set1_epi64x(static_cast<std::int64_t>(x))};
}
inline Avx2Bits operator+(Avx2Bits a, Avx2Bits b) { return {_mm256_add_epi64(a.v, b.v)}; }
inline Avx2Bits operator-(Avx2Bits a, Avx2Bits b) { return {_mm256_sub_epi64(a.v, b.v)}; }
inline Avx2Bits operator&(Avx2Bits a, Avx2Bits b) { return {_mm256_and_si256(a.v, b.v)}; }
inline Avx2Bits operator|(Avx2Bits a, Avx2Bits b) { return {_mm256_or_si256(a.v, b.v)}; }
inline Avx2Bits operator^(Avx2Bits a, Avx2Bits b) { return {_mm256_xor_si256(a.v, b.v)}; }
inline Avx2Bits multiply_low_halves(Avx2Bits a, Avx2Bits b) { return {_mm256_mul_epu32(a.v, b.v)}; }
template <int N>
inline Avx2Bits shift_left(Avx2Bits a) {
    return {_mm256_slli_epi64(a.v, N)};
}
template <int N>
inline Avx2Bits shift_right(Avx2Bits a) {
    return {_mm256_srli_epi64(a.v, N)};
}

struct Avx2FloatMask {
    __m256 v;
};

struct Avx2FloatBits {
    __m256i v;
};

struct Avx2Float {
    using Mask = Avx2FloatMask;
    using Bits = Avx2FloatBits;
    using Element = float;
    static constexpr int kLanes = 8;

    __m256 v;

    static Avx2Float set(float x) { return {_mm256_set1_ps(x)}; }
    static Avx2Float load(const float* p) { return {_mm256_loadu_ps(p)}; }
    void store(float* p) const { _mm256_storeu_ps(p, v); }
};

inline Avx2Float operator+(Avx2Float a, Avx2Float b) { return {_mm256_add_ps(a.v, b.v)}; }
inline Avx2Float operator-(Avx2Float a, Avx2Float b) { return {_mm256_sub_ps(a.v, b.v)}; }
inline Avx2Float operator*(Avx2Float a, Avx2Float b) { return {_mm256_mul_ps(a.v, b.v)}; }
inline Avx2Float operator/(Avx2Float a, Avx2Float b) { return {_mm256_div_ps(a.v, b.v)}; }
inline Avx2Float operator-(Avx2Float a) { return {_mm256_xor_ps(a.v, _mm256_set1_ps(-0.0F))}; }
inline Avx2Float fma(Avx2Float a, Avx2Float b, Avx2Float c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
inline Avx2Float abs(Avx2Float a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0F), a.v)}; }
inline Avx2Float min(Avx2Float a, Avx2Float b) { return {_mm256_min_ps(a.v, b.v)}; }
inline Avx2FloatMask is_negative(Avx2Float a) { return {a.v}; }
inline Avx2Float select(Avx2FloatMask m, Avx2Float a, Avx2Float b) {
    return {_mm256_blendv_ps(b.v, a.v, m.v)};
}
inline Avx2FloatBits as_bits(Avx2Float a) { return {_mm256_castps_si256(a.v)}; }
inline Avx2Float as_float(Avx2FloatBits a) { return {_mm256_castsi256_ps(a.v)}; }
inline Avx2FloatBits operator+(Avx2FloatBits a, Avx2FloatBits b) { return {_mm256_add_epi32(a.v, b.v)}; }
template <int N>
inline Avx2FloatBits shift_left(Avx2FloatBits a) {
    return {_mm256_slli_epi32(a.v, N)};
}

}  // namespace
