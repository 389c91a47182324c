// Fills a KernelTable for one register type and its like of single precision. Included once per instruction
// set, and everything it draws in has internal linkage: as shared inline functions the sets' copies would
// merge, and wide code would leak into the baseline.
#pragma once

#include "bachelier.h"
#include "batch.h"
#include "european.h"
#include "implied.h"
#include "kernel_table.h"
#include "philox.h"
#include "scenario.h"
#include "scenario_float.h"

namespace {

template <class V, class F>
struct Kernels {
    static std::int64_t black_scholes_price(const rg_spot_batch& b, double* price, std::uint8_t* status) {
        return run_batch<V, BlackScholesFormula<false>>(
            b.count, b.side, {b.spot, b.strike, b.time, b.volatility, b.rate, b.dividend_yield}, {price},
            status);
    }

    static std::int64_t black_scholes_greeks(const rg_spot_batch& b, const rg_greeks& g,
                                             std::uint8_t* status) {
        return run_batch<V, BlackScholesFormula<true>>(
            b.count, b.side, {b.spot, b.strike, b.time, b.volatility, b.rate, b.dividend_yield},
            {g.price, g.delta, g.gamma, g.vega, g.theta, g.rho, g.vanna, g.volga}, status);
    }

    static std::int64_t black76_price(const rg_forward_batch& b, double* price, std::uint8_t* status) {
        return run_batch<V, Black76Formula<false>>(
            b.count, b.side, {b.forward, b.strike, b.time, b.volatility, b.discount}, {price}, status);
    }

    static std::int64_t black76_greeks(const rg_forward_batch& b, const rg_greeks& g, std::uint8_t* status) {
        return run_batch<V, Black76Formula<true>>(
            b.count, b.side, {b.forward, b.strike, b.time, b.volatility, b.discount},
            {g.price, g.delta, g.gamma, g.vega, g.theta, g.rho, g.vanna, g.volga}, status);
    }

    static std::int64_t implied_volatility(const rg_forward_batch& b, const double* price, double* volatility,
                                           std::uint8_t* status) {
        return run_batch<V, ImpliedVolatilityFormula>(
            b.count, b.side, {b.forward, b.strike, b.time, b.discount, price}, {volatility}, status);
    }

    static std::int64_t bachelier_price(const rg_forward_batch& b, double* price, std::uint8_t* status) {
        return run_batch<V, BachelierFormula<false>>(
            b.count, b.side, {b.forward, b.strike, b.time, b.volatility, b.discount}, {price}, status);
    }

    static std::int64_t bachelier_greeks(const rg_forward_batch& b, const rg_greeks& g,
                                         std::uint8_t* status) {
        return run_batch<V, BachelierFormula<true>>(
            b.count, b.side, {b.forward, b.strike, b.time, b.volatility, b.discount},
            {g.price, g.delta, g.gamma, g.vega, g.theta, g.rho, g.vanna, g.volga}, status);
    }

    static std::int64_t bachelier_implied(const rg_forward_batch& b, const double* price, double* volatility,
                                          std::uint8_t* status) {
        return run_batch<V, BachelierImpliedFormula>(
            b.count, b.side, {b.forward, b.strike, b.time, b.discount, price}, {volatility}, status);
    }

    static void accumulate(const rg_scenario_trades& trades, const rg_scenario_market& market, double* pnl) {
        scenario_accumulate<V>(trades, market, pnl);
    }

    static void accumulate_float(const rg_scenario_trades& trades, const rg_scenario_market& market,
                                 double* pnl) {
        scenario_accumulate_float<V, F>(trades, market, pnl);
    }

    static V passing_nan(V x, V y) { return select(x == x, y, canonical_nan<V>()); }

    static void exp_of(const double* x, double* y, std::int64_t n) {
        run_map<V>(x, y, n, [](V v) { return passing_nan(v, exp_any(v)); });
    }

    static void log_of(const double* x, double* y, std::int64_t n) {
        run_map<V>(x, y, n, [](V v) { return passing_nan(v, log_any(v)); });
    }

    static void normal_pdf_of(const double* x, double* y, std::int64_t n) {
        run_map<V>(x, y, n, [](V v) { return normal_pdf(v); });
    }

    static void normal_cdf_of(const double* x, double* y, std::int64_t n) {
        run_map<V>(x, y, n, [](V v) { return normal_cdf(v); });
    }

    static void inverse_normal_cdf_of(const double* x, double* y, std::int64_t n) {
        run_map<V>(x, y, n, [](V v) { return inverse_normal_cdf(v); });
    }

    /// The cases in which the base is not a positive number, and the powers with no exact product, are
    /// decided one by one.
    static void pow_of(const double* x, const double* exponent, double* y, std::int64_t n) {
        for (std::int64_t i = 0; i < n; ++i) y[i] = power(x[i], exponent[i]);
    }

    static double power(double x, double y) {
        if (y == 0 || x == 1) return 1;
        if (!(x == x) || !(y == y)) return scalar_nan();
        const double size = __builtin_fabs(x);
        const bool huge = __builtin_fabs(y) >= 0x1p53;  // then an even integer
        const bool integer = huge || static_cast<double>(static_cast<std::int64_t>(y)) == y;
        const bool odd = integer && !huge && (static_cast<std::int64_t>(y) & 1) != 0;
        const bool flip = odd && __builtin_signbit(x);
        if (size == 0 || !finite(size)) {
            const double result = (size == 0) == (y > 0) ? 0.0 : kInfinity;
            return flip ? -result : result;
        }
        if (x < 0 && !integer) return scalar_nan();
        if (!finite(y)) return size == 1 ? 1.0 : (size > 1) == (y > 0) ? kInfinity : 0.0;
        double lanes[V::kLanes];
        power_of_positive(V::set(size), V::set(y)).store(lanes);
        return flip ? -lanes[0] : lanes[0];
    }

    static void philox_block(const std::uint32_t* counter, std::uint64_t seed, std::uint32_t* words) {
        PhiloxWords<V> x;
        for (int i = 0; i < 4; ++i) x.w[i] = set_bits(V::set(0.0), counter[i]);
        x = philox<V>(x, seed);
        for (int i = 0; i < 4; ++i) {
            double lanes[V::kLanes];
            as_double(x.w[i]).store(lanes);
            std::memcpy(words + i, lanes, sizeof *words);
        }
    }

    static void uniforms(std::uint64_t seed, std::uint64_t factor, std::int64_t first, double* out,
                         std::int64_t count) {
        keyed_numbers<V>(seed, factor, first, out, count, [](HighLow<V> two) { return two; });
    }

    static void normals(std::uint64_t seed, std::uint64_t factor, std::int64_t first, double* out,
                        std::int64_t count) {
        keyed_numbers<V>(seed, factor, first, out, count, [](HighLow<V> two) { return normal_pair(two); });
    }

    static constexpr KernelTable table(const char* name) {
        return {name,
                black_scholes_price,
                black_scholes_greeks,
                black76_price,
                black76_greeks,
                implied_volatility,
                bachelier_price,
                bachelier_greeks,
                bachelier_implied,
                first_bad_trade,
                accumulate,
                accumulate_float,
                exp_of,
                log_of,
                normal_pdf_of,
                normal_cdf_of,
                inverse_normal_cdf_of,
                pow_of,
                philox_block,
                uniforms,
                normals,
                correlate<V>};
    }
};

}  // namespace
