// What one instruction set offers; the C interface calls through one of these tables.
#pragma once

#include <cstdint>

#include "riskgrid/kernels.h"

struct KernelTable {
    const char* name;
    std::int64_t (*black_scholes_price)(const rg_spot_batch&, double* price, std::uint8_t* status);
    std::int64_t (*black_scholes_greeks)(const rg_spot_batch&, const rg_greeks&, std::uint8_t* status);
    std::int64_t (*black76_price)(const rg_forward_batch&, double* price, std::uint8_t* status);
    std::int64_t (*black76_greeks)(const rg_forward_batch&, const rg_greeks&, std::uint8_t* status);
    std::int64_t (*black76_implied_volatility)(const rg_forward_batch&, const double* price,
                                               double* volatility, std::uint8_t* status);
    std::int64_t (*bachelier_price)(const rg_forward_batch&, double* price, std::uint8_t* status);
    std::int64_t (*bachelier_greeks)(const rg_forward_batch&, const rg_greeks&, std::uint8_t* status);
    std::int64_t (*bachelier_implied_volatility)(const rg_forward_batch&, const double* price,
                                                 double* volatility, std::uint8_t* status);
    std::int64_t (*first_bad_trade)(const rg_scenario_trades&, std::int32_t slices);
    void (*scenario_accumulate)(const rg_scenario_trades&, const rg_scenario_market&, double* pnl);
    void (*scenario_accumulate_float)(const rg_scenario_trades&, const rg_scenario_market&, double* pnl);
    void (*exp)(const double* x, double* y, std::int64_t count);
    void (*log)(const double* x, double* y, std::int64_t count);
    void (*normal_pdf)(const double* x, double* y, std::int64_t count);
    void (*normal_cdf)(const double* x, double* y, std::int64_t count);
    void (*inverse_normal_cdf)(const double* x, double* y, std::int64_t count);
    void (*pow)(const double* x, const double* exponent, double* y, std::int64_t count);
    void (*philox)(const std::uint32_t* counter, std::uint64_t seed, std::uint32_t* words);
    void (*uniforms)(std::uint64_t seed, std::uint64_t factor, std::int64_t first, double* out,
                     std::int64_t count);
    void (*normals)(std::uint64_t seed, std::uint64_t factor, std::int64_t first, double* out,
                    std::int64_t count);
    void (*correlate)(std::int64_t size, std::int64_t count, const double* factor, const double* normals,
                      double* out);
};

const KernelTable& scalar_kernels() noexcept;
#ifdef RISKGRID_HAVE_AVX2
const KernelTable& avx2_kernels() noexcept;
#endif
#ifdef RISKGRID_HAVE_AVX512
const KernelTable& avx512_kernels() noexcept;
#endif
