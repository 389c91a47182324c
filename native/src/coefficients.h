// Written by native/derive/coefficients.py; do not edit. Coefficients run from the constant term up.
#pragma once

namespace {

/// exp(r) = 1 + r + r^2 p(r) on |r| <= ln(2)/2; relative error 1.70e-17.
constexpr double kExp[10] = {
    0x1.0000000000001p-1,  0x1.5555555555558p-3,  0x1.5555555553d62p-5,  0x1.111111110f80cp-7,
    0x1.6c16c1788c026p-10, 0x1.a01a01b0086cbp-13, 0x1.a019b90c949b6p-16, 0x1.71ddf6bcfa273p-19,
    0x1.28918606becd7p-22, 0x1.af631c2bdf77bp-26,
};

/// log((1+s)/(1-s)) = 2s + s^3 p(s^2) on |s| <= 3 - 2 sqrt(2); relative error 4.57e-18.
constexpr double kLog[7] = {
    0x1.5555555555558p-1, 0x1.9999999995223p-2, 0x1.2492492e03e8cp-2, 0x1.c71c62d0392bep-3,
    0x1.7462ba29223c4p-3, 0x1.39fdb9287acdep-3, 0x1.2b5fc026451fdp-3,
};

/// Mills ratio (1 - Phi(z)) / phi(z) on [0, 40], all positive; relative error 1.20e-16, beyond: -2.7e-12.
constexpr double kMillsNumerator[10] = {
    0x1.40d931ff62705p+0,  0x1.f1a2d973e69c6p+0,  0x1.7dc7d17fa266fp+0, 0x1.74293bc2cb46ap-1,
    0x1.f70b5753481d6p-3,  0x1.e6e6ba05b0453p-5,  0x1.51711fdd97154p-7, 0x1.440e19d193b11p-10,
    0x1.8a4be6a9ca1d8p-14, 0x1.d5f044f86a6e1p-19,
};

/// Denominator of the Mills ratio.
constexpr double kMillsDenominator[11] = {
    0x1.0000000000000p+0,  0x1.2ca845e53f7eep+1,  0x1.4832bf399a834p+1,  0x1.b7a0d3009a32fp+0,
    0x1.9158380fee331p-1,  0x1.05dfea6a2a0fcp-2,  0x1.f0f87b89dd5d1p-5,  0x1.5485b7a51a527p-7,
    0x1.44f911f4e1c94p-10, 0x1.8a4be6a9a6919p-14, 0x1.d5f044f86fd9fp-19,
};

/// Normal quantile at 1/2 + t: t N(v)/D(v), v = 0.425^2 - t^2, on |t| <= 0.425; relative error 9.29e-17.
constexpr double kInverseNumerator[8] = {
    0x1.b18d91e9eef75p+1,  0x1.0a4883c63cd9cp+7,  0x1.ece5bdd9f809cp+10, 0x1.ad1d6f253db6ep+13,
    0x1.66c3c31b6d733p+15, 0x1.06c19ebc3112bp+16, 0x1.052cf2a286074p+15, 0x1.39a244e9c9eacp+11,
};

/// Denominator of the normal quantile.
constexpr double kInverseDenominator[8] = {
    0x1.0000000000000p+0,  0x1.5281adb799fbbp+5,  0x1.5797e2cbe775cp+9,  0x1.51230d77d5d4ap+12,
    0x1.4b770ddfd2472p+14, 0x1.3317a1a651450p+15, 0x1.c0e406f42a6ddp+14, 0x1.46a79fe07134fp+12,
};

/// sin(2 pi f) = f p(f^2) on |f| <= 1/8; relative error 4.86e-17.
constexpr double kSine[8] = {
    0x1.921fb54442d18p+2, -0x1.4abbce625be53p+5, 0x1.466bc6775aad9p+6, -0x1.32d2cce62ac20p+6,
    0x1.50783485cb919p+5, -0x1.e3074b4f7c5b8p+3, 0x1.e8eed0cda0c4fp+1, -0x1.6c5b6873a23c1p-1,
};

/// cos(2 pi f) = 1 + f^2 q(f^2) on |f| <= 1/8; relative error 2.61e-17.
constexpr double kCosine[7] = {
    -0x1.3bd3cc9be45dep+4, 0x1.03c1f081b5ac0p+6, -0x1.55d3c7e3cb23fp+6, 0x1.e1f506868892bp+5,
    -0x1.a6d1eef42a83cp+4, 0x1.f9ce2409375f4p+2, -0x1.b2f3cadb06ab6p+0,
};

/// Phi(-z) exp(z^2/2) on [0, 64] in single precision, all positive; error 1.05e-08, relative error 9.24e-08.
constexpr float kScaledTailNumerator[5] = {
    0x1.000000p-1f, 0x1.d2c60ep-2f, 0x1.9221e8p-3f, 0x1.7153dcp-5f, 0x1.396dccp-8f,
};

/// Denominator of the scaled tail.
constexpr float kScaledTailDenominator[6] = {
    0x1.000000p+0f, 0x1.b5a53ep+0f, 0x1.41b8aep+0f, 0x1.021b22p-1f, 0x1.cee3e8p-4f, 0x1.88d308p-7f,
};

/// 2^f on |f| <= 1/2 in single precision; relative error 1.54e-08.
constexpr float kExp2Single[7] = {
    0x1.000000p+0f, 0x1.62e430p-1f,  0x1.ebfbdap-3f,  0x1.c6aed4p-5f,
    0x1.3b2dbcp-7f, 0x1.5f4582p-10f, 0x1.41d334p-13f,
};

}  // namespace
