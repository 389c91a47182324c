using System.Collections.Immutable;
using System.Globalization;
using RiskGrid.Model;
using RiskGrid.Risk;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Grains.Runs;

/// <summary>One leg's scenarios under its name.</summary>
internal readonly record struct NamedScenarios(string Name, ScenarioSet Scenarios);

/// <summary>One leg before its books are laid out.</summary>
internal sealed record RunLegPlan(
    string Name, ScenarioSet Scenarios, ImmutableArray<FactorClassMask> Masks, TailPlan Tails, bool KeepsVectors);

/// <summary>What a run computes.</summary>
internal sealed record RunPlan(RunTree Tree, ImmutableArray<RunLegPlan> Legs);

/// <summary>From a complete spec to legs of scenarios, and to what is kept of each.</summary>
internal static class RunPlans
{
    /// <summary>The scenario sets that a spec asks for.</summary>
    /// <exception cref="ValidationException">The history does not allow them; the message names the factor or window.</exception>
    public static IReadOnlyList<NamedScenarios> Scenarios(RunSpec spec, HistoryPanel? history, IReadOnlyList<FactorName> drivers) => spec.Kind switch
    {
        VarSpec var => [.. var.HorizonsDays.Select(h => new NamedScenarios(VarLeg(h), Var(var.Method, h, Required(history), drivers)))],
        PinSpec => [],
        _ => throw new ValidationException("spec", $"{spec.Kind.GetType().Name} is not computed by this server"),
    };

    /// <summary>The name of the leg of a horizon.</summary>
    public static string VarLeg(int days) => string.Create(CultureInfo.InvariantCulture, $"{days}d");

    /// <summary>The nodes, and what is kept of each leg.</summary>
    /// <param name="spec">A complete spec.</param>
    /// <param name="hierarchy">The frozen hierarchy; it has the spec's path.</param>
    /// <param name="legs">The sets of <see cref="Scenarios"/>.</param>
    public static RunPlan Of(RunSpec spec, Hierarchy hierarchy, IReadOnlyList<NamedScenarios> legs)
    {
        var tree = RunTree.Of(hierarchy, spec.Path, withoutChildren: spec.Kind is VarSpec { Incremental: true });
        return new RunPlan(tree, [.. legs.Select(l => Leg(spec.Kind, tree, l))]);
    }

    private static RunLegPlan Leg(RunKind kind, RunTree tree, NamedScenarios leg)
    {
        var classes = kind switch
        {
            VarSpec var => var.FactorClasses,
            StressSpec stress => stress.FactorClasses,
            _ => FactorClassMask.None,
        };
        var draws = kind as VarSpec is { Method: MonteCarloMethod } monteCarlo ? monteCarlo : null;
        return new RunLegPlan(
            leg.Name,
            leg.Scenarios,
            [FactorClassMask.All, .. FactorClasses.Each.Where(c => classes.HasFlag(c))],
            new TailPlan(tree, [.. FactorClasses.Spelled(classes)], leg.Scenarios.Count, draws is null ? leg.Scenarios.Count : Depth(draws, leg.Scenarios)),
            KeepsVectors: draws is null);
    }

    private static int Depth(VarSpec var, ScenarioSet scenarios) => TailDepth.Of(
        scenarios.Count, var.Confidences.AsSpan(), var.QuantileRule, var.IntervalConfidence, scenarios.IsAntithetic);

    private static ScenarioSet Var(VarMethod method, int horizon, HistoryPanel history, IReadOnlyList<FactorName> drivers) => method switch
    {
        HistoricalMethod historical => ScenarioSet.Historical(history, drivers, new HistoricalOptions
        {
            From = historical.From,
            To = historical.To,
            HorizonDays = horizon,
            Decay = historical.Decay,
            Filter = historical.HullWhite is { } f ? new VolatilityFilter(f.Decay, f.WarmUp) : null,
        }),
        MonteCarloMethod draws => ScenarioSet.MonteCarlo(history, drivers, new MonteCarloOptions
        {
            Paths = draws.Paths,
            Seed = draws.Seed,
            DegreesOfFreedom = draws.DegreesOfFreedom == 0 ? null : draws.DegreesOfFreedom,
            Antithetic = draws.Antithetic,
            HorizonDays = horizon,
            Decay = draws.Decay,
            From = draws.From,
            To = draws.To,
        }),
        _ => throw new ValidationException("spec.var.method", $"{method.GetType().Name} is not computed by this server"),
    };

    private static HistoryPanel Required(HistoryPanel? history) =>
        history ?? throw new ValidationException("spec", "this server has no history panel to make scenarios from: start it with one");
}
