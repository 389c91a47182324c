using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>The classes of factors that a P&amp;L is split into.</summary>
[Flags]
public enum FactorClassMask
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>Prices: <c>EQ</c>, <c>CMD</c> and <c>IDX</c> other than the volatility index.</summary>
    Spot = 1,

    /// <summary>The volatility index and shifts of volatilities themselves.</summary>
    Volatility = 2,

    /// <summary>Zero rates: <c>ZC</c>.</summary>
    Rates = 4,

    /// <summary>Exchange rates: <c>FX</c>.</summary>
    Fx = 8,

    /// <summary>All of them.</summary>
    All = Spot | Volatility | Rates | Fx,
}

/// <summary>Which class a factor belongs to, and how the classes are spelled.</summary>
public static class FactorClasses
{
    private static readonly (FactorClassMask Class, string Name)[] Names =
    [
        (FactorClassMask.Fx, "fx"), (FactorClassMask.Rates, "rates"), (FactorClassMask.Spot, "spot"), (FactorClassMask.Volatility, "volatility"),
    ];

    /// <summary>The single classes in ordinal order of their names: <c>fx</c>, <c>rates</c>, <c>spot</c>, <c>volatility</c>.</summary>
    public static IEnumerable<FactorClassMask> Each => Names.Select(n => n.Class);

    /// <summary>The class of a factor that moves in scenarios.</summary>
    /// <exception cref="ValidationException">The factor drives no scenario.</exception>
    public static FactorClassMask Of(FactorName factor) => factor.Class switch
    {
        FactorClass.Equity or FactorClass.Commodity => FactorClassMask.Spot,
        FactorClass.Index => factor == ScenarioDrivers.VolatilityIndex ? FactorClassMask.Volatility : FactorClassMask.Spot,
        FactorClass.Volatility => FactorClassMask.Volatility,
        FactorClass.Zero => FactorClassMask.Rates,
        FactorClass.Fx => FactorClassMask.Fx,
        _ => throw new ValidationException("factor", $"{factor} drives no scenario"),
    };

    /// <summary>The names of the classes in a mask, in ordinal order.</summary>
    public static IEnumerable<string> Spelled(FactorClassMask classes) => Names.Where(n => classes.HasFlag(n.Class)).Select(n => n.Name);

    /// <summary>The class with this name.</summary>
    /// <exception cref="ValidationException">There is none.</exception>
    public static FactorClassMask Parse(string name)
    {
        foreach (var (factorClass, spelled) in Names)
        {
            if (spelled == name)
                return factorClass;
        }

        throw new ValidationException("class", $"'{name}' is not one of {string.Join(", ", Names.Select(n => n.Name))}");
    }
}
