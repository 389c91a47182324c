/* The C interface of RiskGrid's numeric kernels.
 *
 * Arrays in, arrays out (structure of arrays); the caller owns all memory and nothing is allocated inside.
 * There is no mutable global state: every function may be called from any number of threads. A function
 * returns RG_OK or an error about the call as a whole; what is wrong with one element is told in that
 * element's status byte, and its outputs are then the canonical NaN (bits 0xFFF8000000000000). Outputs must
 * not overlap inputs or each other. Time in years, rates and volatilities per year, rates continuously
 * compounded. */
#ifndef RISKGRID_KERNELS_H
#define RISKGRID_KERNELS_H

#include <stdint.h>

#if defined(__GNUC__)
#define RG_API __attribute__((visibility("default")))
#else
#define RG_API
#endif

#ifdef __cplusplus
#define RG_NOEXCEPT noexcept
extern "C" {
#else
#define RG_NOEXCEPT
#endif

enum {
    RG_OK = 0,
    RG_NULL_POINTER = 1,
    RG_BAD_COUNT = 2,
    RG_UNSUPPORTED_ISA = 3,
    RG_BAD_TRADE = 4,
    RG_BAD_MARKET_SHAPE = 5
};

/* Status of one element. */
enum {
    RG_ELEMENT_OK = 0,
    RG_NOT_FINITE = 1, /* an input, or a result, is NaN or infinite */
    RG_NEGATIVE_TIME = 2,
    RG_NEGATIVE_VOLATILITY = 3,
    RG_NON_POSITIVE_SPOT = 4,
    RG_NON_POSITIVE_STRIKE = 5,
    RG_BAD_SIDE = 6,
    RG_NON_POSITIVE_FORWARD = 7,
    RG_NON_POSITIVE_DISCOUNT = 8,
    RG_BELOW_INTRINSIC = 9,
    RG_ABOVE_MAXIMUM = 10,
    RG_NON_POSITIVE_TIME = 11
};

/* side: +1 call, -1 put. */
typedef struct {
    int64_t count;
    const int8_t* side;
    const double* spot;
    const double* strike;
    const double* time;
    const double* volatility;
    const double* rate;
    const double* dividend_yield;
} rg_spot_batch;

typedef struct {
    int64_t count;
    const int8_t* side;
    const double* forward;
    const double* strike;
    const double* time;
    const double* volatility; /* not read where it is implied */
    const double* discount;
} rg_forward_batch;

/* Derivatives of one unit's price; a null pointer means not wanted. */
typedef struct {
    double* price;
    double* delta;
    double* gamma;
    double* vega;
    double* theta;
    double* rho;
    double* vanna;
    double* volga;
} rg_greeks;

typedef struct {
    int64_t count;
    const int8_t* side;
    const double* strike;
    const double* volatility;
    const double* root_time;
    const double* weight;
    const double* base_value;
    const int32_t* slice;
} rg_scenario_trades;

/* Row-major: [slice * stride + scenario], for `count` scenarios of a row; the stride is not less. */
typedef struct {
    int32_t slices;
    int64_t count;
    int64_t stride;
    const double* forward;
    const double* discount;
    const double* volatility_multiplier;
} rg_scenario_market;

/* Never null; static storage. The version names the algorithm: equal versions give equal bits. */
RG_API const char* rg_version(void) RG_NOEXCEPT;
RG_API const char* rg_instruction_set(void) RG_NOEXCEPT;
/* RG_OK, or RG_UNSUPPORTED_ISA if RISKGRID_ISA (scalar, avx2, avx512) names one that this processor or build
 * lacks; every batch function then refuses its calls with the same code. */
RG_API int32_t rg_status(void) RG_NOEXCEPT;

/* `refused` receives the number of elements whose status is not RG_ELEMENT_OK. */
RG_API int32_t rg_black_scholes_price(const rg_spot_batch* batch, double* price, uint8_t* status,
                                      int64_t* refused) RG_NOEXCEPT;
RG_API int32_t rg_black_scholes_greeks(const rg_spot_batch* batch, const rg_greeks* greeks, uint8_t* status,
                                       int64_t* refused) RG_NOEXCEPT;
RG_API int32_t rg_black76_price(const rg_forward_batch* batch, double* price, uint8_t* status,
                                int64_t* refused) RG_NOEXCEPT;
RG_API int32_t rg_black76_greeks(const rg_forward_batch* batch, const rg_greeks* greeks, uint8_t* status,
                                 int64_t* refused) RG_NOEXCEPT;
RG_API int32_t rg_black76_implied_volatility(const rg_forward_batch* batch, const double* price,
                                             double* volatility, uint8_t* status,
                                             int64_t* refused) RG_NOEXCEPT;

/* Normal moves: forward and strike of any sign, volatility in the forward's unit per square root of a year.
 */
RG_API int32_t rg_bachelier_price(const rg_forward_batch* batch, double* price, uint8_t* status,
                                  int64_t* refused) RG_NOEXCEPT;
RG_API int32_t rg_bachelier_greeks(const rg_forward_batch* batch, const rg_greeks* greeks, uint8_t* status,
                                   int64_t* refused) RG_NOEXCEPT;
RG_API int32_t rg_bachelier_implied_volatility(const rg_forward_batch* batch, const double* price,
                                               double* volatility, uint8_t* status,
                                               int64_t* refused) RG_NOEXCEPT;

/* pnl[s] += sum over trades, in order, of weight * discount * Black(...) - base_value. Trades of weight zero
 * are skipped. RG_BAD_TRADE: `bad_trade` receives the index of the first trade with a strike that is not
 * positive, a negative or non-finite volatility or root of time, a non-finite weight or base value, a side
 * other than -1 or 1, or a slice outside the market; pnl is untouched. A scenario with a forward that is not
 * positive, or a non-finite or negative value in its market, ends as the canonical NaN. `bad_trade` is -1
 * otherwise. */
RG_API int32_t rg_scenario_accumulate(const rg_scenario_trades* trades, const rg_scenario_market* market,
                                      double* pnl, int64_t* bad_trade) RG_NOEXCEPT;
/* The same, to less precision and more than twice as fast: each option's time value over min(forward, strike)
 * is computed in single precision, the rest of it and the sums in double. A trade's value is within 4e-7 of
 * |weight| * discount * min(forward, strike) of rg_scenario_accumulate's (3e-8 in the root mean square near
 * the money), with that part zero far from the money and without volatility; so is the P&L of a scenario in
 * which nothing moves. Total volatilities and multipliers beyond 1e-15 and 1e15 count as those. */
RG_API int32_t rg_scenario_accumulate_float(const rg_scenario_trades* trades,
                                            const rg_scenario_market* market, double* pnl,
                                            int64_t* bad_trade) RG_NOEXCEPT;

RG_API int32_t rg_exp(const double* x, double* y, int64_t count) RG_NOEXCEPT;
RG_API int32_t rg_log(const double* x, double* y, int64_t count) RG_NOEXCEPT;
RG_API int32_t rg_normal_pdf(const double* x, double* y, int64_t count) RG_NOEXCEPT;
RG_API int32_t rg_normal_cdf(const double* x, double* y, int64_t count) RG_NOEXCEPT;
RG_API int32_t rg_inverse_normal_cdf(const double* x, double* y, int64_t count) RG_NOEXCEPT;
RG_API int32_t rg_pow(const double* x, const double* exponent, double* y, int64_t count) RG_NOEXCEPT;

/* Philox4x32-10 itself: `counter` and `words` are four words each, the seed is the key, low word first. */
RG_API int32_t rg_philox4x32(const uint32_t* counter, uint64_t seed, uint32_t* words) RG_NOEXCEPT;
/* One number for each path in [first_path, first_path + count), the same whatever range it is asked in.
 * Uniforms lie in (0, 1), at the midpoints of 2^52 equal parts. RG_BAD_COUNT: a negative count or path. */
RG_API int32_t rg_uniforms(uint64_t seed, uint64_t factor, int64_t first_path, double* out,
                           int64_t count) RG_NOEXCEPT;
RG_API int32_t rg_normals(uint64_t seed, uint64_t factor, int64_t first_path, double* out,
                          int64_t count) RG_NOEXCEPT;
/* out[i * paths + p] = sum over j <= i, in order, of lower_factor[i * factors + j] * normals[j * paths + p];
 * what lies above the diagonal is not read. */
RG_API int32_t rg_correlate(int64_t factors, int64_t paths, const double* lower_factor, const double* normals,
                            double* out) RG_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
