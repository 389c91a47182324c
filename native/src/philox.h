// Random numbers keyed (seed, factor, path): any of them can be computed without the others.
//
// Philox4x32-10 of John Salmon, Mark Moraes, Ron Dror and David Shaw, "Parallel random numbers: as easy as 1,
// 2, 3", SC11 (2011), section 3.3, with the seed as its key and (block, factor) as its counter. A block's
// four words make two uniforms of 52 bits and, by George Box and Mervin Muller, "A note on the generation of
// random normal deviates", Annals of Mathematical Statistics 29 (1958), p. 610, two normals. Paths come in
// groups of 32: the first 16 take the first number of 16 blocks, the others the second, so that every vector
// width stores whole vectors.
#pragma once

#include "batch.h"

namespace {

constexpr int kHalfGroup = 16;
constexpr int kPathGroup = 2 * kHalfGroup;
constexpr std::uint64_t kPhiloxMultipliers[2] = {0xD2511F53, 0xCD9E8D57};
constexpr std::uint32_t kPhiloxWeyl[2] = {0x9E3779B9, 0xBB67AE85};

/// The words of a block, each in the low half of its lane; the high halves hold anything.
template <class V>
struct PhiloxWords {
    typename V::Bits w[4];
};

template <class V>
inline PhiloxWords<V> philox(PhiloxWords<V> x, std::uint64_t seed) {
    const V any = V::set(0.0);
    const auto first = set_bits(any, kPhiloxMultipliers[0]), second = set_bits(any, kPhiloxMultipliers[1]);
    auto low_key = static_cast<std::uint32_t>(seed), high_key = static_cast<std::uint32_t>(seed >> 32);
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
        const auto p = multiply_low_halves(x.w[0], first), q = multiply_low_halves(x.w[2], second);
        x.w[0] = shift_right<32>(q) ^ x.w[1] ^ set_bits(any, low_key);
        x.w[1] = q;
        x.w[2] = shift_right<32>(p) ^ x.w[3] ^ set_bits(any, high_key);
        x.w[3] = p;
        low_key += kPhiloxWeyl[0];
        high_key += kPhiloxWeyl[1];
    }
    return x;
}

/// The midpoints of 2^52 equal parts of (0, 1): never 0 or 1. `high` gives the upper 32 bits, `low` the rest.
template <class V>
inline V uniform(typename V::Bits high, typename V::Bits low) {
    const V any = V::set(0.0);
    const auto bits = shift_right<12>(shift_left<32>(high) | (low & set_bits(any, 0xFFFFFFFF)));
    return (as_double(bits | set_bits(any, 0x3FF0000000000000)) - V::set(1.0)) + V::set(0x1p-53);
}

template <class V>
inline HighLow<V> uniform_pair(V block_low, V block_high, std::uint64_t seed, std::uint64_t factor) {
    // The halves of the block's number come as exact integers in doubles.
    const auto number = [](V x) { return as_bits(x + V::set(0x1p52)); };
    const V any = V::set(0.0);
    const auto words = philox<V>({{number(block_low), number(block_high), set_bits(any, factor & 0xFFFFFFFF),
                                   set_bits(any, factor >> 32)}},
                                 seed);
    return {uniform<V>(words.w[0], words.w[1]), uniform<V>(words.w[2], words.w[3])};
}

/// r cos(2 pi v) and r sin(2 pi v), r = sqrt(-2 log u), within a few units in the last place of r.
template <class V>
inline HighLow<V> normal_pair(HighLow<V> uniforms) {
    const V one = V::set(1.0);
    const V r = sqrt(V::set(-2.0) * log_normal(uniforms.high));
    // The quarter turn q nearest to v, and what is left of v: exact.
    const V shifted = fma(V::set(4.0), uniforms.low, V::set(kRoundingShift));
    const V f = fma(V::set(-0.25), shifted - V::set(kRoundingShift), uniforms.low);
    const V w = f * f;
    const V sine = f * horner(kSine, w), cosine = fma(w, horner(kCosine, w), one);
    const auto quarter = as_bits(shifted);
    const auto odd = is_negative(as_double(shift_left<63>(quarter)));
    const auto sign_of_sine = shift_left<62>(quarter & set_bits(w, 2));
    const auto sign_of_cosine = shift_left<62>((quarter + set_bits(w, 1)) & set_bits(w, 2));
    const V a = select(odd, sine, cosine), b = select(odd, cosine, sine);
    return {r * as_double(as_bits(a) ^ sign_of_cosine), r * as_double(as_bits(b) ^ sign_of_sine)};
}

/// One number for each of `count` paths from `first` on, `first` not below zero.
template <class V, class Pair>
inline void keyed_numbers(std::uint64_t seed, std::uint64_t factor, std::int64_t first, double* out,
                          std::int64_t count, Pair pair) {
    alignas(64) double group[kPathGroup], lows[kHalfGroup], highs[kHalfGroup];
    for (std::int64_t done = 0; done < count;) {
        const std::uint64_t at = static_cast<std::uint64_t>(first) + static_cast<std::uint64_t>(done);
        const int skip = static_cast<int>(at % kPathGroup);
        const std::int64_t left = count - done;
        const int wanted = left < kPathGroup - skip ? static_cast<int>(left) : kPathGroup - skip;
        const std::uint64_t block =
            at / kPathGroup * kHalfGroup;  // a multiple of 16: its low half never carries
        for (int i = 0; i < kHalfGroup; ++i) {
            lows[i] = static_cast<double>((block & 0xFFFFFFFF) + static_cast<std::uint64_t>(i));
            highs[i] = static_cast<double>(block >> 32);
        }
        double* const to = wanted == kPathGroup ? out + done : group;
        for (int i = 0; i < kHalfGroup; i += V::kLanes) {
            const HighLow<V> two = pair(uniform_pair(V::load(lows + i), V::load(highs + i), seed, factor));
            two.high.store(to + i);
            two.low.store(to + kHalfGroup + i);
        }
        if (to == group)
            std::memcpy(out + done, group + skip, static_cast<std::size_t>(wanted) * sizeof(double));
        done += wanted;
    }
}

/// out[i * count + p] = sum over j <= i, in order, of factor[i * size + j] * normals[j * count + p].
template <class V>
inline void correlate(std::int64_t size, std::int64_t count, const double* factor, const double* normals,
                      double* out) {
    const auto sum = [&](std::int64_t i, std::int64_t stride, const double* from) {
        V total = V::set(factor[i * size]) * V::load(from);
        for (std::int64_t j = 1; j <= i; ++j)
            total = fma(V::set(factor[i * size + j]), V::load(from + j * stride), total);
        return select(total == total, total, canonical_nan<V>());
    };
    std::int64_t start = 0;
    for (; start + V::kLanes <= count; start += V::kLanes)
        for (std::int64_t i = 0; i < size; ++i) sum(i, count, normals + start).store(out + i * count + start);
    // What is left is computed lane by lane, each broadcast: the same operations.
    for (; start < count; ++start)
        for (std::int64_t i = 0; i < size; ++i) {
            V total = V::set(factor[i * size]) * V::set(normals[start]);
            for (std::int64_t j = 1; j <= i; ++j)
                total = fma(V::set(factor[i * size + j]), V::set(normals[j * count + start]), total);
            double lanes[V::kLanes];
            total.store(lanes);
            out[i * count + start] = lanes[0] == lanes[0] ? lanes[0] : scalar_nan();
        }
}

}  // namespace
