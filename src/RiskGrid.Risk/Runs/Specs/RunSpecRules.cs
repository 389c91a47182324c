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
    private const decimal DefaultInterval = 0.95m;

    /// <summary>Checks a spec and fills in what it leaves to the defaults.</summary>
    /// <returns>An equal calculation, spelled out: the same for all spellings of it.</returns>
    /// <exception cref="ValidationException">Fields break their rules, or have no effect; they are named as in <c>runs.proto</c>, with their
    /// parents (<c>var.monte_carlo.paths</c>).</exception>
    public static RunSpec Normalised(this RunSpec spec)
    {
        var all = new ValidationList();
        if (spec.Path is null || !spec.Path.StartsWith('/') || (spec.Path.Length > 1 && spec.Path.EndsWith('/')))
            all.Refuse("path", $"'{spec.Path}' is no path: it begins with / and ends without one");
        if (spec.SnapshotHash.Length > 0 && spec.Kind is ExplainSpec)
            all.Refuse("snapshot_hash", "an explain takes the markets of its two runs");
        else if (spec.SnapshotHash.Length > 0 && !(spec.SnapshotHash.Length == 64 && spec.SnapshotHash.All(char.IsAsciiHexDigitLower)))
            all.Refuse("snapshot_hash", "64 lower-case hexadecimal digits name a snapshot");
        if (spec.Market.Length > 0)
            all.Check(() => Identifier("market", spec.Market));
        if (!double.IsFinite(spec.DeadlineSeconds) || spec.DeadlineSeconds < 0)
            all.Refuse("deadline_seconds", "a finite number of seconds, zero or more");
        all.Check(() => Between("scenarios_per_shard", spec.ScenariosPerShard, 0, MostPaths));
        var kind = all.Check(() => Kind(spec.Kind), spec.Kind);
        all.Close();
        return spec with { DeadlineSeconds = 0.0 + spec.DeadlineSeconds, Kind = kind };
    }

    private static RunKind Kind(RunKind kind) => kind switch
    {
        PinSpec pin => pin,
        VarSpec var => Var(var),
        StressSpec stress => Stress(stress),
        ExplainSpec explain => Explain(explain),
        BacktestSpec backtest => Backtest(backtest),
        _ => throw new ValidationException("kind", "one of pin, var, stress, explain, backtest is needed"),
    };

    private static VarSpec Var(VarSpec spec)
    {
        if (spec.Method is null)
            throw new ValidationException("var.method", "one of historical, monte_carlo, parametric is needed");
        var all = new ValidationList();
        all.Check(() => Rule("var.quantile_rule", spec.QuantileRule));
        all.Check(() => Classes("var.factor_classes", spec.FactorClasses));
        all.Check(() => Between("var.contributors", spec.Contributors, 0, MostContributors));
        Method(all, spec.Method);
        if (spec.Method is ParametricMethod)
            WithoutEffect(all, spec);
        else if (!spec.Z.IsEmpty)
            all.Refuse("var.z", "a quantile of the normal stands in place of a confidence for the parametric method only");
        if (spec.Z.Any(z => z is <= 0 or > LargestZ))
            all.Refuse("var.z", $"a quantile of the normal lies above 0 and not above {LargestZ}");
        ImmutableArray<int> horizons = [1];
        all.Check(() =>
        {
            if (!spec.HorizonsDays.IsEmpty)
                horizons = Few("var.horizons_days", spec.HorizonsDays);
            foreach (var days in horizons)
                Between("var.horizons_days", days, 1, LongestHorizon);
        });
        var normalised = spec with
        {
            Confidences = all.Check(() => Confidences("var.confidences", spec.Confidences, spec.Z.IsEmpty ? [0.975m, 0.99m] : []), []),
            HorizonsDays = [.. horizons.Order()],
            IntervalConfidence = all.Check(
                () => Confidence("var.interval_confidence", spec.IntervalConfidence == 0 ? DefaultInterval : spec.IntervalConfidence), DefaultInterval),
            Z = [.. all.Check(() => Few("var.z", [.. spec.Z.Select(Plain)]), []).Order()],
        };
        all.Close();
        return normalised;
    }

    // A field without effect would be believed to have one. The default of the interval is what a spec without one is spelled out to.
    private static void WithoutEffect(ValidationList all, VarSpec spec)
    {
        void Refuse(string field, bool given)
        {
            if (given)
                all.Refuse(field, "it has no meaning for the parametric method");
        }

        Refuse("var.quantile_rule", spec.QuantileRule != QuantileRule.Floor);
        Refuse("var.interval_confidence", spec.IntervalConfidence is not (0 or DefaultInterval));
        Refuse("var.factor_classes", spec.FactorClasses != FactorClassMask.None);
        Refuse("var.incremental", spec.Incremental);
        Refuse("var.contributors", spec.Contributors != 0);
    }

    private static void Method(ValidationList all, VarMethod method)
    {
        var name = method switch { HistoricalMethod => "var.historical", MonteCarloMethod => "var.monte_carlo", _ => "var.parametric" };
        if (method is { From: { } from, To: { } to } && from > to)
            all.Refuse($"{name}.from", $"{LocalDatePattern.Iso.Format(from)} comes after the window's end {LocalDatePattern.Iso.Format(to)}");
        if (method.Decay is { } decay)
            all.Check(() => Fraction($"{name}.decay", decay));
        if (method is HistoricalMethod { HullWhite: { } filter })
        {
            all.Check(() => Fraction("var.historical.hull_white.decay", filter.Decay));
            all.Check(() => Between("var.historical.hull_white.warm_up", filter.WarmUp, 2, LongestWarmUp));
        }

        if (method is not MonteCarloMethod draws)
            return;
        all.Check(() => Between("var.monte_carlo.paths", draws.Paths, 1, MostPaths));
        if (draws.Antithetic && draws.Paths % 2 != 0)
            all.Refuse("var.monte_carlo.paths", $"{draws.Paths} paths are no antithetic pairs: an even number is needed");
        if (draws.DegreesOfFreedom != 0)
            all.Check(() => Between("var.monte_carlo.degrees_of_freedom", draws.DegreesOfFreedom, 3, MostDegreesOfFreedom));
    }

    private static StressSpec Stress(StressSpec spec)
    {
        var all = new ValidationList();
        all.Check(() => Classes("stress.factor_classes", spec.FactorClasses));
        foreach (var crisis in all.Check(() => Few("stress.crises", spec.Crises), []))
            all.Check(() => Identifier("stress.crises", crisis));
        foreach (var ladder in all.Check(() => Few("stress.ladders", spec.Ladders), []))
        {
            all.Check(() => Selector("stress.ladders.selector", ladder.Selector));
            all.Check(() => Moves("stress.ladders.moves", ladder.Moves));
        }

        if (spec.Matrix is { } matrix)
        {
            all.Check(() => Moves("stress.matrix.spot_moves", matrix.SpotMoves));
            all.Check(() => Moves("stress.matrix.volatility_moves", matrix.VolatilityMoves));
            if (matrix.Selector.Length > 0)
                all.Check(() => Selector("stress.matrix.selector", matrix.Selector));
        }

        if (spec.Crises.IsEmpty && !spec.AllCrises && spec.ScenariosJson.Length == 0 && spec.Ladders.IsEmpty && spec.Matrix is null)
            all.Refuse("stress", "no scenario is asked for: name crises, or give shocks, a ladder or a matrix");
        all.Close();
        return spec with
        {
            Crises = spec.AllCrises ? [] : [.. spec.Crises.Order(StringComparer.Ordinal)],
            Matrix = spec.Matrix is { Selector.Length: 0 } whole ? whole with { Selector = "*" } : spec.Matrix,
        };
    }

    private static ExplainSpec Explain(ExplainSpec spec)
    {
        var all = new ValidationList();
        all.Check(() => Identifier("explain.from_run", spec.FromRun));
        all.Check(() => Identifier("explain.to_run", spec.ToRun));
        all.Close();
        return spec;
    }

    private static BacktestSpec Backtest(BacktestSpec spec)
    {
        var all = new ValidationList();
        all.Check(() => Rule("backtest.quantile_rule", spec.QuantileRule));
        var days = spec.Days == 0 ? BacktestDefaults.Days : spec.Days;
        var window = spec.Window == 0 ? BacktestDefaults.Window : spec.Window;
        all.Check(() => Between("backtest.days", days, BacktestFinisher.LeastDays, MostPaths));
        all.Check(() => Between("backtest.window", window, BacktestFinisher.LeastWindow, MostPaths));
        var confidences = all.Check(() => Confidences("backtest.confidences", spec.Confidences, [0.95m, 0.975m, 0.99m]), []);
        all.Close();
        return spec with { Days = days, Window = window, Confidences = confidences };
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
