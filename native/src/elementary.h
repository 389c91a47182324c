// exp, log, the normal distribution and powers, one lane at a time in every width.
//
// Each function is a fixed sequence of IEEE operations without branches; a lane's result depends on that lane
// alone.
#pragma once

#include <cstdint>

#include "coefficients.h"

namespace {

constexpr double kInfinity = __builtin_inf();
constexpr double kMaxDouble = 0x1.fffffffffffffp1023;
constexpr double kMinNormal = 0x1p-1022;
constexpr double kInverseSqrtTwoPi = 0x1.9884533d43651p-2;
constexpr double kLogSqrtTwoPi = 0x1.d67f1c864beb5p-1;
constexpr double kSqrtTwoPi = 0x1.40d931ff62706p+1;
// log 2 in two parts; the first has 42 significant bits, so that its product with an exponent is exact.
constexpr double kLog2High = 0x1.62e42fefa38p-1;
constexpr double kLog2Low = 0x1.ef35793c7673p-45;
constexpr double kInverseLog2 = 0x1.71547652b82fep+0;
// Added to a double below 2^51 in size, it leaves the nearest integer in the low bits.
constexpr double kRoundingShift = 0x1.8p52;
constexpr std::uint64_t kCanonicalNan = 0xFFF8000000000000ULL;

template <class V>
inline V canonical_nan() {
    return as_double(set_bits(V::set(0.0), kCanonicalNan));
}

template <class V>
inline V clamp(V x, double low, double high) {
    return min(max(x, V::set(low)), V::set(high));
}

/// The coefficients are of the lanes' type.
template <class V, class Element, int N>
inline V horner(const Element (&c)[N], V x) {
    V sum = V::set(c[N - 1]);
#pragma GCC unroll 16
    for (int i = N - 2; i >= 0; --i) sum = fma(sum, x, V::set(c[i]));
    return sum;
}

template <class V>
struct ReducedExp {
    V mantissa;  // exp(r), in [0.70, 1.42]
    V shifted;   // kRoundingShift + n: exp(x) = mantissa 2^n
};

template <class V>
inline ReducedExp<V> reduce_exp(V x) {
    const V shifted = fma(x, V::set(kInverseLog2), V::set(kRoundingShift));
    const V n = shifted - V::set(kRoundingShift);
    const V r = fnma(n, V::set(kLog2Low), fnma(n, V::set(kLog2High), x));
    return {fma(r * r, horner(kExp, r), r) + V::set(1.0), shifted};
}

/// exp(x) for x in [-708, 709].
template <class V>
inline V exp_normal(V x) {
    const ReducedExp<V> e = reduce_exp(x);
    return as_double(as_bits(e.mantissa) + shift_left<52>(as_bits(e.shifted)));
}

/// exp(x) for every double but NaN: zero below, infinity above, subnormals rounded once more.
template <class V>
inline V exp_any(V x) {
    const ReducedExp<V> e = reduce_exp(clamp(x, -746.0, 710.0));
    const V n = e.shifted - V::set(kRoundingShift);
    // 2^n leaves the range of the normals, so it is applied in two halves.
    const V half = fma(n, V::set(0.5), V::set(kRoundingShift));
    const V rest = (n - (half - V::set(kRoundingShift))) + V::set(kRoundingShift);
    const auto bias = set_bits(x, 1023);
    const V first = as_double(shift_left<52>(as_bits(half) + bias));
    const V second = as_double(shift_left<52>(as_bits(rest) + bias));
    return e.mantissa * first * second;
}

template <class V>
struct ReducedLog {
    V k;     // exponent
    V f;     // m - 1, m in [sqrt(1/2), sqrt(2))
    V tail;  // log(m 2^k) = k kLog2High + f + tail
};

/// For positive normal x. As fdlibm splits it: log(1+f) = f - (f^2/2 - s (f^2/2 + R(s^2))), s = f / (2 + f).
template <class V>
inline ReducedLog<V> reduce_log(V x) {
    const auto bits = as_bits(x);
    const auto offset = bits - set_bits(x, 0x3FE6A09E667F3BCDULL);
    const auto exponent = shift_right<52>(offset + set_bits(x, 1ULL << 63));  // k + 2048
    const V k = as_double(exponent | set_bits(x, 0x4330000000000000ULL)) - V::set(0x1p52 + 2048.0);
    const V m = as_double(bits - (offset & set_bits(x, 0xFFF0000000000000ULL)));
    const V f = m - V::set(1.0);
    const V s = f / (m + V::set(1.0));
    const V w = s * s;
    const V half_square = V::set(0.5) * f * f;
    const V inner = fma(s, fma(w, horner(kLog, w), half_square), k * V::set(kLog2Low));
    return {k, f, inner - half_square};
}

/// log(x) for positive normal x.
template <class V>
inline V log_normal(V x) {
    const ReducedLog<V> l = reduce_log(x);
    return fma(l.k, V::set(kLog2High), l.f + l.tail);
}

template <class V>
struct HighLow {
    V high, low;
};

/// log(x) of a positive normal x as an unevaluated sum, about 2^-56 in absolute error.
template <class V>
inline HighLow<V> log_high_low(V x) {
    const ReducedLog<V> l = reduce_log(x);
    const V scaled = l.k * V::set(kLog2High);
    const V high = scaled + l.f;
    return {high, ((scaled - high) + l.f) + l.tail};
}

/// log(x) for every double but NaN: -infinity at zero, NaN below.
template <class V>
inline V log_any(V x) {
    const auto subnormal = x < V::set(kMinNormal);
    const ReducedLog<V> l = reduce_log(select(subnormal, x * V::set(0x1p54), x));
    const V k = l.k - select(subnormal, V::set(54.0), V::set(0.0));
    const V tail = fma(select(subnormal, V::set(-54.0), V::set(0.0)), V::set(kLog2Low), l.tail);
    V y = fma(k, V::set(kLog2High), l.f + tail);
    y = select(V::set(kMaxDouble) < x, V::set(kInfinity), y);
    y = select(x == V::set(0.0), V::set(-kInfinity), y);
    return select(x < V::set(0.0), canonical_nan<V>(), y);
}

/// The Mills ratios of z1 and z2, both in [0, 1e15] (3e-12 beyond 40), with one division for the two.
template <class V>
inline HighLow<V> mills_pair(V z1, V z2) {
    const V d1 = horner(kMillsDenominator, z1), d2 = horner(kMillsDenominator, z2);
    const V inverse = V::set(1.0) / (d1 * d2);
    return {horner(kMillsNumerator, z1) * d2 * inverse, horner(kMillsNumerator, z2) * d1 * inverse};
}

template <class V>
inline V mills(V z) {
    return horner(kMillsNumerator, z) / horner(kMillsDenominator, z);
}

/// The square of x is carried in two parts: in the tails its rounding alone would cost hundreds of units.
template <class V>
inline V normal_pdf(V x) {
    const V z = min(abs(x), V::set(40.0));
    const V square = z * z;
    const V rest = fma(z, z, -square);
    const V e = exp_any(V::set(-0.5) * square);
    const V y = V::set(kInverseSqrtTwoPi) * fnma(e, V::set(0.5) * rest, e);
    return select(x == x, y, canonical_nan<V>());
}

template <class V>
inline V normal_cdf(V x) {
    const V z = min(abs(x), V::set(40.0));
    const V tail = normal_pdf(z) * mills(z);
    const V y = select(is_negative(x), tail, V::set(1.0) - tail);
    return select(x == x, y, canonical_nan<V>());
}

/// The normal quantile of p in (0, 1): to full precision on [0.075, 0.925], to 3e-3 in the tails (Abramowitz
/// and Stegun, "Handbook of Mathematical Functions", 26.2.22, p. 933).
template <class V>
inline V rough_quantile(V p) {
    const V q = p - V::set(0.5);
    const V v = fnma(q, q, V::set(0.180625));
    const V central = q * horner(kInverseNumerator, v) / horner(kInverseDenominator, v);
    const V t = sqrt(V::set(-2.0) * log_any(min(p, V::set(1.0) - p)));
    const V top = fma(t, V::set(0.27061), V::set(2.30753));
    const V bottom = fma(t, fma(t, V::set(0.04481), V::set(0.99229)), V::set(1.0));
    const V tail = t - top / bottom;
    return select(abs(q) <= V::set(0.425), central, select(is_negative(q), -tail, tail));
}

/// Tails: two Householder steps of third order on log Phi(-z) = log(mills(z)) - z^2/2 - log sqrt(2 pi).
template <class V>
inline V inverse_normal_cdf(V p) {
    const V one = V::set(1.0), zero = V::set(0.0);
    const V q = p - V::set(0.5);
    const V near = min(p, one - p);
    const V level = log_any(near) + V::set(kLogSqrtTwoPi);
    const V rough = rough_quantile(p);
    V z = clamp(abs(rough), 0.0, 40.0);
    for (int step = 0; step < 2; ++step) {
        const V ratio = mills(z);
        const V f = fma(V::set(-0.5) * z, z, log_normal(ratio)) - level;
        const V r = -(one / ratio);
        const V newton = f * ratio;
        const V curve = -z - r;
        const V third = fma(z, z, -one) + r * fma(V::set(3.0), z, V::set(2.0) * r);
        const V top = newton * fma(V::set(0.5) * curve, newton, one);
        z = z + top / fma(newton, fma(third * newton, V::set(1.0 / 6.0), curve), one);
    }
    V y = select(abs(q) <= V::set(0.425), rough, select(is_negative(q), -z, z));
    y = select(p == zero, V::set(-kInfinity), y);
    y = select(p == one, V::set(kInfinity), y);
    return select((zero <= p) & (p <= one), y, canonical_nan<V>());
}

/// x^y for x > 0; zero and negative bases are the caller's. The logarithm is carried in two parts.
template <class V>
inline V power_of_positive(V x, V y) {
    const auto subnormal = x < V::set(kMinNormal);
    HighLow<V> l = log_high_low(select(subnormal, x * V::set(0x1p54), x));
    const V shift = select(subnormal, V::set(-54.0), V::set(0.0));
    const V high = fma(shift, V::set(kLog2High), l.high);
    const V low = fma(shift, V::set(kLog2Low), l.low);
    const V sum = high + low;
    const V rest = (high - sum) + low;
    const V product = y * sum;
    const V correction = fma(y, rest, fma(y, sum, -product));
    const V e = exp_any(product);
    const V safe = select(abs(product) < V::set(745.0), correction, V::set(0.0));
    return select(e <= V::set(kMaxDouble), fma(e, safe, e), e);
}

}  // namespace
