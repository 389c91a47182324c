using System.Collections.Immutable;
using RiskGrid.Model;
using RiskGrid.Pricing;

namespace RiskGrid.Risk;

/// <summary>How a shift of volatilities is meant.</summary>
internal enum VolatilityShiftKind
{
    /// <summary>σ' = σ·exp(shift).</summary>
    LogMultiplier,

    /// <summary>σ' = max(0, σ + shift), after all multipliers.</summary>
    Absolute,
}

/// <summary>A move of contracts' volatilities themselves.</summary>
internal sealed record VolatilityShift(FactorSelector Contracts, VolatilityShiftKind Kind);

/// <summary>What the rows of a set's blocks stand for: drivers first, then shifts of volatilities, then, when
/// <paramref name="othersStandStill"/>, a row of zeros for every factor that is not listed. Immutable, thread-safe.</summary>
internal sealed class ScenarioLayout(
    IEnumerable<FactorName> drivers, ScenarioRules rules, ImmutableArray<VolatilityShift> volatilityShifts, bool othersStandStill)
{
    public ScenarioLayout(IEnumerable<FactorName> drivers)
        : this(drivers, ScenarioRules.VixConstantMoneyness, [], othersStandStill: false)
    {
    }

    public ImmutableArray<FactorName> Drivers { get; } = [.. drivers.Distinct().Order()];

    public ScenarioRules Rules => rules;

    public ImmutableArray<VolatilityShift> VolatilityShifts => volatilityShifts;

    public bool OthersStandStill => othersStandStill;

    public int Rows => Drivers.Length + volatilityShifts.Length + (othersStandStill ? 1 : 0);

    public int StillRow => Drivers.Length + volatilityShifts.Length;

    /// <summary>The zero curves and FX rates among the drivers.</summary>
    public FactorDirectory Directory { get => field ??= new FactorDirectory(Drivers); }

    /// <summary>The position of a driver, negative when the factor is none.</summary>
    public int IndexOf(FactorName factor) => Drivers.BinarySearch(factor);

    /// <summary>The row that moves a factor; null when the set leaves it open how the factor moves.</summary>
    public int? RowOf(FactorName factor)
    {
        var index = IndexOf(factor);
        if (index >= 0)
            return index;
        return othersStandStill ? StillRow : null;
    }

    public int ShiftRow(int shift) => Drivers.Length + shift;

    public FactorClassMask ClassOf(int row) => row < Drivers.Length ? FactorClasses.Of(Drivers[row]) : FactorClassMask.Volatility;

    public bool Fits(ScenarioLayout other) =>
        ReferenceEquals(this, other)
        || (rules == other.Rules && othersStandStill == other.OthersStandStill && Drivers.SequenceEqual(other.Drivers)
            && volatilityShifts.SequenceEqual(other.VolatilityShifts));
}
