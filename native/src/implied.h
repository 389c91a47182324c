// Implied Black volatility.
//
// The out-of-the-money price over the smaller of forward and strike is u(s) = Phi(d1) - e^y Phi(d2) in (0,
// 1), with y = |log(F/K)|, c = y/s, d1 = s/2 - c, d2 = d1 - s. u is convex below s_c = sqrt(2 y), where d1 =
// 0, and concave above. Below, log u(s) = log u is solved, above log(1 - u(s)) = log(1 - u), as Peter Jaeckel
// proposes in "Let's Be Rational" (Wilmott, 2015) for the wings. Both objectives are log|R| - d1^2/2 - log
// sqrt(2 pi) with
//
//   R = u/u' = M(-d1) - M(-d2)  below,     R = -(1-u)/u' = -(M(d1) + M(-d2))  above,
//
// so a step needs no exponential, and 1/R is the objective's derivative on both sides. Where s is small the
// difference is taken from its Taylor series, and the lower objective serves both sides. The first guess is
// within 30 % on the market's side of the world; Householder's third-order step (error of fourth order) runs
// within a bracket, twice from such a guess; each lane stops by its own test, so lanes do not see each other.
#pragma once

#include "batch.h"
#include "european.h"

namespace {

constexpr int kMaxImpliedSteps = 80;

// The first guess, as native/derive/implied_guess.py fits it. With z = s_c: u(s_c) = z top(z) / (1 + z
// bottom(z)) within 0.2 %; the rest as the constructor below uses it.
constexpr double kCriticalTop[2] = {kInverseSqrtTwoPi, 0.18145};
constexpr double kCriticalBottom[2] = {1.07267, 0.36290};
constexpr double kFarShift = 1.5;
constexpr double kLowerGuess[3] = {-0.73830, 0.83621, 0.08924};
constexpr double kUpperShift[3] = {3.22250, -0.83220, 0.17099};
constexpr double kUpperGuess[3] = {-1.65648, 1.50929, -0.06239};

/// log of a positive number; what is not normal is rare, and corrected by itself.
template <class V>
inline V log_positive(V x) {
    const V y = log_normal(x);
    const auto normal = (V::set(kMinNormal) <= x) & (x <= V::set(kMaxDouble));
    if (__builtin_expect(to_bits(!normal) == 0, 1)) return y;
    return select(normal, y, log_any(x));
}

/// |log(F/K)|; near the money from the difference, which is exact where the quotient is not.
template <class V>
inline V log_moneyness(V forward, V strike) {
    const V difference = forward - strike, sum = forward + strike;
    V x = log_positive(forward / strike);
    const auto near = abs(difference) <= V::set(0x1p-7) * sum;
    if (to_bits(near) != 0) {
        const V z = difference / sum;
        const V w = z * z;
        x = select(near, fma(z * w, horner(kLog, w), V::set(2.0) * z), x);
    }
    return abs(x);
}

/// Below this total volatility the Mills ratios' difference is taken from its Taylor series.
constexpr double kSmallVolatility = 0.004;
/// A price below this on the upper side has s < 0.0035: u >= s phi(0) - y/2 and y <= s^2/2.
constexpr double kSmallPrice = 0.00139;

/// (M(c - s/2) - M(c + s/2)) / s = -(M_1 + s^2/24 M_3 + s^4/1920 M_5) with M_n the n-th derivative at c: M_1
/// = c M - 1 and M_(n+1) = c M_n + n M_(n-1).
template <class V>
inline V mills_slope(V c, V s) {
    const V m0 = mills(c);
    const V m1 = fma(c, m0, V::set(-1.0));
    const V m2 = fma(c, m1, m0);
    const V m3 = fma(c, m2, V::set(2.0) * m1);
    const V m4 = fma(c, m3, V::set(3.0) * m2);
    const V m5 = fma(c, m4, V::set(4.0) * m3);
    const V w = s * s;
    return -fma(w, fma(w * V::set(1.0 / 1920.0), m5, V::set(1.0 / 24.0) * m3), m1);
}

/// The search for the s of one u; every lane is a search of its own. Derivatives are taken in log s.
template <class V>
struct ImpliedSearch {
    using Mask = typename V::Mask;

    V target;           // the objective's value at the solution, log sqrt(2 pi) included
    V y, s, low, high;  // low <= solution <= high
    Mask lower;         // solves for log u, else for log(1 - u)
    Mask scaled;        // u is measured in units of y
    Mask running;

