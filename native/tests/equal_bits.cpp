// Every instruction set of this processor gives the bits of the scalar path, for every kernel, on random
// inputs and on the product of edge values; a batch's remainder, padding and offset do not matter. Usage:
// equal_bits [random inputs, 200000]
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "dispatch.h"

namespace {

using Column = std::vector<double>;

struct Inputs {
    std::vector<std::int8_t> side;
    Column spot, strike, time, volatility, rate, yield, discount, price;
    std::int64_t count() const { return static_cast<std::int64_t>(side.size()); }
};

struct Outputs {
    std::vector<Column> columns;
    std::vector<std::vector<std::uint8_t>> statuses;
    std::vector<std::int64_t> refused;
};

void add(Inputs& in, int side, double spot, double strike, double time, double volatility, double rate,
         double yield, double discount, double price) {
    in.side.push_back(static_cast<std::int8_t>(side));
    in.spot.push_back(spot);
    in.strike.push_back(strike);
    in.time.push_back(time);
    in.volatility.push_back(volatility);
    in.rate.push_back(rate);
    in.yield.push_back(yield);
    in.discount.push_back(discount);
    in.price.push_back(price);
}

Inputs random_inputs(std::int64_t count, std::uint64_t seed) {
    std::mt19937_64 generator(seed);
    const auto uniform = [&](double low, double high) {
        return low + (high - low) * std::ldexp(static_cast<double>(generator() >> 11), -53);
    };
    Inputs in;
    for (std::int64_t i = 0; i < count; ++i) {
        const bool wild = i % 4 == 0;
        const double spot = std::exp(uniform(wild ? -200 : -4, wild ? 200 : 9));
        const double strike = spot * std::exp(uniform(wild ? -40 : -0.7, wild ? 40 : 0.7));
        const double time = std::exp(uniform(wild ? -30 : -5.9, wild ? 5 : 1.6));
        const double volatility = std::exp(uniform(wild ? -20 : -3, wild ? 3 : 0.4));
        const double rate = uniform(-0.05, 0.15), yield = uniform(-0.05, 0.1);
        const double limit = spot < strike ? spot : strike;
        add(in, i % 2 ? 1 : -1, spot, strike, time, volatility, rate, yield, std::exp(-rate * time),
            limit * std::exp(-uniform(1e-9, wild ? 300 : 12)));
    }
    return in;
}

Inputs edge_inputs() {
    const double infinity = std::numeric_limits<double>::infinity();
    const double values[] = {0.0,          -0.0,  1.0,  -1.0, 1e-320, 1e-300, 1e300, infinity, -infinity,
                             std::nan(""), 100.0, 1e-9, 37.5, 0.25,   1e-160, 1e17,  -0.03};
    Inputs in;
    const Inputs base = random_inputs(2, 7);
    for (std::size_t i = 0; i < base.side.size(); ++i)
        for (int field = 0; field < 8; ++field)
            for (double a : values)
                for (int other = field; other < 8; ++other)
                    for (double b : values) {
                        double row[8] = {base.spot[i], base.strike[i], base.time[i],     base.volatility[i],
                                         base.rate[i], base.yield[i],  base.discount[i], base.price[i]};
                        row[field] = a;
                        row[other] = b;
                        add(in, i % 2 ? 1 : -1, row[0], row[1], row[2], row[3], row[4], row[5], row[6],
                            row[7]);
                    }
    for (int side = -128; side < 128; ++side) add(in, side, 100, 100, 1, 0.2, 0, 0, 1, 8);
    return in;
}

Outputs run(const KernelTable& kernels, const Inputs& in) {
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
    out.columns.reserve(64);
    out.statuses.reserve(16);
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
    for (const Column* x : {&in.spot, &in.rate, &in.volatility, &in.price}) {
        kernels.exp(x->data(), column(), n);
        kernels.log(x->data(), column(), n);
        kernels.normal_pdf(x->data(), column(), n);
        kernels.normal_cdf(x->data(), column(), n);
        kernels.inverse_normal_cdf(x->data(), column(), n);
        kernels.pow(x->data(), in.yield.data(), column(), n);
    }
    return out;
}

/// Trades are the first inputs that pass for trades; the scenarios' market is taken from all inputs, sound or
/// not.
Column run_scenarios(const KernelTable& kernels, const Inputs& in) {
    Inputs trades;
    Column root_time, weight, base;
    std::vector<std::int32_t> slice;
    for (std::size_t i = 0; i < in.side.size() && trades.side.size() < 24; ++i) {
        if (!(in.strike[i] > 0 && in.strike[i] < 1e308 && in.volatility[i] >= 0 && in.volatility[i] < 1e308))
            continue;
        add(trades, i % 2 ? 1 : -1, 1, in.strike[i], 1, in.volatility[i], 0, 0, 1, 0);
        root_time.push_back(0.1 * static_cast<double>(i % 9));
        weight.push_back(static_cast<double>(i % 5) - 2.0);
        base.push_back(static_cast<double>(i % 3));
        slice.push_back(static_cast<std::int32_t>(i % 2));
    }
    const std::int64_t count = in.count() / 2;
    Column multiplier(in.volatility);
    const rg_scenario_trades t{
        trades.count(),   trades.side.data(), trades.strike.data(), trades.volatility.data(),
        root_time.data(), weight.data(),      base.data(),          slice.data()};
    const rg_scenario_market m{2, count, in.spot.data(), in.discount.data(), multiplier.data()};
    Column pnl(static_cast<std::size_t>(count), 0.0);
    if (kernels.first_bad_trade(t, 2) >= 0) std::abort();
    kernels.scenario_accumulate(t, m, pnl.data());
    return pnl;
}

bool same(const Column& a, const Column& b, const char* what, std::size_t which) {
    for (std::size_t i = 0; i < a.size(); ++i)
        if (std::memcmp(&a[i], &b[i], sizeof(double)) != 0) {
            std::printf("%s, output %zu, element %zu: %a against %a in scalar\n", what, which, i, a[i], b[i]);
            return false;
        }
    return true;
}

bool same(const Outputs& a, const Outputs& b, const char* what) {
    bool equal = a.refused == b.refused && a.statuses == b.statuses;
    if (!equal) std::printf("%s: statuses differ from scalar\n", what);
    for (std::size_t i = 0; i < a.columns.size(); ++i)
        equal = same(a.columns[i], b.columns[i], what, i) && equal;
    return equal;
}

/// NaN has one set of bits, wherever it comes out.
bool canonical(const Outputs& out, const char* what) {
    const std::uint64_t expected = 0xFFF8000000000000ULL;
    for (std::size_t i = 0; i < out.columns.size(); ++i)
        for (double v : out.columns[i])
            if (std::isnan(v) && std::memcmp(&v, &expected, sizeof v) != 0) {
                std::printf("%s: output %zu holds a NaN that is not the canonical one\n", what, i);
                return false;
            }
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    const std::int64_t count = argc > 1 ? std::atoll(argv[1]) : 200000;
    bool good = true;
    int compared = 0;
    for (int set = 0; set < 2; ++set) {
        const Inputs in = set == 0 ? random_inputs(count, 20260130) : edge_inputs();
        const char* kind = set == 0 ? "random" : "edges";
        const Outputs expected = run(scalar_kernels(), in);
        const Column expected_pnl = run_scenarios(scalar_kernels(), in);
        good = canonical(expected, kind) && good;
        for (const char* name : {"avx2", "avx512"}) {
            const KernelTable* kernels = kernels_named(name);
            if (!kernels) {
                std::printf("%s: not on this processor\n", name);
                continue;
            }
            good = same(run(*kernels, in), expected, name) && good;
            good = same(run_scenarios(*kernels, in), expected_pnl, "scenarios", 0) && good;
            ++compared;
            std::printf("%s: %s inputs, %lld elements: %s\n", name, kind, static_cast<long long>(in.count()),
                        good ? "equal bits" : "DIFFERENT");
        }
    }
    if (compared == 0) std::printf("only the scalar path runs here\n");
    return good ? 0 : 1;
}
