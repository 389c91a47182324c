// Bachelier's formula: options on a forward of any sign whose moves are normal.
//
//   V = D (m Phi(d) + s phi(d)),   m = theta (F - K),  d = m / s,  s = sigma sqrt(T),  theta = +1 call, -1
//   put
//
// Louis Bachelier, "Theorie de la speculation", Annales scientifiques de l'E.N.S. 17 (1900), p. 21; Greeks by
// differentiation. Beyond the intrinsic value it is worth D s phi(z) A(z), z = |d|, A = 1 - z M(z), M the
// Mills ratio: no sum cancels in it but A's own, which costs z^2 units in the last place of the time value.
#pragma once

#include "implied.h"

namespace {

template <bool WithGreeks>
struct BachelierFormula {
    static constexpr int kInputs = 5;
    static constexpr int kOutputs = WithGreeks ? kAllGreeks : 1;

    template <class V>
    static auto evaluate(V side, const V* in, V* out) {
        const V forward = in[0], strike = in[1], time = in[2], volatility = in[3], discount = in[4];
        const V zero = V::set(0.0), one = V::set(1.0);
        const V root_time = sqrt(time);
        const V s = volatility * root_time;
        const V inverse_s = inverse_volatility(s);
        const V inside = side * (forward - strike);
        const V d = clamp(inside * inverse_s, -kFarthest, kFarthest);
        const V z = abs(d);
        const V ratio = mills(z);
        const auto flat = (s < V::set(kZeroVolatility)) | (V::set(kFarthest) <= z);
        const V density = select(flat, zero, V::set(kInverseSqrtTwoPi) * exp_normal(V::set(-0.5) * z * z));
        const V price = discount * fma(s * density, fnma(z, ratio, one), max(inside, zero));
        out[kPrice] = price;
        if constexpr (WithGreeks) {
            // A call at the money without volatility counts as exercised, its put does not.
            const V tail = density * ratio;
            const auto out_of_the_money = is_negative(select(d == zero, side, d));
            const V g = discount * density;
            const V vega = g * root_time;
            const V rate = select(zero < time, -log_any(discount) / time, zero);
            out[kDelta] = side * discount * select(out_of_the_money, tail, one - tail);
            out[kGamma] = g * inverse_s;
            out[kVega] = vega;
            out[kTheta] = fma(rate, price, V::set(-0.5) * volatility * volatility * (g * inverse_s));
            out[kRho] = -time * price;
            out[kVanna] = -side * vega * d * inverse_s;
            out[kVolga] = vega * d * d * root_time * inverse_s;
        }
        return finite(forward) & finite(strike) & not_negative_finite(time) &
               not_negative_finite(volatility) & positive_finite(discount) & (side * side == one) &
               (zero <= price);
    }

    static std::uint8_t refusal(std::int8_t side, const double* in) {
        if (side != 1 && side != -1) return RG_BAD_SIDE;
        for (int i = 0; i < kInputs; ++i)
            if (!finite(in[i])) return RG_NOT_FINITE;
        if (in[2] < 0) return RG_NEGATIVE_TIME;
        if (in[3] < 0) return RG_NEGATIVE_VOLATILITY;
        if (in[4] <= 0) return RG_NON_POSITIVE_DISCOUNT;
        return RG_NOT_FINITE;
    }
};

/// z for which phi(z)/z - Phi(-z) = 1/q, q in [1e-17, 1e300]. log(1/z - M(z)) - z^2/2 is solved by
/// Householder's third-order step; its derivative in log z is r = -1/A(z), and r' = -r (1 + z^2) - r^2.
template <class V>
inline V bachelier_deviations(V q) {
    const V one = V::set(1.0), half = V::set(0.5);
    const V level = log_normal(q) - V::set(kLogSqrtTwoPi);
    const V near = q / fma(half * V::set(kSqrtTwoPi), q, V::set(kSqrtTwoPi));
    const V far = min(horner(kLowerGuess, sqrt(max(level + V::set(kFarShift), V::set(0.25)))), V::set(38.0));
    V z = select(V::set(0.45) * q < V::set(kSqrtTwoPi), near, far);
    auto running = z == z;
    for (int i = 0; i < kMaxImpliedSteps && to_bits(running) != 0; ++i) {
        const V square = z * z;
        const V a = fnma(z, mills(z), one);
        const V value = fma(V::set(-0.5) * z, z, log_normal(a / z)) + level;
        const V r = -(one / a);
        const V growth = one + square;
        const V second = -growth - r;
        const V third = fma(second, -fma(V::set(2.0), r, growth), V::set(-2.0) * square);
        // The derivatives in z itself, times z and z^2.
        const V bend = second - one, twist = fma(V::set(-3.0), second, third) + V::set(2.0);
        const V newton = value * a;
        const V top = newton * fma(half * bend, newton, one);
        const V move = clamp(top / fma(newton, fma(twist * newton, V::set(1.0 / 6.0), bend), one), -0.5, 0.5);
        z = select(running, min(fma(z, move, z), V::set(38.0)), z);
        running = running & !(abs(move) <= V::set(5e-4));
    }
    return z;
}

struct BachelierImpliedFormula {
    static constexpr int kInputs = 5;
    static constexpr int kOutputs = 1;

    template <class V>
    static auto evaluate(V side, const V* in, V* out) {
        const V forward = in[0], strike = in[1], time = in[2], discount = in[3], price = in[4];
        const V zero = V::set(0.0), one = V::set(1.0);
        const auto value = ImpliedVolatilityFormula::time_value(side, forward, strike, discount, price);
        const V v = value.out_of_the_money;
        const auto good = finite(forward) & finite(strike) & positive_finite(time) &
                          positive_finite(discount) & not_negative_finite(price) & (side * side == one) &
                          (zero <= v);
        const V distance = abs(forward - strike);
        const V q = distance / v;
        // At the money V = s / sqrt(2 pi); nearer than 1e-17 nothing else is left of it.
        const auto straddle = q < V::set(1e-17);
        const V z = bachelier_deviations(select(good & !straddle, clamp(q, 1e-17, 1e300), one));
        const V s = select(straddle, V::set(kSqrtTwoPi) * v, distance / z);
        out[0] = select(v == zero, zero, s / sqrt(time));
        return good;
    }

    static std::uint8_t refusal(std::int8_t side, const double* in) {
        if (side != 1 && side != -1) return RG_BAD_SIDE;
        for (int i = 0; i < kInputs; ++i)
            if (!finite(in[i])) return RG_NOT_FINITE;
        if (in[2] <= 0) return RG_NON_POSITIVE_TIME;
        if (in[3] <= 0) return RG_NON_POSITIVE_DISCOUNT;
        const double inside = side * (in[0] - in[1]);
        return in[4] / in[3] - (inside > 0 ? inside : 0) < 0 ? RG_BELOW_INTRINSIC : RG_NOT_FINITE;
    }
};

}  // namespace
