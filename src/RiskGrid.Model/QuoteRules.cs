namespace RiskGrid.Model;

/// <summary>Which values a factor of each class may take.</summary>
public static class QuoteRules
{
    /// <summary>Largest price, half-spread included: with <see cref="TradeTerms.MaxQuantity"/> no product leaves the range of a double.</summary>
    public const double MaxPrice = 1e15;

    /// <summary>Steepest smile slope ∂lnσ/∂ln(K/F), either way.</summary>
    public const double MaxSkew = 100;

    /// <summary>Null when the value is allowed, otherwise the reason why not.</summary>
    public static string? Violation(FactorClass factorClass, double value)
    {
        if (!double.IsFinite(value))
            return "value must be a finite number";
        return factorClass switch
        {
            FactorClass.Equity or FactorClass.Index or FactorClass.Fx or FactorClass.Commodity or FactorClass.HalfSpread when Math.Abs(value) > MaxPrice =>
                $"a price is at most {MaxPrice:E0}, not {value}",
            FactorClass.Equity or FactorClass.Index or FactorClass.Fx when value <= 0 => $"a price must be above zero, not {value}",
            FactorClass.Volatility when value is <= 0 or > 100 => $"a volatility is a decimal above 0 and at most 100, not {value}",
            FactorClass.HalfSpread when value < 0 => $"a half-spread must not be negative, not {value}",
            FactorClass.Zero or FactorClass.DividendYield when value is < -1 or > 1 => $"a rate is a decimal between -1 and 1, not {value}",
            FactorClass.Skew when Math.Abs(value) > MaxSkew => $"a smile's slope is at most {MaxSkew} either way, not {value}",
            _ => null,
        };
    }
}
