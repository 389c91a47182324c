using System.Collections.Immutable;
using System.Globalization;
using RiskGrid.Model;
using RiskGrid.Pricing;
using RiskGrid.Risk;
using RiskGrid.Risk.Runs;

namespace RiskGrid.Grains.Runs;

/// <summary>One leg's scenarios under its name.</summary>
internal readonly record struct NamedScenarios(string Name, ScenarioSet Scenarios);

/// <summary>One leg before its books are laid out.</summary>
internal sealed record RunLegPlan(
    string Name, ScenarioSet Scenarios, ImmutableArray<FactorClassMask> Masks, TailPlan Tails, bool KeepsVectors);

/// <summary>What scenarios are made from.</summary>
/// <param name="History">The history panel; null when the server has none.</param>
/// <param name="Drivers">The factors that move in history's scenarios.</param>
/// <param name="Snapshot">The frozen market.</param>
/// <param name="Sheets">The books.</param>
/// <param name="Options">How markets are read.</param>
internal sealed record RunMarket(
    HistoryPanel? History, ImmutableArray<FactorName> Drivers, MarketSnapshot Snapshot, IReadOnlyList<Sheet> Sheets, PricingOptions Options)
{
    /// <summary>The history panel.</summary>
    /// <exception cref="ValidationException">The server has none.</exception>
    public HistoryPanel RequiredHistory =>
        History ?? throw new ValidationException("spec", "this server has no history panel to make scenarios from: start it with one");
}

/// <summary>What a run computes.</summary>
internal sealed record RunPlan(RunTree Tree, ImmutableArray<RunLegPlan> Legs);

/// <summary>From a complete spec to legs of scenarios, and to what is kept of each.</summary>
internal static class RunPlans
{
    /// <summary>The scenario sets that a spec asks for.</summary>
    /// <exception cref="ValidationException">History or market do not allow them; the message names the factor or window.</exception>
    public static IReadOnlyList<NamedScenarios> Scenarios(RunSpec spec, RunMarket market) => spec.Kind switch
    {
        VarSpec { Method: ParametricMethod } var => [new NamedScenarios(BumpLeg, Bumps(var.Method, market))],
        VarSpec var => [.. var.HorizonsDays.Select(h => new NamedScenarios(VarLeg(h), Var(var.Method, h, market)))],
        StressSpec stress => [.. StressLegs.Of(stress, market)],
        BacktestSpec backtest => Backtest(backtest, market),
        PinSpec or ExplainSpec => [],
        _ => throw new ValidationException("spec", $"{spec.Kind.GetType().Name} is not computed by this server"),
    };

    /// <summary>The leg of the bumps from which sensitivities are read.</summary>
    public const string BumpLeg = "bumps";

    /// <summary>The days of history that a covariance is taken from.</summary>
    public static HistoricalOptions CovarianceWindow(VarMethod method) => new() { From = method.From, To = method.To, Decay = method.Decay };

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
            VarSpec { Method: not ParametricMethod } var => var.FactorClasses,
            StressSpec stress => stress.FactorClasses,
            _ => FactorClassMask.None,
        };
        var draws = kind as VarSpec is { Method: MonteCarloMethod } monteCarlo ? monteCarlo : null;
        return new RunLegPlan(
            leg.Name,
            leg.Scenarios,
            [FactorClassMask.All, .. FactorClasses.Each.Where(c => classes.HasFlag(c))],
            new TailPlan(tree, [.. FactorClasses.Spelled(classes)], leg.Scenarios.Count, draws is null ? leg.Scenarios.Count : Depth(draws, leg.Scenarios)),
            KeepsVectors: draws is null && leg.Scenarios is not BumpScenarioSet);
    }

    private static BumpScenarioSet Bumps(RunMarket market)
    {
        var directory = new FactorDirectory(market.Snapshot.Quotes.Keys);
        _ = market.RequiredHistory;
        return ScenarioSet.Bumps(market.Sheets.Select(s => new SheetBinding(s, directory, market.Options)), market.Drivers);
    }

    private static IReadOnlyList<NamedScenarios> Backtest(BacktestSpec spec, RunMarket market)
    {
        var days = ScenarioSet.Historical(market.RequiredHistory, market.Drivers);
        try
        {
            BacktestFinisher.RequireHistory(days.Count, spec.Days, spec.Window);
        }
        catch (ValidationException e)
        {
            throw new ValidationException("spec." + e.Field, e.Reason);
        }

        return [new NamedScenarios(VarLeg(1), days), new NamedScenarios(BumpLeg, Bumps(market))];
    }

    private static int Depth(VarSpec var, ScenarioSet scenarios) => TailDepth.Of(
        scenarios.Count, var.Confidences.AsSpan(), var.QuantileRule, var.IntervalConfidence, scenarios.IsAntithetic);

    // The bumps need no day; the covariance that goes with them is taken at the end, and an impossible window is refused at once.
    private static BumpScenarioSet Bumps(VarMethod method, RunMarket market)
    {
        var bumps = Bumps(market);
        Named(method, () => FactorCovariance.Of(ScenarioSet.Historical(market.RequiredHistory, bumps.Drivers, CovarianceWindow(method))));
        return bumps;
    }

    private static ScenarioSet Var(VarMethod method, int horizon, RunMarket market)
    {
        var history = market.RequiredHistory;
        return Named(method, () => Var(method, horizon, history, market.Drivers));
    }

    // Scenario sets speak of their own options.
    private static T Named<T>(VarMethod method, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ValidationException e)
        {
            var name = method switch { HistoricalMethod => "historical", MonteCarloMethod => "monte_carlo", _ => "parametric" };
            throw new ValidationException(e.Field == "from" ? $"spec.var.{name}.from" : $"spec.var.{name}", e.Reason);
        }
    }

    private static ScenarioSet Var(VarMethod method, int horizon, HistoryPanel history, ImmutableArray<FactorName> drivers) => method switch
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
}
