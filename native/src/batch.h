// Runs a formula over a batch, a vector at a time. The last, partial vector is padded with ones and computed
// by the same code, so that an element's bits do not depend on its position or on the batch's length.
#pragma once

#include <cstdint>
#include <cstring>

#include "elementary.h"
#include "riskgrid/kernels.h"

namespace {

template <class V>
constexpr unsigned all_lanes() {
    return (1U << V::kLanes) - 1U;
}

/// Lanes in which every value is finite: one operation a value, for 0 x is zero, and NaN if x is infinite or NaN.
template <class V>
inline auto all_finite(const V* x, int count) {
    V zero = V::set(0.0) * x[0];
#pragma GCC unroll 16
    for (int i = 1; i < count; ++i) zero = fma(V::set(0.0), x[i], zero);
    return zero == V::set(0.0);
}

inline double scalar_nan() {
    double x = 0;
    std::memcpy(&x, &kCanonicalNan, sizeof x);
    return x;
}

template <class V, class Formula>
inline std::int64_t run_vector(const std::int8_t* side, const double* const* in, double* const* out,
                               std::uint8_t* status) {
    V x[Formula::kInputs], y[Formula::kOutputs];
#pragma GCC unroll 16
    for (int i = 0; i < Formula::kInputs; ++i) x[i] = V::load(in[i]);
    const auto valid = Formula::evaluate(V::load_side(side), x, y);
    const auto good = valid & all_finite(y, Formula::kOutputs);
#pragma GCC unroll 16
    for (int i = 0; i < Formula::kOutputs; ++i)
        if (out[i]) y[i].store(out[i]);
    std::memset(status, RG_ELEMENT_OK, V::kLanes);

    const unsigned bad = ~to_bits(good) & all_lanes<V>();
    if (__builtin_expect(bad == 0, 1)) return 0;
    for (int lane = 0; lane < V::kLanes; ++lane) {
        if (!(bad >> lane & 1U)) continue;
        double inputs[Formula::kInputs];
        for (int i = 0; i < Formula::kInputs; ++i) inputs[i] = in[i][lane];
        status[lane] = Formula::refusal(side[lane], inputs);
        for (int i = 0; i < Formula::kOutputs; ++i)
            if (out[i]) out[i][lane] = scalar_nan();
    }
    return __builtin_popcount(bad);
}

template <class V, class Formula>
inline std::int64_t run_batch(std::int64_t count, const std::int8_t* side,
                              const double* const (&inputs)[Formula::kInputs],
                              double* const (&outputs)[Formula::kOutputs], std::uint8_t* status) {
    const double* in[Formula::kInputs];
    double* out[Formula::kOutputs];
    std::int64_t refused = 0, start = 0;
    for (; start + V::kLanes <= count; start += V::kLanes) {
        for (int i = 0; i < Formula::kInputs; ++i) in[i] = inputs[i] + start;
        for (int i = 0; i < Formula::kOutputs; ++i) out[i] = outputs[i] ? outputs[i] + start : nullptr;
        refused += run_vector<V, Formula>(side + start, in, out, status + start);
    }
    const int rest = static_cast<int>(count - start);
    if (rest == 0) return refused;

    std::int8_t last_side[V::kLanes];
    std::uint8_t last_status[V::kLanes];
    double last_in[Formula::kInputs][V::kLanes], last_out[Formula::kOutputs][V::kLanes];
    for (int lane = 0; lane < V::kLanes; ++lane)
        last_side[lane] = lane < rest ? side[start + lane] : std::int8_t{1};
    for (int i = 0; i < Formula::kInputs; ++i) {
        for (int lane = 0; lane < V::kLanes; ++lane)
            last_in[i][lane] = lane < rest ? inputs[i][start + lane] : 1.0;
        in[i] = last_in[i];
    }
    for (int i = 0; i < Formula::kOutputs; ++i) out[i] = last_out[i];
    // The padding may itself be refused; only the real lanes are counted.
    run_vector<V, Formula>(last_side, in, out, last_status);
    for (int lane = 0; lane < rest; ++lane) {
        status[start + lane] = last_status[lane];
        refused += last_status[lane] != RG_ELEMENT_OK;
        for (int i = 0; i < Formula::kOutputs; ++i)
            if (outputs[i]) outputs[i][start + lane] = last_out[i][lane];
    }
    return refused;
}

/// y = f(x), element by element.
template <class V, class Function>
inline void run_map(const double* x, double* y, std::int64_t count, Function f) {
    std::int64_t start = 0;
    for (; start + V::kLanes <= count; start += V::kLanes) f(V::load(x + start)).store(y + start);
    const int rest = static_cast<int>(count - start);
    if (rest == 0) return;
    double last[V::kLanes];
    for (int lane = 0; lane < V::kLanes; ++lane) last[lane] = lane < rest ? x[start + lane] : 1.0;
    f(V::load(last)).store(last);
    for (int lane = 0; lane < rest; ++lane) y[start + lane] = last[lane];
}

}  // namespace
