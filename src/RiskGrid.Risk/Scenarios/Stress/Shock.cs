using System.Collections.Immutable;

namespace RiskGrid.Risk;

/// <summary>How a shock's value is meant.</summary>
public enum ShockKind
{
    /// <summary>level' = level·(1 + value).</summary>
    Relative,

    /// <summary>level' = level + value, in the factor's own unit.</summary>
    Absolute,
}

/// <summary>What a curve's shock is at one tenor.</summary>
/// <param name="Tenor">As pillars are named: <c>3M</c>, <c>5Y</c>.</param>
/// <param name="Value">The shock there.</param>
public sealed record CurvePoint(string Tenor, double Value);

/// <summary>One move of what a selector names.</summary>
/// <param name="Selector">A factor, a wildcard or a class.</param>
/// <param name="Kind">Relative or absolute.</param>
/// <param name="Value">A decimal: −0.2 is down by a fifth, or by 0.2 of the factor's unit. Not read where there are <see cref="Points"/>.</param>
public sealed record Shock(FactorSelector Selector, ShockKind Kind, double Value)
{
    /// <summary>A move of zero rates that depends on the tenor: linear in time between the points, flat outside them. Empty for a move that is
    /// the same for all factors selected.</summary>
    public ImmutableArray<CurvePoint> Points { get; init; } = [];

    /// <summary>A relative move.</summary>
    public static Shock Relative(string selector, double value) => new(FactorSelector.Parse(selector), ShockKind.Relative, value);

    /// <summary>An absolute move.</summary>
    public static Shock Absolute(string selector, double value) => new(FactorSelector.Parse(selector), ShockKind.Absolute, value);

    /// <summary>An absolute move of zero rates by tenor.</summary>
    public static Shock Curve(string selector, params IEnumerable<CurvePoint> points) =>
        new(FactorSelector.Parse(selector), ShockKind.Absolute, 0) { Points = [.. points] };
}

/// <summary>One scenario somebody made up: shocks applied one after the other, each to what the ones before it left.</summary>
/// <param name="Name">Names it within its set.</param>
/// <param name="Shocks">The moves; none for a market that stands still.</param>
public sealed record NamedScenario(string Name, ImmutableArray<Shock> Shocks)
{
    /// <summary>What it stands for, for readers; not part of a set's hash.</summary>
    public string Description { get; init; } = string.Empty;
}
