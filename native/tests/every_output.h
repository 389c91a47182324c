// Runs every kernel of one instruction set and keeps every output.
#pragma once

#include <cstdlib>

#include "inputs.h"

struct Outputs {
    std::vector<Column> columns;
    std::vector<std::vector<std::uint8_t>> statuses;
    std::vector<std::int64_t> refused;
};

/// Trades are the first inputs that pass for trades; the scenarios' market is taken from all inputs, sound or
/// not.
inline void add_scenario_pnls(const KernelTable& kernels, const Inputs& in, std::vector<Column>& out) {
    Inputs trades;
    Column root_time, weight, base;
    std::vector<std::int32_t> slice;
    for (std::size_t i = 0; i < in.side.size() && trades.side.size() < 24; ++i) {
        if (!(in.strike[i] > 0 && in.strike[i] < 1e308 && in.volatility[i] >= 0 && in.volatility[i] < 1e308))
            continue;
        add(trades, i % 2 ? 1 : -1, {1, in.strike[i], 1, in.volatility[i], 0, 0, 1, 0});
        root_time.push_back(0.1 * static_cast<double>(i % 9));
        weight.push_back(static_cast<double>(i % 5) - 2.0);
        base.push_back(static_cast<double>(i % 3));
        slice.push_back(static_cast<std::int32_t>(i % 2));
    }
    const std::int64_t count = in.count() / 2;
    const rg_scenario_trades t{
        trades.count(),   trades.side.data(), trades.strike.data(), trades.volatility.data(),
        root_time.data(), weight.data(),      base.data(),          slice.data()};
    const rg_scenario_market m{2, count, count, in.spot.data(), in.discount.data(), in.volatility.data()};
    if (kernels.first_bad_trade(t, 2) >= 0) std::abort();
    for (const auto accumulate : {kernels.scenario_accumulate, kernels.scenario_accumulate_float})
        accumulate(t, m, out.emplace_back(static_cast<std::size_t>(count), 0.0).data());
}

inline Outputs every_output(const KernelTable& kernels, const Inputs& in) {
    const std::int64_t n = in.count();
    const std::size_t size = in.side.size();
    Outputs out;
    const auto column = [&] { return out.columns.emplace_back(size, 0.5).data(); };
    const auto status = [&] { return out.statuses.emplace_back(size, std::uint8_t{99}).data(); };
    const auto greeks = [&] {
        rg_greeks g{};
        for (double** p : {&g.price, &g.delta, &g.gamma, &g.vega, &g.theta, &g.rho, &g.vanna, &g.volga})
            *p = column();
        return g;
    };
    const rg_spot_batch spot{n,
                             in.side.data(),
                             in.spot.data(),
                             in.strike.data(),
                             in.time.data(),
                             in.volatility.data(),
                             in.rate.data(),
                             in.yield.data()};
    const rg_forward_batch forward{n,
                                   in.side.data(),
                                   in.spot.data(),
                                   in.strike.data(),
                                   in.time.data(),
                                   in.volatility.data(),
                                   in.discount.data()};
    out.refused.push_back(kernels.black_scholes_price(spot, column(), status()));
    out.refused.push_back(kernels.black_scholes_greeks(spot, greeks(), status()));
    out.refused.push_back(kernels.black76_price(forward, column(), status()));
    out.refused.push_back(kernels.black76_greeks(forward, greeks(), status()));
    out.refused.push_back(kernels.black76_implied_volatility(forward, in.price.data(), column(), status()));
    out.refused.push_back(kernels.bachelier_price(forward, column(), status()));
    out.refused.push_back(kernels.bachelier_greeks(forward, greeks(), status()));
    out.refused.push_back(kernels.bachelier_implied_volatility(forward, in.price.data(), column(), status()));
    // Volatilities of the forward's size, forwards of any sign.
    Column shifted(in.spot), normal(in.volatility);
    for (std::size_t i = 0; i < size; ++i) {
        shifted[i] -= 0.9 * in.strike[i];
        normal[i] *= in.spot[i];
    }
    rg_forward_batch moved = forward;
    moved.forward = shifted.data();
    moved.volatility = normal.data();
    out.refused.push_back(kernels.bachelier_price(moved, column(), status()));
    out.refused.push_back(kernels.bachelier_greeks(moved, greeks(), status()));
    const double* const prices = out.columns[out.columns.size() - 8].data();
    out.refused.push_back(kernels.bachelier_implied_volatility(moved, prices, column(), status()));
    for (const Column* x : {&in.spot, &in.rate, &in.volatility, &in.price}) {
        kernels.exp(x->data(), column(), n);
        kernels.log(x->data(), column(), n);
        kernels.normal_pdf(x->data(), column(), n);
        kernels.normal_cdf(x->data(), column(), n);
        kernels.inverse_normal_cdf(x->data(), column(), n);
        kernels.pow(x->data(), in.yield.data(), column(), n);
    }
    // Ranges of paths that begin and end anywhere, on both sides of the block number's low half.
    for (std::int64_t first :
         {std::int64_t{0}, std::int64_t{13}, (std::int64_t{1} << 33) - 70, INT64_MAX / 2}) {
        const auto seed = static_cast<std::uint64_t>(first) * 0x9E3779B97F4A7C15ULL + size;
        kernels.uniforms(seed, ~seed, first, column(), n);
        kernels.normals(seed, ~seed, first, column(), n);
    }
    const double* const normals = out.columns.back().data();
    kernels.correlate(3, n / 3, in.rate.data(), normals, column());
    add_scenario_pnls(kernels, in, out.columns);
    return out;
}
