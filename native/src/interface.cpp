// The C interface: checks the call as a whole, then hands it to the chosen instruction set.
#include "dispatch.h"
#include "riskgrid/kernels.h"

namespace {

template <class... Pointers>
bool any_null(Pointers... pointers) {
    return (... || (pointers == nullptr));
}

int32_t check(const rg_spot_batch* b, const uint8_t* status, const int64_t* refused) {
    if (!chosen_kernels()) return RG_UNSUPPORTED_ISA;
    if (any_null(b, refused)) return RG_NULL_POINTER;
    if (b->count < 0) return RG_BAD_COUNT;
    if (b->count > 0 &&
        any_null(b->side, b->spot, b->strike, b->time, b->volatility, b->rate, b->dividend_yield, status))
        return RG_NULL_POINTER;
    return RG_OK;
}

int32_t check(const rg_forward_batch* b, const uint8_t* status, const int64_t* refused, const double* extra) {
    if (!chosen_kernels()) return RG_UNSUPPORTED_ISA;
    if (any_null(b, refused)) return RG_NULL_POINTER;
    if (b->count < 0) return RG_BAD_COUNT;
    if (b->count > 0 && any_null(b->side, b->forward, b->strike, b->time, b->discount, status, extra))
        return RG_NULL_POINTER;
    return RG_OK;
}

int32_t check(const double* x, const double* y, int64_t count) {
    if (!chosen_kernels()) return RG_UNSUPPORTED_ISA;
    if (count < 0) return RG_BAD_COUNT;
    return count > 0 && any_null(x, y) ? RG_NULL_POINTER : RG_OK;
}

int32_t check_paths(int64_t first_path, const double* out, int64_t count) {
    if (!chosen_kernels()) return RG_UNSUPPORTED_ISA;
    if (count < 0 || first_path < 0 || first_path > INT64_MAX - count) return RG_BAD_COUNT;
    return count > 0 && !out ? RG_NULL_POINTER : RG_OK;
}

using Map = void (*)(const double*, double*, std::int64_t);

int32_t apply(Map KernelTable::*map, const double* x, double* y, int64_t count) {
    if (const int32_t error = check(x, y, count)) return error;
    (chosen_kernels()->*map)(x, y, count);
    return RG_OK;
}

using Accumulate = void (*)(const rg_scenario_trades&, const rg_scenario_market&, double*);

int32_t accumulate(Accumulate KernelTable::*kernel, const rg_scenario_trades* trades,
                   const rg_scenario_market* market, double* pnl, int64_t* bad_trade) {
    if (!chosen_kernels()) return RG_UNSUPPORTED_ISA;
    if (any_null(trades, market, bad_trade)) return RG_NULL_POINTER;
    *bad_trade = -1;
    if (trades->count < 0 || market->count < 0 || market->slices < 0 || market->stride < market->count)
        return RG_BAD_MARKET_SHAPE;
    if (trades->count > 0 && any_null(trades->side, trades->strike, trades->volatility, trades->root_time,
                                      trades->weight, trades->base_value, trades->slice))
        return RG_NULL_POINTER;
    if (market->count > 0 && !pnl) return RG_NULL_POINTER;
    if (market->count > 0 && market->slices > 0 &&
        any_null(market->forward, market->discount, market->volatility_multiplier))
        return RG_NULL_POINTER;
    *bad_trade = chosen_kernels()->first_bad_trade(*trades, market->slices);
    if (*bad_trade >= 0) return RG_BAD_TRADE;
    (chosen_kernels()->*kernel)(*trades, *market, pnl);
    return RG_OK;
}

}  // namespace

