// Full revaluation of a book under scenarios, summed into one P&L vector.
//
// Scenarios are taken in blocks that stay in the first-level cache, trades run over each block in array
// order, and each scenario's sum is its own lane's: the bits do not depend on how a caller splits the
// scenarios.
#pragma once

#include "batch.h"
#include "black.h"
#include "european.h"

namespace {

constexpr int kScenarioBlock = 256;

/// One slice's scenarios, prepared: what costs a logarithm or a division is paid here, not per trade.
struct ScenarioBlock {
    double forward[kScenarioBlock];
    double log_forward_high[kScenarioBlock];
    double log_forward_low[kScenarioBlock];
    double discount[kScenarioBlock];  // NaN where the market is refused
    double multiplier[kScenarioBlock];
    double inverse_multiplier[kScenarioBlock];
};

inline std::int64_t first_bad_trade(const rg_scenario_trades& trades, std::int32_t slices) {
    for (std::int64_t i = 0; i < trades.count; ++i) {
        const bool good = (trades.side[i] == 1 || trades.side[i] == -1) && trades.strike[i] > 0 &&
                          finite(trades.strike[i]) && trades.volatility[i] >= 0 &&
                          finite(trades.volatility[i]) && trades.root_time[i] >= 0 &&
                          finite(trades.root_time[i]) && finite(trades.weight[i]) &&
                          finite(trades.base_value[i]) && trades.slice[i] >= 0 && trades.slice[i] < slices;
        if (!good) return i;
    }
    return -1;
}

/// Where a scenario's forward, discount factor and multiplier can be used.
template <class V>
inline typename V::Mask usable_market(V forward, V discount, V multiplier) {
    return (V::set(kMinNormal) <= forward) & (forward <= V::set(kMaxDouble)) & not_negative_finite(discount) &
           not_negative_finite(multiplier);
}

template <class V>
inline void prepare_block(const rg_scenario_market& market, std::int64_t row, int count,
                          ScenarioBlock& block) {
    const int padded = (count + V::kLanes - 1) / V::kLanes * V::kLanes;
    for (int i = 0; i < count; ++i) {
        block.forward[i] = market.forward[row + i];
        block.discount[i] = market.discount[row + i];
        block.multiplier[i] = market.volatility_multiplier[row + i];
    }
    for (int i = count; i < padded; ++i) block.forward[i] = block.discount[i] = block.multiplier[i] = 1.0;
    for (int i = 0; i < padded; i += V::kLanes) {
        const V forward = V::load(block.forward + i), discount = V::load(block.discount + i);
        const V multiplier = V::load(block.multiplier + i);
        const auto good = usable_market(forward, discount, multiplier);
        const HighLow<V> log = log_high_low(select(good, forward, V::set(1.0)));
        log.high.store(block.log_forward_high + i);
        log.low.store(block.log_forward_low + i);
        select(good, discount, canonical_nan<V>()).store(block.discount + i);
        inverse_volatility(multiplier).store(block.inverse_multiplier + i);
    }
}

/// What one trade brings to every scenario of a block.
template <class V>
struct PreparedTrade {
    V side, strike, log_high, log_low, s, inverse_s, weight, base;
};

template <class V>
inline PreparedTrade<V> prepare_trade(const rg_scenario_trades& trades, std::int64_t i) {
    const V strike = V::set(trades.strike[i]);
    const HighLow<V> log = log_high_low(max(strike, V::set(kMinNormal)));
    const V s = V::set(trades.volatility[i] * trades.root_time[i]);
    return {V::set(trades.side[i]),
            strike,
            log.high,
            log.low,
            s,
            inverse_volatility(s),
            V::set(trades.weight[i]),
            V::set(trades.base_value[i])};
}

template <class V>
inline void add_trade(const PreparedTrade<V>& trade, const ScenarioBlock& block, int count, double* pnl) {
    for (int i = 0; i < count; i += V::kLanes) {
        const V forward = V::load(block.forward + i);
        const V x = (V::load(block.log_forward_high + i) - trade.log_high) +
                    (V::load(block.log_forward_low + i) - trade.log_low);
        const V s = trade.s * V::load(block.multiplier + i);
        const V inverse_s = trade.inverse_s * V::load(block.inverse_multiplier + i);
        const auto t = black_terms(trade.side, forward, trade.strike, x, s, inverse_s);
        // The value is rounded before the base is taken off, not fused with it: a scenario that does not move
        // has the base's own bits, and its P&L is exactly zero.
        const V value = trade.weight * V::load(block.discount + i) * t.price;
        const V change = value - trade.base;
        (V::load(pnl + i) + change).store(pnl + i);
    }
}

/// Runs `prepare(row, count)` for each block of scenarios and slice, and `add(trade, count, sums)` for each
/// trade on it.
template <class Prepare, class Add>
inline void for_scenario_blocks(const rg_scenario_trades& trades, const rg_scenario_market& market,
                                double* pnl, Prepare prepare, Add add) {
    double sums[kScenarioBlock];
    for (std::int64_t start = 0; start < market.count; start += kScenarioBlock) {
        const std::int64_t left = market.count - start;
        const int count = left < kScenarioBlock ? static_cast<int>(left) : kScenarioBlock;
        for (int i = 0; i < kScenarioBlock; ++i) sums[i] = i < count ? pnl[start + i] : 0.0;
        std::int32_t slice = -1;
        for (std::int64_t i = 0; i < trades.count; ++i) {
            if (trades.weight[i] == 0) continue;
            if (trades.slice[i] != slice) {
                slice = trades.slice[i];
                prepare(slice * market.stride + start, count);
            }
            add(i, count, sums);
        }
        for (int i = 0; i < count; ++i) pnl[start + i] = sums[i] == sums[i] ? sums[i] : scalar_nan();
    }
}

template <class V>
inline void scenario_accumulate(const rg_scenario_trades& trades, const rg_scenario_market& market,
                                double* pnl) {
    ScenarioBlock block;
    for_scenario_blocks(
        trades, market, pnl,
        [&](std::int64_t row, int count) { prepare_block<V>(market, row, count, block); },
        [&](std::int64_t i, int count, double* sums) {
            add_trade(prepare_trade<V>(trades, i), block, count, sums);
        });
}

}  // namespace
