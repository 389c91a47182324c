// Implied Black volatility.
//
// The out-of-the-money price over the smaller of forward and strike is u(s) = Phi(d1) - e^y Phi(d2) in (0,
// 1), with y = |log(F/K)|, d1 = s/2 - y/s, d2 = d1 - s. u is convex below s_c = sqrt(2 y), where d1 = 0, and
// concave above. Below, log u(s) = log u is solved, above log(1 - u(s)) = log(1 - u), as Peter Jaeckel
// proposes in "Let's Be Rational" (Wilmott, 2015) for the wings. Both objectives are log|R| - d1^2/2 - log
// sqrt(2 pi) with
//
//   R = u/u' = M(-d1) - M(-d2)  below,     R = -(1-u)/u' = -(M(d1) + M(-d2))  above,
//
// so a step needs no exponential, and 1/R is the objective's derivative on both sides. Where s is small the
// difference is taken from its Taylor series, and the lower objective serves both sides. Householder's
// third-order step (error of fourth order) runs within a bracket; each lane stops by its own test, so lanes
// do not see each other.
#pragma once

#include "batch.h"
#include "european.h"

namespace {

constexpr int kMaxImpliedSteps = 80;
constexpr double kSqrtTwoOverPi = 0x1.9884533d43651p-1;

/// |log(F/K)|; near the money from the difference, which is exact where the quotient is not.
template <class V>
inline V log_moneyness(V forward, V strike) {
    const V difference = forward - strike, sum = forward + strike;
    V x = log_any(forward / strike);
    const auto near = abs(difference) <= V::set(0x1p-7) * sum;
    if (to_bits(near) != 0) {
        const V z = difference / sum;
        const V w = z * z;
        x = select(near, fma(z * w, horner(kLog, w), V::set(2.0) * z), x);
    }
    return abs(x);
}

/// A first guess of s on the lower side, from the small-moneyness (Bachelier) form u = y (phi(c)/c -
/// Phi(-c)), c = y/s.
template <class V>
inline V guess_below(V y, V log_u) {
    const V level =
        fma(V::set(0.5), y, log_any(y)) - log_u - V::set(kLogSqrtTwoPi);  // c^2/2 - log(1/c - M(c))
    const V e = exp_any(-level);
    const V near = V::set(1.0) / (e + V::set(0x1.40d931ff62706p+0));
    const V first = sqrt(max(fma(V::set(2.0), level, V::set(1.0)), V::set(0.25)));
    const V far = sqrt(max(fma(V::set(-6.0), log_any(first + V::set(0.5)), V::set(2.0) * level) + V::set(1.5),
                           V::set(0.25)));
    const V c = select(V::set(0.45) < e, near, far);
    return y / c;
}

/// A first guess of s on the upper side: 1 - u = Phi(-d1) (1 + w), w = M(-d2)/M(d1) taken at s_c, where it is
/// least.
template <class V>
inline V guess_above(V u, V y, V w) {
    const V one = V::set(1.0);
    const V p = min((one - u) / (one + w), V::set(0.5));
    const V d1 = -rough_quantile(max(p, V::set(1e-300)));
    const V s = d1 + sqrt(fma(d1, d1, V::set(2.0) * y));
    return max(s, u * V::set(kSqrtTwoPi));
}

/// Below this total volatility the Mills ratios' difference is taken from its Taylor series.
constexpr double kSmallVolatility = 0.0125;
/// A price below this on the upper side has s < 0.0102: u >= s phi(0) - y/2 and y <= s^2/2.
constexpr double kSmallPrice = 0.00398;

/// M(c - s/2) - M(c + s/2) = -(s M_1 + s^3/24 M_3 + s^5/1920 M_5) with M_n the n-th derivative at c: M_1 = c
/// M - 1 and M_(n+1) = c M_n + n M_(n-1).
template <class V>
inline V mills_difference(V c, V s) {
    const V m0 = mills(c);
    const V m1 = fma(c, m0, V::set(-1.0));
    const V m2 = fma(c, m1, m0);
    const V m3 = fma(c, m2, V::set(2.0) * m1);
    const V m4 = fma(c, m3, V::set(3.0) * m2);
    const V m5 = fma(c, m4, V::set(4.0) * m3);
    const V w = s * s;
    return -s * fma(w, fma(w * V::set(1.0 / 1920.0), m5, V::set(1.0 / 24.0) * m3), m1);
}

/// The search for the s of one u; every lane is a search of its own.
template <class V>
struct ImpliedSearch {
    using Mask = typename V::Mask;

