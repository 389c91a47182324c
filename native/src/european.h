// European prices and Greeks: Black-Scholes on a spot with a dividend yield, Black-76 on a forward.
//
// Greeks after Espen Gaarder Haug, "The Complete Guide to Option Pricing Formulas", 2nd ed. (2007),
// chapter 2.
#pragma once

#include "batch.h"
#include "black.h"

namespace {

inline bool finite(double x) { return __builtin_fabs(x) <= kMaxDouble; }

template <class V>
inline auto finite(V x) {
    return abs(x) <= V::set(kMaxDouble);
}

template <class V>
inline auto positive_finite(V x) {
    return (V::set(0.0) < x) & (x <= V::set(kMaxDouble));
}

template <class V>
inline auto not_negative_finite(V x) {
    return (V::set(0.0) <= x) & (x <= V::set(kMaxDouble));
}

/// A side, and legs whose difference is a number: the price alone would not tell, for the larger of NaN and zero
/// is zero. Two legs beyond the doubles have none.
template <class V>
inline auto is_option(V side, const BlackTerms<V>& t) {
    const V difference = t.asset - t.strike;
    return (side * side == V::set(1.0)) & (difference == difference);
}

enum Output { kPrice, kDelta, kGamma, kVega, kTheta, kRho, kVanna, kVolga, kAllGreeks };

template <bool WithGreeks>
struct BlackScholesFormula {
    static constexpr int kInputs = 6;
    static constexpr int kOutputs = WithGreeks ? kAllGreeks : 1;

    template <class V>
    static auto evaluate(V side, const V* in, V* out) {
        const V spot = in[0], strike = in[1], time = in[2], volatility = in[3], rate = in[4], yield = in[5];
        const V zero = V::set(0.0);
        const V discount = exp_any(-rate * time), growth = exp_any(-yield * time);
        const V root_time = sqrt(time);
        const V s = volatility * root_time;
        const V inverse_s = inverse_volatility(s);
        const V x = fma(rate - yield, time, log_of_ratio(spot, strike));
        const auto t = black_terms(side, spot * growth, strike * discount, x, s, inverse_s);
        out[kPrice] = t.price;
        if constexpr (WithGreeks) {
            const V inverse_spot = V::set(1.0) / spot;
            const V g_over_s = t.g * inverse_s;
            const V vega = t.g * root_time;
            const V signed_strike = side * t.strike, signed_asset = side * t.asset;
            out[kDelta] = signed_asset * inverse_spot;
            out[kGamma] = g_over_s * inverse_spot * inverse_spot;
            out[kVega] = vega;
            out[kTheta] = fma(yield, signed_asset,
                              fnma(rate, signed_strike, V::set(-0.5) * volatility * volatility * g_over_s));
            out[kRho] = time * signed_strike;
            out[kVanna] = -g_over_s * t.d2 * root_time * inverse_spot;
            out[kVolga] = vega * t.d1 * t.d2 * root_time * inverse_s;
        }
        return all_finite(in, kInputs) & (zero < min(spot, strike)) & (zero <= min(time, volatility)) &
               is_option(side, t);
    }

    static std::uint8_t refusal(std::int8_t side, const double* in) {
        if (side != 1 && side != -1) return RG_BAD_SIDE;
        for (int i = 0; i < kInputs; ++i)
            if (!finite(in[i])) return RG_NOT_FINITE;
        if (in[0] <= 0) return RG_NON_POSITIVE_SPOT;
        if (in[1] <= 0) return RG_NON_POSITIVE_STRIKE;
        if (in[2] < 0) return RG_NEGATIVE_TIME;
        if (in[3] < 0) return RG_NEGATIVE_VOLATILITY;
        return RG_NOT_FINITE;
    }
};

template <bool WithGreeks>
struct Black76Formula {
    static constexpr int kInputs = 5;
    static constexpr int kOutputs = WithGreeks ? kAllGreeks : 1;

    template <class V>
    static auto evaluate(V side, const V* in, V* out) {
        const V forward = in[0], strike = in[1], time = in[2], volatility = in[3], discount = in[4];
        const V zero = V::set(0.0);
        const V root_time = sqrt(time);
        const V s = volatility * root_time;
        const V inverse_s = inverse_volatility(s);
        const V x = log_of_ratio(forward, strike);
        const auto t = black_terms(side, forward * discount, strike * discount, x, s, inverse_s);
        out[kPrice] = t.price;
        if constexpr (WithGreeks) {
            const V inverse_forward = V::set(1.0) / forward;
            const V g_over_s = t.g * inverse_s;
            const V vega = t.g * root_time;
            // The rate that the discount factor implies over the time to expiry; none when there is no time
            // left.
            const V rate = select(zero < time, -log_any(discount) / time, zero);
            out[kDelta] = side * t.asset * inverse_forward;
            out[kGamma] = g_over_s * inverse_forward * inverse_forward;
            out[kVega] = vega;
            out[kTheta] = fma(rate, t.price, V::set(-0.5) * volatility * volatility * g_over_s);
            out[kRho] = -time * t.price;
            out[kVanna] = -g_over_s * t.d2 * root_time * inverse_forward;
            out[kVolga] = vega * t.d1 * t.d2 * root_time * inverse_s;
        }
        return all_finite(in, kInputs) & (zero < min(min(forward, strike), discount)) &
               (zero <= min(time, volatility)) & is_option(side, t);
    }

    static std::uint8_t refusal(std::int8_t side, const double* in) {
        if (side != 1 && side != -1) return RG_BAD_SIDE;
        for (int i = 0; i < kInputs; ++i)
            if (!finite(in[i])) return RG_NOT_FINITE;
        if (in[0] <= 0) return RG_NON_POSITIVE_FORWARD;
        if (in[1] <= 0) return RG_NON_POSITIVE_STRIKE;
        if (in[2] < 0) return RG_NEGATIVE_TIME;
        if (in[3] < 0) return RG_NEGATIVE_VOLATILITY;
        if (in[4] <= 0) return RG_NON_POSITIVE_DISCOUNT;
        return RG_NOT_FINITE;
    }
};

}  // namespace
