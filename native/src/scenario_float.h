// The scenario kernel in single precision: twice the lanes, for the time value alone.
//
// An option is worth its intrinsic value, max(theta (F - K), 0), plus its time value, which is that of the
// option out of the money at the same strike. With a = min(F, K), h = |log(F/K)| / s and t = s/2 it is
//
//   a (Phi(t - h) - exp(|log(F/K)|) Phi(-t - h)) = a phi(t - h) (M(h - t) - M(h + t))      for t <= h
//                                                = a (1 - phi(t - h) (M(t - h) + M(t + h)))  beyond,
//
// the price of Fischer Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976),
// p. 177, with the Mills ratio M. What multiplies a is computed in single precision, from a logarithm taken
// in double; intrinsic value, discounting and each scenario's sum are in double. So the error is a part of
// the time value's, and an option far in the money has none.
#pragma once

#include "scenario.h"

namespace {

// Beyond this many deviations phi is below the normal floats, and the time value is below 1e-38 of a. As
// (h + t)^2 = (h - t)^2 + 2 |log(F/K)|, the other argument is then within kFloatFarthestSum.
constexpr float kFloatFarthest = 13.0F;
constexpr float kFloatFarthestSum = 64.0F;
// Volatilities and multipliers in the range of the floats, and so that no product leaves it.
constexpr double kSmallestFactor = 1e-15;
constexpr double kLargestFactor = 1e15;
constexpr float kFloatRoundingShift = 0x1.8p23F;
constexpr float kMinusHalfLog2OfE = -0x1.715476p-1F;

struct FloatBlock {
    float log_forward_high[kScenarioBlock];
    float log_forward_low[kScenarioBlock];
    float multiplier[kScenarioBlock];
    float inverse_multiplier[kScenarioBlock];
    double forward[kScenarioBlock];
    double discount[kScenarioBlock];  // NaN where the market is refused
};

template <class V>
inline void store_as_two_floats(HighLow<V> x, float* high, float* low) {
    x.high.store_floats(high);
    ((x.high - V::load_floats(high)) + x.low).store_floats(low);
}

template <class V, class F>
inline void prepare_float_block(const rg_scenario_market& market, std::int64_t row, int count,
                                FloatBlock& block) {
    double multipliers[kScenarioBlock];
    const int padded = (count + F::kLanes - 1) / F::kLanes * F::kLanes;
    for (int i = 0; i < padded; ++i) {
        block.forward[i] = i < count ? market.forward[row + i] : 1.0;
        block.discount[i] = i < count ? market.discount[row + i] : 1.0;
        multipliers[i] = i < count ? market.volatility_multiplier[row + i] : 1.0;
    }
    for (int i = 0; i < padded; i += V::kLanes) {
        const V forward = V::load(block.forward + i), discount = V::load(block.discount + i);
        const V given = V::load(multipliers + i), one = V::set(1.0);
        const auto good = usable_market(forward, discount, given);
        const V multiplier = select(good, given, one);
        store_as_two_floats(log_high_low(select(good, forward, one)), block.log_forward_high + i,
                            block.log_forward_low + i);
        select(good, discount, canonical_nan<V>()).store(block.discount + i);
        min(multiplier, V::set(kLargestFactor)).store_floats(block.multiplier + i);
        (one / clamp(multiplier, kSmallestFactor, kLargestFactor)).store_floats(block.inverse_multiplier + i);
    }
}

/// exp(-z^2 / 2) for z in [0, kFloatFarthest].
template <class F>
inline F exp_minus_half_square(F z) {
    const F square = z * z, rate = F::set(kMinusHalfLog2OfE);
    const F shifted = fma(square, rate, F::set(kFloatRoundingShift));
    const F n = shifted - F::set(kFloatRoundingShift);
    return as_float(as_bits(horner(kExp2Single, fma(square, rate, -n))) + shift_left<23>(as_bits(shifted)));
}

/// The time value over a. `half` is half the total volatility, `inverse` its double's reciprocal.
template <class F>
inline F time_value(F distance, F half, F inverse) {
    const F h = distance * inverse;
    const F minus_d1 = h - half;
    const F z1 = min(abs(minus_d1), F::set(kFloatFarthest)), z2 = min(h + half, F::set(kFloatFarthestSum));
    const F denominator1 = horner(kScaledTailDenominator, z1),
            denominator2 = horner(kScaledTailDenominator, z2);
    // Not fused: without volatility the two are the same, and their difference is exactly zero.
    const F first = horner(kScaledTailNumerator, z1) * denominator2,
            second = horner(kScaledTailNumerator, z2) * denominator1;
    const auto beyond = is_negative(minus_d1);
    const F tails =
        (first + select(beyond, second, -second)) / (denominator1 * denominator2) * exp_minus_half_square(z1);
    return select(beyond, F::set(1.0F) - tails, tails);
}

/// What one trade brings to every scenario of a block.
struct FloatTrade {
    float log_strike_high, log_strike_low, half, inverse;
    double strike, weight, base;
};

template <class V>
inline FloatTrade prepare_float_trade(const rg_scenario_trades& trades, std::int64_t i) {
    FloatTrade trade{};
    float lanes[3][V::kLanes];
    const V strike = V::set(trades.strike[i]);
    store_as_two_floats(log_high_low(max(strike, V::set(kMinNormal))), lanes[0], lanes[1]);
    trade.log_strike_high = lanes[0][0];
    trade.log_strike_low = lanes[1][0];
    const V s = min(V::set(trades.volatility[i] * trades.root_time[i]), V::set(kLargestFactor));
    (V::set(0.5) * s).store_floats(lanes[2]);
    trade.half = lanes[2][0];
    (V::set(1.0) / max(s, V::set(kSmallestFactor))).store_floats(lanes[2]);
    trade.inverse = lanes[2][0];
    trade.strike = trades.strike[i];
    trade.weight = trades.weight[i];
    trade.base = trades.base_value[i];
    return trade;
}

template <class F>
inline void time_values(const FloatTrade& trade, const FloatBlock& block, int count, float* values) {
    const F high = F::set(trade.log_strike_high), low = F::set(trade.log_strike_low);
    const F half = F::set(trade.half), inverse = F::set(trade.inverse);
    for (int i = 0; i < count; i += F::kLanes) {
        const F x = (F::load(block.log_forward_high + i) - high) + (F::load(block.log_forward_low + i) - low);
        time_value(abs(x), half * F::load(block.multiplier + i),
                   inverse * F::load(block.inverse_multiplier + i))
            .store(values + i);
    }
}

template <class V, bool kCall>
inline void add_values(const FloatTrade& trade, const FloatBlock& block, int count, const float* values,
                       double* pnl) {
    const V strike = V::set(trade.strike), weight = V::set(trade.weight), base = V::set(trade.base);
    for (int i = 0; i < count; i += V::kLanes) {
        const V forward = V::load(block.forward + i);
        const V a = min(forward, strike);
        const V intrinsic = (kCall ? forward : strike) - a;
        const V price = fma(a, V::load_floats(values + i), intrinsic);
        const V change = fma(weight * V::load(block.discount + i), price, -base);
        (V::load(pnl + i) + change).store(pnl + i);
    }
}

template <class V, class F>
inline void scenario_accumulate_float(const rg_scenario_trades& trades, const rg_scenario_market& market,
                                      double* pnl) {
    FloatBlock block;
    float values[kScenarioBlock];
    for_scenario_blocks(
        trades, market, pnl,
        [&](std::int64_t row, int count) { prepare_float_block<V, F>(market, row, count, block); },
        [&](std::int64_t i, int count, double* sums) {
            const FloatTrade trade = prepare_float_trade<V>(trades, i);
            time_values<F>(trade, block, count, values);
            if (trades.side[i] > 0)
                add_values<V, true>(trade, block, count, values, sums);
            else
                add_values<V, false>(trade, block, count, values, sums);
        });
}

}  // namespace