    Mask lower;         // solves for log u, else for log(1 - u)
    V target;           // the objective's value at the solution, log sqrt(2 pi) included
    V y, s, low, high;  // low <= solution <= high
    Mask running;

    /// u in (0, 1), y >= 0.
    ImpliedSearch(V u, V log_moneyness) : y(log_moneyness) {
        const V one = V::set(1.0), half = V::set(0.5);
        const V critical = sqrt(V::set(2.0) * y);
        const V mills_critical = mills(critical);
        const Mask below = u < fnma(V::set(kInverseSqrtTwoPi), mills_critical, half);
        const Mask small = (!below) & (u < V::set(kSmallPrice));
        const V log_u = log_any(u);
        lower = below | small;
        target = select(lower, log_u, log_any(one - u)) + V::set(kLogSqrtTwoPi);
        low = select(below, V::set(0.0), critical);
        high = select(below, critical, select(small, V::set(kSmallVolatility), V::set(kInfinity)));
        const V guess = select(below, guess_below(max(y, V::set(kMinNormal)), log_u),
                               guess_above(u, y, mills_critical * V::set(kSqrtTwoOverPi)));
        const V middle = select(lower, half * (low + high), critical + one);
        s = select((low < guess) & (guess < high), guess, middle);
        running = s == s;
    }

    void step() {
        const V one = V::set(1.0), half = V::set(0.5);
        const V c = y / s, d1 = fma(half, s, -c), z2 = fma(half, s, c);
        const HighLow<V> m = mills_pair(min(abs(d1), V::set(1e15)), min(z2, V::set(1e15)));
        V ratio = select(lower, m.high - m.low, -(m.high + m.low));
        const Mask small = lower & (s < V::set(kSmallVolatility));
        if (to_bits(small & running) != 0) ratio = select(small, mills_difference(c, s), ratio);

        // The objective f, then its second and third derivatives over the first, r = 1/ratio.
        const V f = fma(V::set(-0.5) * d1, d1, log_any(abs(ratio))) - target;
        const V r = one / ratio;
        const V h = -d1 * z2 / s;
        const V slope = V::set(-3.0) * (c * c) / (s * s) - V::set(0.25);
        const V second = h - r;
        const V third = fma(h, h, slope) + r * fnma(V::set(3.0), h, V::set(2.0) * r);
        const V newton = -f * ratio;
        const V top = newton * fma(half * second, newton, one);
        const V move = top / fma(newton, fma(third * newton, V::set(1.0 / 6.0), second), one);

        const V over = select(lower, f, -f);
        high = select(running & (V::set(0.0) < over), s, high);
        low = select(running & (over < V::set(0.0)), s, low);
        const V next = s + move;
        const Mask inside = (low <= next) & (next <= high);
        const V middle = select(high <= V::set(kMaxDouble), half * (low + high), V::set(2.0) * s);
        const V accepted = select(inside, next, middle);
        const Mask done = (inside & (abs(move) <= V::set(1e-5) * s)) | (accepted == s);
        s = select(running, accepted, s);
        running = running & !done;
    }

    bool unfinished() const { return to_bits(running) != 0; }
};

/// The total volatility s for u in (0, 1) and y >= 0.
template <class V>
inline V implied_total_volatility(V u, V y) {
    ImpliedSearch<V> search(u, y);
    for (int i = 0; i < kMaxImpliedSteps && search.unfinished(); ++i) search.step();
    return search.s;
}

struct ImpliedVolatilityFormula {
    static constexpr int kInputs = 5;
    static constexpr int kOutputs = 1;

    template <class V>
    struct TimeValue {
        V forward_price, out_of_the_money, smaller;
    };

    /// The out-of-the-money option's undiscounted price, by parity where the input is in the money. Time
    /// value within the rounding of the price itself, four units, counts as none.
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
        const V y = select(good, log_moneyness(forward, strike), one);
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
