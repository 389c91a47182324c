// Inputs for the native tests: random ones over and far beyond the market's ranges, and products of edge
// values.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "dispatch.h"

using Column = std::vector<double>;

/// One array per field; what a kernel does not read it is not given.
struct Inputs {
    std::vector<std::int8_t> side;
    Column spot, strike, time, volatility, rate, yield, discount, price;
    std::int64_t count() const { return static_cast<std::int64_t>(side.size()); }
};

inline void add(Inputs& in, int side, const double (&row)[8]) {
    in.side.push_back(static_cast<std::int8_t>(side));
    Column* const columns[] = {&in.spot, &in.strike, &in.time,     &in.volatility,
                               &in.rate, &in.yield,  &in.discount, &in.price};
    for (int i = 0; i < 8; ++i) columns[i]->push_back(row[i]);
}

/// The same inputs under every C library: the exponential is the kernels' own.
inline double exponential(double x) {
    double y = 0;
    scalar_kernels().exp(&x, &y, 1);
    return y;
}

/// Three quarters as a market has them, a quarter over hundreds of orders of magnitude.
inline Inputs random_inputs(std::int64_t count, std::uint64_t seed) {
    std::mt19937_64 generator(seed);
    const auto uniform = [&](double low, double high) {
        return low + (high - low) * std::ldexp(static_cast<double>(generator() >> 11), -53);
    };
    Inputs in;
    for (std::int64_t i = 0; i < count; ++i) {
        const bool wild = i % 4 == 0;
        const double spot = exponential(uniform(wild ? -200 : -4, wild ? 200 : 9));
        const double strike = spot * exponential(uniform(wild ? -40 : -0.7, wild ? 40 : 0.7));
        const double time = exponential(uniform(wild ? -30 : -5.9, wild ? 5 : 1.6));
        const double volatility = exponential(uniform(wild ? -20 : -3, wild ? 3 : 0.4));
        const double rate = uniform(-0.05, 0.15), yield = uniform(-0.05, 0.1);
        const double limit = spot < strike ? spot : strike;
        add(in, i % 2 ? 1 : -1,
            {spot, strike, time, volatility, rate, yield, exponential(-rate * time),
             limit * exponential(-uniform(1e-9, wild ? 300 : 12))});
    }
    return in;
}

/// Every pair of fields at every pair of edge values, on two sound rows, and every side.
inline Inputs edge_inputs() {
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
                        add(in, i % 2 ? 1 : -1, row);
                    }
    for (int side = -128; side < 128; ++side) add(in, side, {100, 100, 1, 0.2, 0, 0, 1, 8});
    return in;
}
