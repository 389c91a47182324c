// Implied Black volatility.
//
// The out-of-the-money price over the smaller of forward and strike is u(s) = Phi(d1) - e^y Phi(d2) in (0, 1), with
// y = |log(F/K)|, d1 = s/2 - y/s, d2 = d1 - s, and u'(s) = phi(d1). u is convex below s_c = sqrt(2 y), where d1 = 0, and
// concave above. Below, log u(s) = log u is solved, above log(1 - u(s)) = log(1 - u), as Peter Jaeckel proposes in "Let's
// Be Rational" (Wilmott, 2015) for the wings. Both objectives are log|R| - d1^2/2 - log sqrt(2 pi) with
//
//   R = u/u' = M(-d1) - M(-d2)  below,     R = -(1-u)/u' = -(M(d1) + M(-d2))  above,
//
// so a step needs no exponential, and 1/R is the objective's derivative on both sides. Householder's third-order step
// (error of fourth order) runs within a bracket; each lane stops by its own test, so lanes do not see each other.
#pragma once

#include "batch.h"
#include "european.h"

namespace {

constexpr int kMaxImpliedSteps = 80;

/// A first guess of s on the lower side, from the small-moneyness (Bachelier) form u = y (phi(c)/c - Phi(-c)), c = y/s.
template <class V>
inline V guess_below(V y, V log_u) {
    const V level = fma(V::set(0.5), y, log_any(y)) - log_u - V::set(kLogSqrtTwoPi);  // c^2/2 - log(1/c - M(c))
    const V e = exp_any(-level);
    const V near = V::set(1.0) / (e + V::set(0x1.40d931ff62706p+0));
    const V first = sqrt(max(fma(V::set(2.0), level, V::set(1.0)), V::set(0.25)));
    const V far = sqrt(max(fma(V::set(-6.0), log_any(first + V::set(0.5)), V::set(2.0) * level) + V::set(1.5), V::set(0.25)));
    const V c = select(V::set(0.45) < e, near, far);
    return y / c;
}

/// A first guess of s on the upper side: 1 - u = Phi(-d1) (1 + w), w = M(-d2)/M(d1) taken at s_c, where it is least.
template <class V>
inline V guess_above(V u, V y, V w) {
    const V one = V::set(1.0);
    const V p = min((one - u) / (one + w), V::set(0.5));
    const V d1 = -rough_quantile(max(p, V::set(1e-300)));
    const V s = d1 + sqrt(fma(d1, d1, V::set(2.0) * y));
    return max(s, u * V::set(kSqrtTwoPi));
}

/// The total volatility s for u in (0, 1) and y >= 0.
template <class V>
inline V implied_total_volatility(V u, V y) {
    const V one = V::set(1.0), zero = V::set(0.0), half = V::set(0.5);
    const V critical = sqrt(V::set(2.0) * y);
    const V mills_critical = mills(critical);
    const auto below = u < fnma(V::set(kInverseSqrtTwoPi), mills_critical, half);
    const V target = log_any(select(below, u, one - u)) + V::set(kLogSqrtTwoPi);
    const V w = mills_critical * V::set(0x1.9884533d43651p-1);

    V low = select(below, zero, critical), high = select(below, critical, V::set(kInfinity));
    V s = select(below, guess_below(max(y, V::set(kMinNormal)), log_any(u)), guess_above(u, y, w));
    s = select((low < s) & (s < high), s, select(below, half * critical, critical + one));
    auto running = s == s;
    for (int step = 0; step < kMaxImpliedSteps && to_bits(running) != 0; ++step) {
        const V c = y / s, d1 = fma(half, s, -c), z2 = fma(half, s, c);
        const HighLow<V> m = mills_pair(min(abs(d1), V::set(1e15)), min(z2, V::set(1e15)));
        const V ratio = select(below, m.high - m.low, -(m.high + m.low));
        const V f = fma(V::set(-0.5) * d1, d1, log_any(abs(ratio))) - target;
        const V r = one / ratio;
        const V over = select(below, f, -f);
        const V s2 = s * s;
        const V h = -d1 * z2 / s;
        const V slope = V::set(-3.0) * (c * c) / s2 - V::set(0.25);
        const V newton = -f * ratio;
        const V curve = h - r;
        const V third = fma(h, h, slope) + r * fnma(V::set(3.0), h, V::set(2.0) * r);
        const V top = fma(half * curve, newton, one);
        const V move = newton * top / fma(newton, fma(third * newton, V::set(1.0 / 6.0), curve), one);

        high = select(running & (zero < over), s, high);
        low = select(running & (over < zero), s, low);
        const V next = s + move;
        const auto inside = (low <= next) & (next <= high);
        const V middle = select(high <= V::set(kMaxDouble), half * (low + high), V::set(2.0) * s);
        const V accepted = select(inside, next, middle);
        const auto done = (inside & (abs(move) <= V::set(1e-5) * s)) | (accepted == s);
        s = select(running, accepted, s);
        running = running & !done;
    }
    return s;
}

struct ImpliedVolatilityFormula {
    static constexpr int kInputs = 5;
    static constexpr int kOutputs = 1;

    template <class V>
    struct TimeValue {
        V forward_price, out_of_the_money, smaller;
    };

    /// The out-of-the-money option's undiscounted price, by parity where the input is in the money. Time value within the
    /// rounding of the price itself, four units, counts as none.
    template <class V>
    static TimeValue<V> time_value(V side, V forward, V strike, V discount, V price) {
        const V zero = V::set(0.0);
        const V undiscounted = price / discount;
        const V intrinsic = max(side * (forward - strike), zero);
        const V rest = undiscounted - intrinsic;
        const auto nothing = (zero < intrinsic) & (abs(rest) <= V::set(0x1p-50) * undiscounted);
        return {undiscounted, select(nothing, zero, rest), min(forward, strike)};
    }

    template <class V>
    static auto evaluate(V side, const V* in, V* out) {
        const V forward = in[0], strike = in[1], time = in[2], discount = in[3], price = in[4];
        const V zero = V::set(0.0), one = V::set(1.0);
        const auto value = time_value(side, forward, strike, discount, price);
        const V u = value.out_of_the_money / value.smaller;
        auto good = positive_finite(forward) & positive_finite(strike) & positive_finite(time) &
                    positive_finite(discount) & not_negative_finite(price) & (side * side == V::set(1.0)) &
                    (zero <= u) & (u < one);
        const auto none = u == zero;
        const V solvable = select(good & !none, u, V::set(0.25));
        const V y = select(good, abs(log_any(forward / strike)), one);
        const V s = implied_total_volatility(solvable, y);
        out[0] = select(none, zero, s / sqrt(time));
        return good;
    }

    static std::uint8_t refusal(std::int8_t side, const double* in) {
        if (side != 1 && side != -1) return RG_BAD_SIDE;
        for (int i = 0; i < kInputs; ++i)
            if (!finite(in[i])) return RG_NOT_FINITE;
        if (in[0] <= 0) return RG_NON_POSITIVE_FORWARD;
        if (in[1] <= 0) return RG_NON_POSITIVE_STRIKE;
        if (in[2] <= 0) return RG_NON_POSITIVE_TIME;
        if (in[3] <= 0) return RG_NON_POSITIVE_DISCOUNT;
        const double intrinsic = side * (in[0] - in[1]) > 0 ? side * (in[0] - in[1]) : 0;
        const double rest = in[4] / in[3] - intrinsic;
        if (rest < 0) return RG_BELOW_INTRINSIC;
        return finite(rest) ? RG_ABOVE_MAXIMUM : RG_NOT_FINITE;
    }
};

}  // namespace
