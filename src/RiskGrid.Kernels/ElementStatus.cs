namespace RiskGrid.Kernels;

/// <summary>Whether an element of a batch was computed, or why it was refused; a refused element's outputs are
/// <see cref="double.NaN"/>. The first reason in the order side, finiteness, then the inputs in their order, is told.</summary>
public enum ElementStatus : byte
{
    /// <summary>Computed.</summary>
    Ok = 0,

    /// <summary>An input, or a result, is NaN or infinite.</summary>
    NotFinite = 1,

    /// <summary>The time to expiry is below zero.</summary>
    NegativeTime = 2,

    /// <summary>The volatility is below zero.</summary>
    NegativeVolatility = 3,

    /// <summary>The spot is zero or below.</summary>
    NonPositiveSpot = 4,

    /// <summary>The strike is zero or below.</summary>
    NonPositiveStrike = 5,

    /// <summary>The side is neither call nor put.</summary>
    BadSide = 6,

    /// <summary>The forward is zero or below.</summary>
    NonPositiveForward = 7,

    /// <summary>The discount factor is zero or below.</summary>
    NonPositiveDiscount = 8,

    /// <summary>The price is below the discounted intrinsic value: no volatility implies it.</summary>
    BelowIntrinsic = 9,

    /// <summary>The price is not below its limit (discounted forward for a call, discounted strike for a put).</summary>
    AboveMaximum = 10,

    /// <summary>An implied volatility was asked for with no time left.</summary>
    NonPositiveTime = 11,
}
