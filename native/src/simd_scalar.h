// One lane in plain C++: the baseline path, and the definition of what a lane computes on every other path.
#pragma once

#include <cstdint>
#include <cstring>

namespace {

struct ScalarMask {
    bool v;
};

struct ScalarBits {
    std::uint64_t v;
};

struct ScalarReg {
    using Mask = ScalarMask;
    using Bits = ScalarBits;
    using Element = double;
    static constexpr int kLanes = 1;

    double v;

    static ScalarReg set(double x) { return {x}; }
    static ScalarReg load(const double* p) { return {*p}; }
    static ScalarReg load_side(const std::int8_t* p) { return {static_cast<double>(*p)}; }
    static ScalarReg load_floats(const float* p) { return {static_cast<double>(*p)}; }
    void store(double* p) const { *p = v; }
    /// Rounded to the nearest float.
    void store_floats(float* p) const { *p = static_cast<float>(v); }
};

inline ScalarReg operator+(ScalarReg a, ScalarReg b) { return {a.v + b.v}; }
inline ScalarReg operator-(ScalarReg a, ScalarReg b) { return {a.v - b.v}; }
inline ScalarReg operator*(ScalarReg a, ScalarReg b) { return {a.v * b.v}; }
inline ScalarReg operator/(ScalarReg a, ScalarReg b) { return {a.v / b.v}; }
inline ScalarReg operator-(ScalarReg a) { return {-a.v}; }
/// a b + c and c - a b, rounded once (correctly even without hardware support).
inline ScalarReg fma(ScalarReg a, ScalarReg b, ScalarReg c) { return {__builtin_fma(a.v, b.v, c.v)}; }
inline ScalarReg fnma(ScalarReg a, ScalarReg b, ScalarReg c) { return {__builtin_fma(-a.v, b.v, c.v)}; }
inline ScalarReg sqrt(ScalarReg a) { return {__builtin_sqrt(a.v)}; }
inline ScalarReg abs(ScalarReg a) { return {__builtin_fabs(a.v)}; }
/// As the SSE instructions: the second operand if either is NaN or both are zeros.
inline ScalarReg min(ScalarReg a, ScalarReg b) { return {a.v < b.v ? a.v : b.v}; }
inline ScalarReg max(ScalarReg a, ScalarReg b) { return {a.v > b.v ? a.v : b.v}; }

/// Whether the sign bit is set (true of -0).
inline ScalarMask is_negative(ScalarReg a) { return {__builtin_signbit(a.v) != 0}; }
inline ScalarMask operator<(ScalarReg a, ScalarReg b) { return {a.v < b.v}; }
inline ScalarMask operator<=(ScalarReg a, ScalarReg b) { return {a.v <= b.v}; }
inline ScalarMask operator==(ScalarReg a, ScalarReg b) { return {a.v == b.v}; }
inline ScalarMask operator&(ScalarMask a, ScalarMask b) { return {a.v && b.v}; }
inline ScalarMask operator|(ScalarMask a, ScalarMask b) { return {a.v || b.v}; }
inline ScalarMask operator!(ScalarMask a) { return {!a.v}; }
/// Bit i is lane i.
inline unsigned to_bits(ScalarMask a) { return a.v ? 1U : 0U; }
inline ScalarReg select(ScalarMask m, ScalarReg a, ScalarReg b) { return {m.v ? a.v : b.v}; }

inline ScalarBits as_bits(ScalarReg a) {
    ScalarBits b;
    std::memcpy(&b.v, &a.v, sizeof b.v);
    return b;
}
inline ScalarReg as_double(ScalarBits a) {
    ScalarReg b;
    std::memcpy(&b.v, &a.v, sizeof b.v);
    return b;
}
inline ScalarBits set_bits(ScalarReg, std::uint64_t x) { return {x}; }
inline ScalarBits operator+(ScalarBits a, ScalarBits b) { return {a.v + b.v}; }
inline ScalarBits operator-(ScalarBits a, ScalarBits b) { return {a.v - b.v}; }
inline ScalarBits operator&(ScalarBits a, ScalarBits b) { return {a.v & b.v}; }
inline ScalarBits operator|(ScalarBits a, ScalarBits b) { return {a.v | b.v}; }
inline ScalarBits operator^(ScalarBits a, ScalarBits b) { return {a.v ^ b.v}; }
/// The product of the low 32 bits of each.
inline ScalarBits multiply_low_halves(ScalarBits a, ScalarBits b) {
    return {(a.v & 0xFFFFFFFF) * (b.v & 0xFFFFFFFF)};
}
template <int N>
inline ScalarBits shift_left(ScalarBits a) {
    return {a.v << N};
}
template <int N>
inline ScalarBits shift_right(ScalarBits a) {
    return {a.v >> N};
}

struct ScalarFloatBits {
    std::uint32_t v;
};

/// One lane of single precision.
struct ScalarFloat {
    using Mask = ScalarMask;
    using Bits = ScalarFloatBits;
    using Element = float;
    static constexpr int kLanes = 1;

    float v;

    static ScalarFloat set(float x) { return {x}; }
    static ScalarFloat load(const float* p) { return {*p}; }
    void store(float* p) const { *p = v; }
};

inline ScalarFloat operator+(ScalarFloat a, ScalarFloat b) { return {a.v + b.v}; }
inline ScalarFloat operator-(ScalarFloat a, ScalarFloat b) { return {a.v - b.v}; }
inline ScalarFloat operator*(ScalarFloat a, ScalarFloat b) { return {a.v * b.v}; }
inline ScalarFloat operator/(ScalarFloat a, ScalarFloat b) { return {a.v / b.v}; }
inline ScalarFloat operator-(ScalarFloat a) { return {-a.v}; }
inline ScalarFloat fma(ScalarFloat a, ScalarFloat b, ScalarFloat c) {
    return {__builtin_fmaf(a.v, b.v, c.v)};
}
inline ScalarFloat abs(ScalarFloat a) { return {__builtin_fabsf(a.v)}; }
inline ScalarFloat min(ScalarFloat a, ScalarFloat b) { return {a.v < b.v ? a.v : b.v}; }
inline ScalarMask is_negative(ScalarFloat a) { return {__builtin_signbit(a.v) != 0}; }
inline ScalarFloat select(ScalarMask m, ScalarFloat a, ScalarFloat b) { return {m.v ? a.v : b.v}; }
inline ScalarFloatBits as_bits(ScalarFloat a) {
    ScalarFloatBits b;
    std::memcpy(&b.v, &a.v, sizeof b.v);
    return b;
}
inline ScalarFloat as_float(ScalarFloatBits a) {
    ScalarFloat b;
    std::memcpy(&b.v, &a.v, sizeof b.v);
    return b;
}
inline ScalarFloatBits operator+(ScalarFloatBits a, ScalarFloatBits b) { return {a.v + b.v}; }
template <int N>
inline ScalarFloatBits shift_left(ScalarFloatBits a) {
    return {a.v << N};
}

}  // namespace
