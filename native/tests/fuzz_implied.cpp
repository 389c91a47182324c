// Fuzzes implied volatility: whatever the bytes are, every instruction set gives the scalar bits, an answer
// is a volatility that prices back to the input, and a refusal is the canonical NaN.
//
// Built plainly it draws its own inputs: fuzz_implied [inputs, 100000] [seed]. Built with
// -DRISKGRID_LIBFUZZER and clang's -fsanitize=fuzzer it is a libFuzzer target.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

#include "dispatch.h"

namespace {

// More than the widest vector and a remainder.
constexpr std::int64_t kMost = 19;
constexpr int kFields = 5;

struct Case {
    std::int8_t side[kMost];
    double field[kFields][kMost];  // forward, strike, time, discount, price
};

[[noreturn]] void fail(const Case& c, std::int64_t i, double volatility, const char* promise) {
    std::printf("%s: side %d, forward %a, strike %a, time %a, discount %a, price %a: volatility %a\n",
                promise, c.side[i], c.field[0][i], c.field[1][i], c.field[2][i], c.field[3][i], c.field[4][i],
                volatility);
    std::fflush(stdout);
    std::abort();
}

bool ordinary(double x) { return x > 1e-100 && x < 1e100; }

void check(const Case& c, std::int64_t count) {
    double volatility[kMost], again[kMost], price[kMost];
    std::uint8_t status[kMost], other_status[kMost];
    rg_forward_batch batch{count, c.side, c.field[0], c.field[1], c.field[2], nullptr, c.field[3]};
    const std::int64_t refused =
        scalar_kernels().black76_implied_volatility(batch, c.field[4], volatility, status);
    for (const char* name : {"avx2", "avx512"})
        if (const KernelTable* kernels = kernels_named(name)) {
            const std::int64_t other =
                kernels->black76_implied_volatility(batch, c.field[4], again, other_status);
            for (std::int64_t i = 0; i < count; ++i)
                if (other != refused || status[i] != other_status[i] ||
                    std::memcmp(&again[i], &volatility[i], sizeof(double)) != 0)
                    fail(c, i, again[i], name);
        }
    batch.volatility = volatility;
    scalar_kernels().black76_price(batch, price, other_status);
    for (std::int64_t i = 0; i < count; ++i) {
        if (status[i] != RG_ELEMENT_OK) {
            const std::uint64_t nan = 0xFFF8000000000000ULL;
            if (std::memcmp(&volatility[i], &nan, sizeof nan) != 0)
                fail(c, i, volatility[i], "a refusal is NaN");
            continue;
        }
        if (!(volatility[i] >= 0 && std::isfinite(volatility[i])))
            fail(c, i, volatility[i], "a volatility is a number");
        const double f = c.field[0][i], k = c.field[1][i], d = c.field[3][i];
        const bool all_ordinary =
            ordinary(f) && ordinary(k) && ordinary(d) && ordinary(c.field[2][i]) && ordinary(f / k);
        if (all_ordinary && !(std::fabs(price[i] - c.field[4][i]) <= 8e-15 * d * (f > k ? f : k)))
            fail(c, i, volatility[i], "the volatility prices back");
    }
}

}  // namespace

#ifdef RISKGRID_LIBFUZZER

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kEach = 1 + kFields * sizeof(double);
    Case c;
    std::int64_t count = 0;
    for (; count < kMost && size >= kEach; ++count, size -= kEach) {
        c.side[count] = *data & 2   ? static_cast<std::int8_t>(*data)
                        : *data & 1 ? std::int8_t{1}
                                    : std::int8_t{-1};
        ++data;
        for (auto& field : c.field) {
            std::memcpy(&field[count], data, sizeof(double));
            data += sizeof(double);
        }
    }
    if (count > 0) check(c, count);
    return 0;
}

#else

int main(int argc, char** argv) {
    const std::int64_t inputs = argc > 1 ? std::atoll(argv[1]) : 100000;
    const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 20260130;
    std::mt19937_64 generator(seed);
    const auto uniform = [&] { return std::ldexp(static_cast<double>(generator() >> 11), -53); };
    const auto any = [&] {
        const std::uint64_t bits = generator();
        double x = 0;
        std::memcpy(&x, &bits, sizeof x);
        return x;
    };
    for (std::int64_t done = 0; done < inputs;) {
        Case c;
        const auto count = static_cast<std::int64_t>(1 + generator() % kMost);
        for (std::int64_t i = 0; i < count; ++i) {
            const std::uint64_t kind = generator() % 8;
            const double spread = kind < 4 ? 1 : kind < 6 ? 30 : 600;
            const double f = std::exp(spread * (uniform() - 0.5));
            const double k =
                kind == 3 ? f * (1 + 1e-9 * (uniform() - 0.5)) : f * std::exp(spread * (uniform() - 0.5));
            c.side[i] = generator() % 2 ? 1 : -1;
            const double inside = c.side[i] * (f - k), limit = c.side[i] > 0 ? f : k;
            const double intrinsic = inside > 0 ? inside : 0;
            // Time value anywhere between nothing and everything, in logarithms from both ends.
            const double share = std::exp(-(kind % 2 ? 700 : 20) * uniform() * uniform());
            c.field[0][i] = f;
            c.field[1][i] = k;
            c.field[2][i] = std::exp(8 * (uniform() - 0.8));
            c.field[3][i] = std::exp(uniform() - 0.8);
            c.field[4][i] =
                c.field[3][i] * (intrinsic + (limit - intrinsic) * (generator() % 2 ? share : 1 - share));
            // One in eight has a field, or all of them, of any bits at all.
            if (kind == 7)
                for (auto& field : c.field)
                    if (generator() % 3 == 0) field[i] = any();
            if (kind == 7 && generator() % 5 == 0) c.side[i] = static_cast<std::int8_t>(generator());
        }
        check(c, count);
        done += count;
    }
    std::printf("%lld inputs, seed %llu: every promise held\n", static_cast<long long>(inputs),
                static_cast<unsigned long long>(seed));
    return 0;
}

#endif
