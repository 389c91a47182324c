using System.Collections.Immutable;
using NodaTime.Text;
using RiskGrid.Model;
using static RiskGrid.Risk.Runs.FieldRules;

namespace RiskGrid.Risk.Runs;

/// <summary>What a run's spec must obey, and what it means where it is silent.</summary>
public static class RunSpecRules
{
    private const int MostPaths = 10_000_000;
    private const int MostContributors = 1_000;
    private const int MostDegreesOfFreedom = 1_000;
    private const int LongestHorizon = 250;
    private const int LongestWarmUp = 10_000;
    private const decimal LargestZ = 8;

    /// <summary>Checks a spec and fills in what it leaves to the defaults.</summary>
    /// <returns>An equal calculation, spelled out: the same for all spellings of it.</returns>
    /// <exception cref="ValidationException">A field breaks its rule; it is named as in <c>runs.proto</c>, with its parents
    /// (<c>var.monte_carlo.paths</c>).</exception>
    public static RunSpec Normalised(this RunSpec spec)
    {
        if (spec.Path is null || !spec.Path.StartsWith('/') || (spec.Path.Length > 1 && spec.Path.EndsWith('/')))
            throw new ValidationException("path", $"'{spec.Path}' is no path: it begins with / and ends without one");
        if (spec.SnapshotHash.Length > 0 && !(spec.SnapshotHash.Length == 64 && spec.SnapshotHash.All(char.IsAsciiHexDigitLower)))
            throw new ValidationException("snapshot_hash", "64 lower-case hexadecimal digits name a snapshot");
        if (spec.Market.Length > 0)
            Identifier("market", spec.Market);
        if (!double.IsFinite(spec.DeadlineSeconds) || spec.DeadlineSeconds < 0)
            throw new ValidationException("deadline_seconds", "a finite number of seconds, zero or more");
        Between("scenarios_per_shard", spec.ScenariosPerShard, 0, MostPaths);
        return spec with
        {
            DeadlineSeconds = 0.0 + spec.DeadlineSeconds,
            Kind = spec.Kind switch
            {
                PinSpec pin => pin,
                VarSpec var => Var(var),
                StressSpec stress => Stress(stress),
                ExplainSpec explain => Explain(explain),
                BacktestSpec backtest => Backtest(backtest),
                _ => throw new ValidationException("kind", "one of pin, var, stress, explain, backtest is needed"),
            },
        };
    }

    private static VarSpec Var(VarSpec spec)
    {
        if (spec.Method is null)
            throw new ValidationException("var.method", "one of historical, monte_carlo, parametric is needed");
        Rule("var.quantile_rule", spec.QuantileRule);
        Classes("var.factor_classes", spec.FactorClasses);
        Between("var.contributors", spec.Contributors, 0, MostContributors);
        Method(spec.Method);
        if (!spec.Z.IsEmpty && spec.Method is not ParametricMethod)
            throw new ValidationException("var.z", "a quantile of the normal stands in place of a confidence for the parametric method only");
        if (spec.Z.Any(z => z is <= 0 or > LargestZ))
            throw new ValidationException("var.z", $"a quantile of the normal lies above 0 and not above {LargestZ}");
        var horizons = spec.HorizonsDays.IsEmpty ? [1] : Few("var.horizons_days", spec.HorizonsDays);
        foreach (var days in horizons)
            Between("var.horizons_days", days, 1, LongestHorizon);
        return spec with
        {
            Confidences = Confidences("var.confidences", spec.Confidences, spec.Z.IsEmpty ? [0.975m, 0.99m] : []),
            HorizonsDays = [.. horizons.Order()],
            IntervalConfidence = Confidence("var.interval_confidence", spec.IntervalConfidence == 0 ? 0.95m : spec.IntervalConfidence),
            Z = [.. Few("var.z", [.. spec.Z.Select(Plain)]).Order()],
        };
    }

