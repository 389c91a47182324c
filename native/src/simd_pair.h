// Two registers carried side by side, operation by operation: the kernels are bound by latency, and the
// second register fills the first one's gaps. A Pair has the same face as a register.
#pragma once

#include <cstdint>

namespace {

template <class R>
struct PairMask {
    typename R::Mask a, b;
};

template <class R>
struct PairBits {
    typename R::Bits a, b;
};

template <class R>
struct Pair {
    using Mask = PairMask<R>;
    using Bits = PairBits<R>;
    using Element = typename R::Element;
    static constexpr int kLanes = 2 * R::kLanes;

    R a, b;

    static Pair set(Element x) { return {R::set(x), R::set(x)}; }
    static Pair load(const Element* p) { return {R::load(p), R::load(p + R::kLanes)}; }
    static Pair load_side(const std::int8_t* p) { return {R::load_side(p), R::load_side(p + R::kLanes)}; }
    static Pair load_floats(const float* p) { return {R::load_floats(p), R::load_floats(p + R::kLanes)}; }
    void store(Element* p) const {
        a.store(p);
        b.store(p + R::kLanes);
    }
    void store_floats(float* p) const {
        a.store_floats(p);
        b.store_floats(p + R::kLanes);
    }

    friend Pair operator+(Pair x, Pair y) { return {x.a + y.a, x.b + y.b}; }
    friend Pair operator-(Pair x, Pair y) { return {x.a - y.a, x.b - y.b}; }
    friend Pair operator*(Pair x, Pair y) { return {x.a * y.a, x.b * y.b}; }
    friend Pair operator/(Pair x, Pair y) { return {x.a / y.a, x.b / y.b}; }
    friend Pair operator-(Pair x) { return {-x.a, -x.b}; }
    friend Pair fma(Pair x, Pair y, Pair z) { return {fma(x.a, y.a, z.a), fma(x.b, y.b, z.b)}; }
    friend Pair fnma(Pair x, Pair y, Pair z) { return {fnma(x.a, y.a, z.a), fnma(x.b, y.b, z.b)}; }
    friend Pair sqrt(Pair x) { return {sqrt(x.a), sqrt(x.b)}; }
    friend Pair abs(Pair x) { return {abs(x.a), abs(x.b)}; }
    friend Pair min(Pair x, Pair y) { return {min(x.a, y.a), min(x.b, y.b)}; }
    friend Pair max(Pair x, Pair y) { return {max(x.a, y.a), max(x.b, y.b)}; }
    friend Mask is_negative(Pair x) { return {is_negative(x.a), is_negative(x.b)}; }
    friend Mask operator<(Pair x, Pair y) { return {x.a < y.a, x.b < y.b}; }
    friend Mask operator<=(Pair x, Pair y) { return {x.a <= y.a, x.b <= y.b}; }
    friend Mask operator==(Pair x, Pair y) { return {x.a == y.a, x.b == y.b}; }
    friend Pair select(Mask m, Pair x, Pair y) { return {select(m.a, x.a, y.a), select(m.b, x.b, y.b)}; }
    friend Bits as_bits(Pair x) { return {as_bits(x.a), as_bits(x.b)}; }
    friend Bits set_bits(Pair x, std::uint64_t v) { return {set_bits(x.a, v), set_bits(x.b, v)}; }
};

template <class R>
inline PairMask<R> operator&(PairMask<R> x, PairMask<R> y) {
    return {x.a & y.a, x.b & y.b};
}
template <class R>
inline PairMask<R> operator|(PairMask<R> x, PairMask<R> y) {
    return {x.a | y.a, x.b | y.b};
}
template <class R>
inline PairMask<R> operator!(PairMask<R> x) {
    return {!x.a, !x.b};
}
template <class R>
inline unsigned to_bits(PairMask<R> x) {
    return to_bits(x.a) | to_bits(x.b) << R::kLanes;
}
template <class R>
inline Pair<R> as_double(PairBits<R> x) {
    return {as_double(x.a), as_double(x.b)};
}
template <class R>
inline Pair<R> as_float(PairBits<R> x) {
    return {as_float(x.a), as_float(x.b)};
}
template <class R>
inline PairBits<R> operator+(PairBits<R> x, PairBits<R> y) {
    return {x.a + y.a, x.b + y.b};
}
template <class R>
inline PairBits<R> operator-(PairBits<R> x, PairBits<R> y) {
    return {x.a - y.a, x.b - y.b};
}
template <class R>
inline PairBits<R> operator&(PairBits<R> x, PairBits<R> y) {
    return {x.a & y.a, x.b & y.b};
}
template <class R>
inline PairBits<R> operator|(PairBits<R> x, PairBits<R> y) {
    return {x.a | y.a, x.b | y.b};
}
template <class R>
inline PairBits<R> operator^(PairBits<R> x, PairBits<R> y) {
    return {x.a ^ y.a, x.b ^ y.b};
}
template <class R>
inline PairBits<R> multiply_low_halves(PairBits<R> x, PairBits<R> y) {
    return {multiply_low_halves(x.a, y.a), multiply_low_halves(x.b, y.b)};
}
template <int N, class R>
inline PairBits<R> shift_left(PairBits<R> x) {
    return {shift_left<N>(x.a), shift_left<N>(x.b)};
}
template <int N, class R>
inline PairBits<R> shift_right(PairBits<R> x) {
    return {shift_right<N>(x.a), shift_right<N>(x.b)};
}

}  // namespace
