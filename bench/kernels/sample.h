// The options that are priced: spot or forward near 100, moneyness 0.5 to 2, 1 day to 5 years, volatility 5
// to 150 %.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "riskgrid/kernels.h"

struct Sample {
    std::vector<std::int8_t> side;
    std::vector<int> days;
    std::vector<double> spot, strike, time, volatility, rate, yield, forward, discount, price;
    std::vector<double> out[6], peer[6];
    std::vector<std::uint8_t> status;

    Sample(int count, std::uint64_t seed) : status(static_cast<std::size_t>(count)) {
        std::mt19937_64 generator(seed);
        std::uniform_real_distribution<double> uniform(0, 1);
        const auto within = [&](double low, double high) {
            return low * std::pow(high / low, uniform(generator));
        };
        for (int i = 0; i < count; ++i) {
            side.push_back(i % 2 ? 1 : -1);
            days.push_back(static_cast<int>(within(1, 5 * 365)));
            spot.push_back(within(90, 110));
            strike.push_back(spot.back() / within(0.5, 2));
            time.push_back(days.back() / 365.0);
            volatility.push_back(within(0.05, 1.5));
            rate.push_back(0.01 + 0.04 * uniform(generator));
            yield.push_back(0.03 * uniform(generator));
            forward.push_back(spot.back() * std::exp((rate.back() - yield.back()) * time.back()));
            discount.push_back(std::exp(-rate.back() * time.back()));
        }
        price.resize(side.size());
        for (int i = 0; i < 6; ++i) {
            out[i].resize(side.size());
            peer[i].resize(side.size());
        }
    }

    std::int64_t count() const { return static_cast<std::int64_t>(side.size()); }
    rg_spot_batch on_spot() const {
        return {count(),     side.data(),       spot.data(), strike.data(),
                time.data(), volatility.data(), rate.data(), yield.data()};
    }
    rg_forward_batch on_forward() const {
        return {count(),     side.data(),       forward.data(), strike.data(),
                time.data(), volatility.data(), discount.data()};
    }
    /// Price, delta, gamma, vega, theta and rho.
    rg_greeks five_greeks() {
        return {out[0].data(), out[1].data(), out[2].data(), out[3].data(),
                out[4].data(), out[5].data(), nullptr,       nullptr};
    }
};
