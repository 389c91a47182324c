// Written by native/derive/coefficients.py; do not edit. Coefficients run from the constant term up.
#pragma once

namespace {

/// exp(r) = 1 + r + r^2 p(r) on |r| <= ln(2)/2; relative error 1.70e-17.
constexpr double kExp[10] = {
    0x1.0000000000001p-1,
    0x1.5555555555558p-3,
    0x1.5555555553d62p-5,
    0x1.111111110f80cp-7,
    0x1.6c16c1788c026p-10,
    0x1.a01a01b0086cbp-13,
    0x1.a019b90c949b6p-16,
    0x1.71ddf6bcfa273p-19,
    0x1.28918606becd7p-22,
    0x1.af631c2bdf77bp-26,
};

/// log((1+s)/(1-s)) = 2s + s^3 p(s^2) on |s| <= 3 - 2 sqrt(2); relative error 4.57e-18.
constexpr double kLog[7] = {
    0x1.5555555555558p-1,
    0x1.9999999995223p-2,
    0x1.2492492e03e8cp-2,
    0x1.c71c62d0392bep-3,
    0x1.7462ba29223c4p-3,
    0x1.39fdb9287acdep-3,
    0x1.2b5fc026451fdp-3,
};

/// Mills ratio (1 - Phi(z)) / phi(z) on z >= 0, all positive; relative error 4.58e-16.
constexpr double kMillsNumerator[10] = {
    0x1.40d931ff62703p+0,
    0x1.01715f02ada75p+1,
    0x1.973b0f6e10dc9p+0,
    0x1.991c344f14e27p-1,
    0x1.1d3bb173db214p-2,
    0x1.1d5bd884861d5p-4,
    0x1.99fe3fc394f2dp-7,
    0x1.99c58100d6a04p-10,
    0x1.04fa35008461cp-13,
    0x1.48cc1729e91b3p-18,
};

/// Denominator of the Mills ratio.
constexpr double kMillsDenominator[11] = {
    0x1.0000000000000p+0,
    0x1.3389f59aa0ad2p+1,
    0x1.57d79325734acp+1,
    0x1.d87380794f7c7p+0,
    0x1.bb3457451e433p-1,
    0x1.29ca64cebbca8p-2,
    0x1.23b8a82996966p-4,
    0x1.9e1228976aa4cp-7,
    0x1.9b0e4d1802c8cp-10,
    0x1.04fa350084568p-13,
    0x1.48cc1729e91b5p-18,
};

/// Normal quantile at 1/2 + t: t N(t^2)/D(t^2) on |t| <= 0.425; relative error 1.95e-14.
constexpr double kInverseNumerator[8] = {
    0x1.40d931ff62706p+1,
    -0x1.38345cab3cb56p+5,
    0x1.e75f8bd69d764p+7,
    -0x1.83ac617991d87p+9,
    0x1.489240e095fa5p+10,
    -0x1.17d41d6775231p+10,
    0x1.856bf71833502p+8,
    -0x1.ab2671547c171p+4,
};

/// Denominator of the normal quantile.
constexpr double kInverseDenominator[8] = {
    0x1.0000000000000p+0,
    -0x1.09dbbc525e530p+4,
    0x1.c141eb21903f7p+6,
    -0x1.8aeb4027097d3p+8,
    0x1.7e29cf8afebe5p+9,
    -0x1.89bd1b8c972b7p+9,
    0x1.77f250e22c457p+8,
    -0x1.bcdd237b993b2p+5,
};

}  // namespace
