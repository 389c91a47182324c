// Every instruction set of this processor gives the bits of the scalar path, for every output of every
// kernel, on random inputs and on products of edge values. Prints a digest of the scalar path's bits, which
// are the same under every C library. Usage: equal_bits [random inputs, 200000]
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "every_output.h"

namespace {

// A length that no vector width divides, so that every chunk ends in a partial vector.
constexpr std::int64_t kChunk = 16381;
constexpr std::uint64_t kSeed = 20260130;

bool same(const Column& a, const Column& b, const char* name, std::size_t output) {
    if (std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0) return true;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (std::memcmp(&a[i], &b[i], sizeof(double)) != 0) {
            std::printf("%s, output %zu, element %zu: %a against %a in scalar\n", name, output, i, a[i],
                        b[i]);
            break;
        }
    return false;
}

bool same(const Outputs& a, const Outputs& b, const char* name) {
    bool equal = a.refused == b.refused && a.statuses == b.statuses;
    if (!equal) std::printf("%s: statuses differ from scalar\n", name);
    for (std::size_t i = 0; i < a.columns.size(); ++i)
        equal = same(a.columns[i], b.columns[i], name, i) && equal;
    return equal;
}

/// NaN has one set of bits, wherever it comes out.
bool canonical(const Outputs& out) {
    const std::uint64_t expected = 0xFFF8000000000000ULL;
    for (std::size_t i = 0; i < out.columns.size(); ++i)
        for (double v : out.columns[i])
            if (std::isnan(v) && std::memcmp(&v, &expected, sizeof v) != 0) {
                std::printf("output %zu holds a NaN that is not the canonical one\n", i);
                return false;
            }
    return true;
}

/// FNV-1a over whole words.
struct Digest {
    std::uint64_t value = 0xCBF29CE484222325ULL;

    void add(const Outputs& out) {
        for (const Column& column : out.columns)
            for (double v : column) {
                std::uint64_t bits = 0;
                std::memcpy(&bits, &v, sizeof bits);
                value = (value ^ bits) * 0x100000001B3ULL;
                value ^= value >> 29;
            }
    }
};

bool check(const Inputs& in, Digest& digest) {
    const Outputs expected = every_output(scalar_kernels(), in);
    digest.add(expected);
    bool good = canonical(expected);
    for (const char* name : {"avx2", "avx512"})
        if (const KernelTable* kernels = kernels_named(name))
            good = same(every_output(*kernels, in), expected, name) && good;
    return good;
}

}  // namespace

int main(int argc, char** argv) {
    const std::int64_t count = argc > 1 ? std::atoll(argv[1]) : 200000;
    Digest digest;
    const Inputs edges = edge_inputs();
    bool good = check(edges, digest);
    for (std::int64_t start = 0; good && start < count; start += kChunk)
        good =
            check(random_inputs(std::min(kChunk, count - start), kSeed + static_cast<std::uint64_t>(start)),
                  digest);
    std::printf("compared with scalar:%s%s\n", kernels_named("avx2") ? " avx2" : "",
                kernels_named("avx512") ? " avx512" : "");
    std::printf("inputs: %lld random, %lld edges\n", static_cast<long long>(count),
                static_cast<long long>(edges.count()));
    std::printf("digest: %016llx\n", static_cast<unsigned long long>(digest.value));
    return good ? 0 : 1;
}