    /// u in (0, 1), y >= 0.
    ImpliedSearch(V u, V log_moneyness) : y(log_moneyness) {
        const V one = V::set(1.0), half = V::set(0.5);
        const V square = V::set(2.0) * y;
        const V critical = sqrt(square);
        // u(s_c) within 0.2 %, which is less than the brackets' slack in s; the Mills ratio holds its
        // precision down to -0.005.
        const V bottom =
            fma(fma(V::set(kCriticalBottom[1]), critical, V::set(kCriticalBottom[0])), critical, one);
        const V top = fma(V::set(kCriticalTop[1]), critical, V::set(kCriticalTop[0])) * critical;
        const Mask below = u * bottom < top;
        const Mask small = (!below) & (u < V::set(kSmallPrice));
        lower = below | small;
        scaled = lower & (V::set(1e-290) <= y);
        const V price = V::set(kSqrtTwoPi) * u;
        target = log_positive(select(lower, price, V::set(kSqrtTwoPi) * (one - u)) / select(scaled, y, one));
        const V slack = V::set(0.005) * min(critical, one);
        low = select(below, V::set(0.0), critical - slack);
        high = select(below, critical + slack, select(small, V::set(kSmallVolatility), V::set(kInfinity)));

        // Near the money: u = s / sqrt(2 pi) - y/2 + ..., carried e^(y/2) further.
        const V shrink = max(fma(y, fma(y, V::set(0.125), -half), one), V::set(0.1));
        const V straddle = price * shrink;
        const Mask near = (below & (V::set(0.45) * y < straddle)) | ((!below) & (u < V::set(0.2)));
        const V near_guess = fma(V::set(0.5 * kSqrtTwoPi), y, straddle);
        // Far below: log(u/y) - y/2 as a function of c alone (the Bachelier limit). Far above: 1 - u = p(s_c)
        // Phi(-d1).
        const V level = select(below, fma(half, y, V::set(kFarShift) - target),
                               fma(V::set(-2.0), target, horner(kUpperShift, min(critical, V::set(2.0)))));
        const V w = sqrt(max(level, V::set(0.25)));
        const V d1 = horner(kUpperGuess, w);
        const V far_guess = select(below, y / horner(kLowerGuess, w), d1 + sqrt(fma(d1, d1, square)));
        const V guess = select(near, near_guess, far_guess);
        const V middle = select(lower, half * (low + high), critical + one);
        const V inside = min(max(guess, low), high);
        s = select((V::set(0.0) < inside) & (inside <= V::set(kMaxDouble)), inside, middle);
        running = s == s;
    }

    void step() {
        const V one = V::set(1.0), half = V::set(0.5);
        const V inverse = min(one / s, V::set(1e300));
        const V c = y * inverse, d1 = fma(half, s, -c), z2 = fma(half, s, c);
        const V z1 = min(select(lower, -d1, d1), V::set(1e6)), far = min(z2, V::set(1e6));
        const V q1 = horner(kMillsDenominator, z1), q2 = horner(kMillsDenominator, far);
        const V m1 = horner(kMillsNumerator, z1) * q2, m2 = horner(kMillsNumerator, far) * q1;
        // slope = |df / dlog s| = s / |R|.
        V slope = s * (q1 * q2) / (m1 + select(lower, -m2, m2));
        const Mask small = lower & (s < V::set(kSmallVolatility));
        if (to_bits(small & running) != 0) slope = select(small, one / mills_slope(c, s), slope);

        const V r = select(lower, slope, -slope);
        const V value =
            fma(V::set(-0.5) * d1, d1, -log_positive(abs(slope) * select(scaled, c, inverse))) - target;
        const V h = -d1 * z2;
        const V bend = fma(V::set(-3.0) * c, c, V::set(-0.25) * (s * s));
        const V second = h - r;
        const V third = fma(h, h, bend) + r * fnma(V::set(3.0), h, V::set(2.0) * r);
        const V top = -value * fnma(half * value, second, r);
        const V move = top / fma(r, r, -value * fnma(third * value, V::set(1.0 / 6.0), second * r));

        const V over = select(lower, value, -value);
        high = select(running & (V::set(0.0) < over), s, high);
        low = select(running & (over < V::set(0.0)), s, low);
        const V next = fma(s, move, s);
        const Mask inside = (low <= next) & (next <= high);
        const V middle = select(high <= V::set(kMaxDouble), half * (low + high), V::set(2.0) * s);
        const V accepted = select(inside, next, middle);
        const Mask done = (inside & (abs(move) <= V::set(5e-4))) | (accepted == s);
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
        const auto nothing = (zero < intrinsic) & (abs(rest) <= V::set(0x1p-50) * undiscounted) &
                             (undiscounted <= V::set(kMaxDouble));
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
