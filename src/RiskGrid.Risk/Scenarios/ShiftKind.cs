using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>How a factor moves in a scenario.</summary>
public enum ShiftKind
{
    /// <summary>By a log return: level' = level·exp(move). Prices, indices and FX rates.</summary>
    LogReturn,

    /// <summary>By an absolute change: level' = level + move. Zero rates.</summary>
    Absolute,
}

/// <summary>The registry of how each class of factor moves.</summary>
public static class ShiftKinds
{
    /// <summary>The kind of a factor's move.</summary>
    /// <exception cref="ValidationException">The factor's class is frozen in scenarios: dividend yields, smile slopes, half-spreads; or it
    /// moves by a rule of its own: volatilities follow the volatility index.</exception>
    public static ShiftKind Of(FactorName factor) => factor.Class switch
    {
        FactorClass.Equity or FactorClass.Index or FactorClass.Commodity or FactorClass.Fx => ShiftKind.LogReturn,
        FactorClass.Zero => ShiftKind.Absolute,
        _ => throw new ValidationException("factor", $"{factor} drives no scenario"),
    };

    internal static string Spelled(ShiftKind kind) => kind == ShiftKind.LogReturn ? "log_return" : "absolute";
}
