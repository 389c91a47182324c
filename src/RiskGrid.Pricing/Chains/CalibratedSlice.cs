using NodaTime;

namespace RiskGrid.Pricing.Chains;

/// <summary>One (root, expiry date) of a calibrated chain: its forward, its discount factor and how well both are known.</summary>
public sealed record CalibratedSlice
{
    /// <summary>The class of contracts: <c>SPX</c> or <c>SPXW</c>.</summary>
    public required string Root { get; init; }

    /// <summary>Civil date and time of expiry in New York.</summary>
    public required LocalDateTime Expiry { get; init; }

    /// <summary>Names the slice: <c>SPXW.2026-02-20</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Years from the chain's as-of time to expiry.</summary>
    public required double Time { get; init; }

    /// <summary>Forward in price points.</summary>
    public required double Forward { get; init; }

    /// <summary>Standard error of the forward in price points; NaN when interpolated.</summary>
    public required double ForwardError { get; init; }

    /// <summary>Discount factor to expiry, from the fitted curve.</summary>
    public required double Discount { get; init; }

    /// <summary>Zero rate to expiry from the fitted curve, continuously compounded, per year.</summary>
    public required double Zero { get; init; }

    /// <summary>Continuous dividend yield per year: forward = spot·exp((zero − yield)·time).</summary>
    public required double DividendYield { get; init; }

    /// <summary>κ = ∂lnσ/∂ln(K/F) at the forward.</summary>
    public required double Skew { get; init; }

    /// <summary>The number of strikes at which call and put both have a sound two-sided quote.</summary>
    public required int Pairs { get; init; }

    /// <summary>The zero rate that the slice's own pairs imply; NaN with too few of them.</summary>
    public required double ImpliedZero { get; init; }

    /// <summary>Standard error of <see cref="ImpliedZero"/>; NaN with too few pairs.</summary>
    public required double ImpliedZeroError { get; init; }

    /// <summary>True when the forward comes from its neighbours' carry.</summary>
    public required bool CarryInterpolated { get; init; }

    /// <summary>True when the smile comes from its neighbours, linear in total variance.</summary>
    public required bool SmileInterpolated { get; init; }
}
