// Black's formula in the form all kernels share: an asset leg a (the present value of the underlying), a
// strike leg b (the present value of the strike), the log-moneyness x = log(a / b) and the total volatility
// s.
//
//   V = theta (a Phi(theta d1) - b Phi(theta d2)),   d1 = x/s + s/2,  d2 = x/s - s/2,  theta = +1 call, -1
//   put
//
// Fischer Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976), p. 177. With
// the Mills ratio M and g = a phi(d1) = b phi(d2), each leg's smaller side is g M(|d|): one exponential
// serves both.
#pragma once

#include "elementary.h"

namespace {

// Total volatilities below this are zero: the price is the intrinsic value and g is zero.
constexpr double kZeroVolatility = 1e-49;
// Beyond this many deviations phi is below 1e-305, and g is taken as zero.
constexpr double kFarthest = 37.5;

template <class V>
struct BlackTerms {
    V d1, d2;  // clamped to +-kFarthest
    V g;       // a phi(d1)
    V asset;   // a Phi(theta d1)
    V strike;  // b Phi(theta d2)
    V price;   // not below zero
};

/// `inverse_s` is 1 / max(s, kZeroVolatility).
template <class V>
inline BlackTerms<V> black_terms(V side, V a, V b, V x, V s, V inverse_s) {
    BlackTerms<V> t;
    const V zero = V::set(0.0);
    const auto flat = s < V::set(kZeroVolatility);
    const V half = select(flat, zero, V::set(0.5) * s);
    t.d1 = clamp(fma(x, inverse_s, half), -kFarthest, kFarthest);
    t.d2 = clamp(fma(x, inverse_s, -half), -kFarthest, kFarthest);
    const V z1 = abs(t.d1), z2 = abs(t.d2);
    const V density = exp_normal(V::set(-0.5) * t.d1 * t.d1);
    t.g = select(flat | (V::set(kFarthest) <= z1), zero, a * V::set(kInverseSqrtTwoPi) * density);
    const HighLow<V> m = mills_pair(z1, z2);
    const V small1 = t.g * m.high, small2 = t.g * m.low;
    // Never -0: x and s/2 are not, so that a zero d1 counts as in the money for the call and out of it for
    // the put.
    t.asset = select(is_negative(side * t.d1), small1, a - small1);
    t.strike = select(is_negative(side * t.d2), small2, b - small2);
    t.price = max(side * (t.asset - t.strike), zero);
    return t;
}

/// log(a/b) for positive a and b. Ratios beyond the normal doubles count as the last of them: there the
/// option is worth nothing, or its legs' difference, to all digits.
template <class V>
inline V log_of_ratio(V a, V b) {
    return log_normal(clamp(a / b, kMinNormal, kMaxDouble));
}

/// 1 / max(s, kZeroVolatility).
template <class V>
inline V inverse_volatility(V s) {
    return V::set(1.0) / max(s, V::set(kZeroVolatility));
}

}  // namespace