    private static void Method(VarMethod method)
    {
        var name = method switch { HistoricalMethod => "var.historical", MonteCarloMethod => "var.monte_carlo", _ => "var.parametric" };
        if (method is { From: { } from, To: { } to } && from > to)
            throw new ValidationException($"{name}.from", $"{LocalDatePattern.Iso.Format(from)} comes after the window's end {LocalDatePattern.Iso.Format(to)}");
        if (method.Decay is { } decay)
            Fraction($"{name}.decay", decay);
        if (method is HistoricalMethod { HullWhite: { } filter })
        {
            Fraction("var.historical.hull_white.decay", filter.Decay);
            Between("var.historical.hull_white.warm_up", filter.WarmUp, 2, LongestWarmUp);
        }

        if (method is not MonteCarloMethod draws)
            return;
        Between("var.monte_carlo.paths", draws.Paths, 1, MostPaths);
        if (draws.Antithetic && draws.Paths % 2 != 0)
            throw new ValidationException("var.monte_carlo.paths", $"{draws.Paths} paths are no antithetic pairs: an even number is needed");
        if (draws.DegreesOfFreedom != 0)
            Between("var.monte_carlo.degrees_of_freedom", draws.DegreesOfFreedom, 3, MostDegreesOfFreedom);
    }

    private static StressSpec Stress(StressSpec spec)
    {
        Classes("stress.factor_classes", spec.FactorClasses);
        foreach (var crisis in Few("stress.crises", spec.Crises))
            Identifier("stress.crises", crisis);
        foreach (var ladder in Few("stress.ladders", spec.Ladders))
        {
            Selector("stress.ladders.selector", ladder.Selector);
            Moves("stress.ladders.moves", ladder.Moves);
        }

        if (spec.Matrix is { } matrix)
        {
            Moves("stress.matrix.spot_moves", matrix.SpotMoves);
            Moves("stress.matrix.volatility_moves", matrix.VolatilityMoves);
            if (matrix.Selector.Length > 0)
                Selector("stress.matrix.selector", matrix.Selector);
        }

        if (spec.Crises.IsEmpty && !spec.AllCrises && spec.ScenariosJson.Length == 0 && spec.Ladders.IsEmpty && spec.Matrix is null)
            throw new ValidationException("stress", "no scenario is asked for: name crises, or give shocks, a ladder or a matrix");
        return spec with
        {
            Crises = spec.AllCrises ? [] : [.. spec.Crises.Order(StringComparer.Ordinal)],
            Matrix = spec.Matrix is { Selector.Length: 0 } whole ? whole with { Selector = "*" } : spec.Matrix,
        };
    }

    private static ExplainSpec Explain(ExplainSpec spec)
    {
        Identifier("explain.from_run", spec.FromRun);
        Identifier("explain.to_run", spec.ToRun);
        return spec;
    }

    private static BacktestSpec Backtest(BacktestSpec spec)
    {
        Rule("backtest.quantile_rule", spec.QuantileRule);
        var days = spec.Days == 0 ? BacktestDefaults.Days : spec.Days;
        var window = spec.Window == 0 ? BacktestDefaults.Window : spec.Window;
        Between("backtest.days", days, BacktestFinisher.LeastDays, MostPaths);
        Between("backtest.window", window, BacktestFinisher.LeastWindow, MostPaths);
        return spec with
        {
            Days = days,
            Window = window,
            Confidences = Confidences("backtest.confidences", spec.Confidences, [0.95m, 0.975m, 0.99m]),
        };
    }

    private static ImmutableArray<decimal> Confidences(string field, ImmutableArray<decimal> given, ImmutableArray<decimal> otherwise) =>
        [.. Few(field, [.. (given.IsEmpty ? otherwise : given).Select(c => Confidence(field, c))]).Order()];
}

/// <summary>What a backtest takes when it is not told.</summary>
internal static class BacktestDefaults
{
    // Four years of business days.
    public const int Days = 1_043;

    // One year of business days.
    public const int Window = 250;
}
