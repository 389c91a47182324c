using System.Collections.Immutable;
using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>How far drivers are bumped.</summary>
/// <param name="Price">Log return of prices and FX rates.</param>
/// <param name="VolatilityIndex">Log return of the volatility index.</param>
/// <param name="ZeroRate">Absolute change of zero rates.</param>
/// <remarks>Central differences: with h the step and s = σ√T of an option, a first derivative is off by about h²/(6s²) of the second
/// derivative's scale, a second one by about h²/(12s²) of itself, besides rounding of about 1e-16 of the value over h². The default of a
/// tenth of a percent gives 0.01 % at s = 3 % and keeps rounding near 1e-9 of a value.</remarks>
public sealed record BumpSteps(double Price = 1e-3, double VolatilityIndex = 1e-2, double ZeroRate = 1e-4)
{
    internal double Of(FactorName driver) =>
        driver == ScenarioDrivers.VolatilityIndex ? VolatilityIndex : ShiftKinds.Of(driver) == ShiftKind.Absolute ? ZeroRate : Price;

    internal void Check()
    {
        foreach (var step in (ReadOnlySpan<double>)[Price, VolatilityIndex, ZeroRate])
        {
            if (step is not (> 0 and <= 0.5))
                throw new ValidationException("steps", $"a step lies above 0 and at most at 0.5; {step:R} does not");
        }
    }
}

/// <summary>Small moves of single drivers and of pairs, from which sensitivities are read: full revaluation by the one path. Immutable,
/// thread-safe.</summary>
/// <remarks>Scenarios 2d and 2d + 1 move driver d by +h and −h; after these, pair p has four: (+, +), (+, −), (−, +), (−, −). The moves are in
/// the units of all scenarios, log returns or absolute changes, so that P&amp;L ≈ δ'x + ½x'Γx for a move x.</remarks>
public sealed class BumpScenarioSet : ScenarioSet
{
    internal const string Generator = "bumps";
    private const int Version = 1;

    internal BumpScenarioSet(IEnumerable<FactorName> drivers, IEnumerable<(FactorName First, FactorName Second)> pairs, BumpSteps steps, ScenarioRules rules)
        : this(new ScenarioLayout(drivers, rules, [], othersStandStill: false), pairs, steps)
    {
    }

    private BumpScenarioSet(ScenarioLayout layout, IEnumerable<(FactorName First, FactorName Second)> pairs, BumpSteps steps)
        : this(layout, Positions(layout, pairs), steps)
    {
    }

    private BumpScenarioSet(ScenarioLayout layout, ImmutableArray<(int First, int Second)> pairs, BumpSteps steps)
        : base(SpecOf(layout, pairs, steps), layout)
    {
        steps.Check();
        Pairs = pairs;
        Steps = steps;
    }

    /// <inheritdoc/>
    public override int Count => (2 * Drivers.Length) + (4 * Pairs.Length);

    /// <summary>The pairs of drivers that are bumped together, by position, the first below the second; in order.</summary>
    public ImmutableArray<(int First, int Second)> Pairs { get; }

    /// <summary>How far.</summary>
    public BumpSteps Steps { get; }

    /// <summary>First and second derivatives of a node from its P&amp;L vector over this set.</summary>
    /// <exception cref="ArgumentException">The vector's length is not <see cref="Count"/>.</exception>
    public FactorSensitivities Sensitivities(ReadOnlySpan<double> pnl)
    {
        if (pnl.Length != Count)
            throw new ArgumentException($"the vector holds {pnl.Length} elements and must hold {Count}", nameof(pnl));
        var n = Drivers.Length;
        var delta = new double[n];
        var gamma = ImmutableArray.CreateBuilder<FactorGamma>(n + Pairs.Length);
        for (var d = 0; d < n; d++)
        {
            var step = Steps.Of(Drivers[d]);
            delta[d] = (pnl[2 * d] - pnl[(2 * d) + 1]) / (2 * step);
            gamma.Add(new FactorGamma(d, d, (pnl[2 * d] + pnl[(2 * d) + 1]) / (step * step)));
        }

        for (var p = 0; p < Pairs.Length; p++)
        {
            var (first, second) = Pairs[p];
            var corner = pnl.Slice((2 * n) + (4 * p), 4);
            var cross = (corner[0] - corner[1] - (corner[2] - corner[3])) / (4 * Steps.Of(Drivers[first]) * Steps.Of(Drivers[second]));
            gamma.Add(new FactorGamma(first, second, cross));
        }

        return new FactorSensitivities(Drivers, [.. delta], gamma.ToImmutable());
    }

    private protected override string Name(int scenario)
    {
        if (scenario < 2 * Drivers.Length)
            return $"{Drivers[scenario / 2]} {"+-"[scenario % 2]}";
        var (first, second) = Pairs[(scenario - (2 * Drivers.Length)) / 4];
        var corner = (scenario - (2 * Drivers.Length)) % 4;
        return $"{Drivers[first]} {"+-"[corner / 2]}, {Drivers[second]} {"+-"[corner % 2]}";
    }

    private protected override ScenarioBlock Make(int first, int count)
    {
        var moves = new double[Layout.Rows * count];
        for (var s = 0; s < count; s++)
        {
            var scenario = first + s;
            if (scenario < 2 * Drivers.Length)
            {
                Bump(scenario / 2, scenario % 2);
                continue;
            }

            var (one, other) = Pairs[(scenario - (2 * Drivers.Length)) / 4];
            var corner = (scenario - (2 * Drivers.Length)) % 4;
            Bump(one, corner / 2);
            Bump(other, corner % 2);

            void Bump(int driver, int down) => moves[(driver * count) + s] = (down == 0 ? 1 : -1) * Steps.Of(Drivers[driver]);
        }

        return new ScenarioBlock(Layout, count, moves);
    }

    private static ImmutableArray<(int First, int Second)> Positions(ScenarioLayout layout, IEnumerable<(FactorName First, FactorName Second)> pairs)
    {
        int Position(FactorName factor) => layout.IndexOf(factor) is var index and >= 0
            ? index
            : throw new ValidationException("pairs", $"{factor} is not one of the drivers");
        return [.. pairs.Select(p => (Position(p.First), Position(p.Second)))
            .Where(p => p.Item1 != p.Item2)
            .Select(p => (Math.Min(p.Item1, p.Item2), Math.Max(p.Item1, p.Item2)))
            .Distinct()
            .Order()];
    }

    private static string SpecOf(ScenarioLayout layout, ImmutableArray<(int First, int Second)> pairs, BumpSteps steps)
    {
        if (layout.Drivers.IsEmpty)
            throw new ValidationException("drivers", "a scenario set needs at least one driver");
        return CanonicalJson.Write(json =>
        {
            json.WriteString("generator", Generator);
            json.WriteStartArray("pairs");
            foreach (var (first, second) in pairs)
            {
                json.WriteStartArray();
                json.WriteNumberValue(first);
                json.WriteNumberValue(second);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteString("rules", ScenarioRulesNames.Spelled(layout.Rules));
            CanonicalJson.WriteShifts(json, layout.Drivers);
            json.WriteStartObject("steps");
            json.WriteNumber("price", steps.Price);
            json.WriteNumber("volatility_index", steps.VolatilityIndex);
            json.WriteNumber("zero_rate", steps.ZeroRate);
            json.WriteEndObject();
            json.WriteNumber("version", Version);
        });
    }
}