extern "C" {

const char* rg_version(void) noexcept { return RISKGRID_KERNEL_VERSION; }

const char* rg_instruction_set(void) noexcept {
    return chosen_kernels() ? chosen_kernels()->name : "unsupported";
}

int32_t rg_status(void) noexcept { return chosen_kernels() ? RG_OK : RG_UNSUPPORTED_ISA; }

int32_t rg_black_scholes_price(const rg_spot_batch* batch, double* price, uint8_t* status,
                               int64_t* refused) noexcept {
    if (const int32_t error = check(batch, status, refused)) return error;
    if (batch->count > 0 && !price) return RG_NULL_POINTER;
    *refused = chosen_kernels()->black_scholes_price(*batch, price, status);
    return RG_OK;
}

int32_t rg_black_scholes_greeks(const rg_spot_batch* batch, const rg_greeks* greeks, uint8_t* status,
                                int64_t* refused) noexcept {
    if (const int32_t error = check(batch, status, refused)) return error;
    if (!greeks) return RG_NULL_POINTER;
    *refused = chosen_kernels()->black_scholes_greeks(*batch, *greeks, status);
    return RG_OK;
}

int32_t rg_black76_price(const rg_forward_batch* batch, double* price, uint8_t* status,
                         int64_t* refused) noexcept {
    if (const int32_t error = check(batch, status, refused, batch ? batch->volatility : nullptr))
        return error;
    if (batch->count > 0 && !price) return RG_NULL_POINTER;
    *refused = chosen_kernels()->black76_price(*batch, price, status);
    return RG_OK;
}

int32_t rg_black76_greeks(const rg_forward_batch* batch, const rg_greeks* greeks, uint8_t* status,
                          int64_t* refused) noexcept {
    if (const int32_t error = check(batch, status, refused, batch ? batch->volatility : nullptr))
        return error;
    if (!greeks) return RG_NULL_POINTER;
    *refused = chosen_kernels()->black76_greeks(*batch, *greeks, status);
    return RG_OK;
}

int32_t rg_black76_implied_volatility(const rg_forward_batch* batch, const double* price, double* volatility,
                                      uint8_t* status, int64_t* refused) noexcept {
    if (const int32_t error = check(batch, status, refused, price)) return error;
    if (batch->count > 0 && !volatility) return RG_NULL_POINTER;
    *refused = chosen_kernels()->black76_implied_volatility(*batch, price, volatility, status);
    return RG_OK;
}

int32_t rg_bachelier_price(const rg_forward_batch* batch, double* price, uint8_t* status,
                           int64_t* refused) noexcept {
    if (const int32_t error = check(batch, status, refused, batch ? batch->volatility : nullptr))
        return error;
    if (batch->count > 0 && !price) return RG_NULL_POINTER;
    *refused = chosen_kernels()->bachelier_price(*batch, price, status);
    return RG_OK;
}

int32_t rg_bachelier_greeks(const rg_forward_batch* batch, const rg_greeks* greeks, uint8_t* status,
                            int64_t* refused) noexcept {
    if (const int32_t error = check(batch, status, refused, batch ? batch->volatility : nullptr))
        return error;
    if (!greeks) return RG_NULL_POINTER;
    *refused = chosen_kernels()->bachelier_greeks(*batch, *greeks, status);
    return RG_OK;
}

int32_t rg_bachelier_implied_volatility(const rg_forward_batch* batch, const double* price,
                                        double* volatility, uint8_t* status, int64_t* refused) noexcept {
    if (const int32_t error = check(batch, status, refused, price)) return error;
    if (batch->count > 0 && !volatility) return RG_NULL_POINTER;
    *refused = chosen_kernels()->bachelier_implied_volatility(*batch, price, volatility, status);
    return RG_OK;
}

int32_t rg_scenario_accumulate(const rg_scenario_trades* trades, const rg_scenario_market* market,
                               double* pnl, int64_t* bad_trade) noexcept {
    return accumulate(&KernelTable::scenario_accumulate, trades, market, pnl, bad_trade);
}

int32_t rg_scenario_accumulate_float(const rg_scenario_trades* trades, const rg_scenario_market* market,
                                     double* pnl, int64_t* bad_trade) noexcept {
    return accumulate(&KernelTable::scenario_accumulate_float, trades, market, pnl, bad_trade);
}

int32_t rg_exp(const double* x, double* y, int64_t count) noexcept {
    return apply(&KernelTable::exp, x, y, count);
}

int32_t rg_log(const double* x, double* y, int64_t count) noexcept {
    return apply(&KernelTable::log, x, y, count);
}

int32_t rg_normal_pdf(const double* x, double* y, int64_t count) noexcept {
    return apply(&KernelTable::normal_pdf, x, y, count);
}

int32_t rg_normal_cdf(const double* x, double* y, int64_t count) noexcept {
    return apply(&KernelTable::normal_cdf, x, y, count);
}

int32_t rg_inverse_normal_cdf(const double* x, double* y, int64_t count) noexcept {
    return apply(&KernelTable::inverse_normal_cdf, x, y, count);
}

int32_t rg_pow(const double* x, const double* exponent, double* y, int64_t count) noexcept {
    if (const int32_t error = check(x, y, count)) return error;
    if (count > 0 && !exponent) return RG_NULL_POINTER;
    chosen_kernels()->pow(x, exponent, y, count);
    return RG_OK;
}

int32_t rg_philox4x32(const uint32_t* counter, uint64_t seed, uint32_t* words) noexcept {
    if (!chosen_kernels()) return RG_UNSUPPORTED_ISA;
    if (any_null(counter, words)) return RG_NULL_POINTER;
    chosen_kernels()->philox(counter, seed, words);
    return RG_OK;
}

int32_t rg_uniforms(uint64_t seed, uint64_t factor, int64_t first_path, double* out, int64_t count) noexcept {
    if (const int32_t error = check_paths(first_path, out, count)) return error;
    chosen_kernels()->uniforms(seed, factor, first_path, out, count);
    return RG_OK;
}

int32_t rg_normals(uint64_t seed, uint64_t factor, int64_t first_path, double* out, int64_t count) noexcept {
    if (const int32_t error = check_paths(first_path, out, count)) return error;
    chosen_kernels()->normals(seed, factor, first_path, out, count);
    return RG_OK;
}

int32_t rg_correlate(int64_t factors, int64_t paths, const double* lower_factor, const double* normals,
                     double* out) noexcept {
    if (!chosen_kernels()) return RG_UNSUPPORTED_ISA;
    if (factors < 0 || paths < 0) return RG_BAD_COUNT;
    if (factors > 0 && paths > 0) {
        if (any_null(lower_factor, normals, out)) return RG_NULL_POINTER;
        chosen_kernels()->correlate(factors, paths, lower_factor, normals, out);
    }
    return RG_OK;
}

}  // extern "C"
