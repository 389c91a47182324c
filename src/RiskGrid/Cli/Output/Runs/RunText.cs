using System.Globalization;
using RiskGrid.Protocol.Mapping;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Output.Runs;

/// <summary>How a run and its parts are named to people.</summary>
internal static class RunText
{
    // Enough of a hash to tell two apart by eye.
    private const int HashShown = 12;

    /// <summary><c>var</c>, <c>stress</c>, <c>explain</c>, <c>backtest</c> or <c>pin</c>.</summary>
    public static string Kind(RunSpec? spec) => spec?.KindCase switch
    {
        RunSpec.KindOneofCase.Var => "var",
        RunSpec.KindOneofCase.Stress => "stress",
        RunSpec.KindOneofCase.Explain => "explain",
        RunSpec.KindOneofCase.Backtest => "backtest",
        RunSpec.KindOneofCase.Pin => "pin",
        _ => "unknown",
    };

    /// <summary>Kind and method in a few words: <c>Monte Carlo VaR</c>.</summary>
    public static string Title(RunSpec? spec) => spec switch
    {
        { Var.MethodCase: VarSpec.MethodOneofCase.Historical } => spec.Var.Historical.HullWhite is not null ? "filtered historical VaR" : "historical VaR",
        { Var.MethodCase: VarSpec.MethodOneofCase.MonteCarlo } => "Monte Carlo VaR",
        { Var.MethodCase: VarSpec.MethodOneofCase.Parametric } => "parametric VaR",
        { Stress: not null } => "stress",
        { Explain: not null } => "P&L explain",
        { Backtest: not null } => "backtest",
        { Pin: not null } => "pinned inputs",
        _ => "run",
    };

    /// <summary><c>finished</c>.</summary>
    public static string State(RunState state) => state.ToString().ToLowerInvariant();

    /// <summary>A probability in percent: <c>97.5 %</c>.</summary>
    public static string Percent(string exact) =>
        decimal.TryParse(exact, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? string.Create(CultureInfo.InvariantCulture, $"{value * 100:0.####################} %")
            : exact;

    /// <summary>The nodes of a result at most so many levels below its scope; all below 0.</summary>
    public static IReadOnlyList<NodeRisk> Within(Run run, int depth)
    {
        var nodes = run.Result?.Nodes ?? [];
        return nodes.Count == 0 || depth < 0 ? nodes : [.. nodes.Where(n => Level(n.Path) - Level(nodes[0].Path) <= depth)];
    }

    /// <summary>A run's failure with its reasons by field.</summary>
    public static string Failure(Run run) => run switch
    {
        { State: RunState.Cancelled, Error.Message: not ("" or "cancelled") } => $"{run.RunId} was cancelled: {run.Error.Message}",
        { State: RunState.Cancelled } => $"{run.RunId} was cancelled",
        { Error.Fields.Count: > 0 } => $"{run.RunId} failed: {string.Join("; ", run.Error.Fields.Select(f => $"{f.Field}: {f.Reason}"))}",
        { Error: not null } => $"{run.RunId} failed: {run.Error.Message}",
        _ => $"{run.RunId} failed",
    };

    /// <summary>What the numbers do not cover, trade by trade as far as they are named.</summary>
    public static IEnumerable<string> Coverage(NodeRisk node)
    {
        if (node.Failure.Length > 0)
            yield return $"{node.Path} has no numbers: {node.Failure}.";
        else if (node.Coverage is { Trades: 0 })
            yield return $"{node.Path} holds no trade: every number is zero.";
        if (node.Coverage is not { Missing: > 0 } coverage)
            yield break;
        yield return string.Create(CultureInfo.InvariantCulture, $"{coverage.Missing:N0} of {coverage.Trades:N0} trades of {node.Path} are not in these numbers:");
        foreach (var failure in coverage.Failures)
            yield return $"  {failure.TradeId}: {failure.Reason}";
        if (coverage.Missing > coverage.Failures.Count)
            yield return string.Create(CultureInfo.InvariantCulture, $"  ... and {coverage.Missing - coverage.Failures.Count:N0} more.");
    }

    /// <summary>What was computed from what, how long it took, and how to have it again.</summary>
    public static IEnumerable<string> Footer(Run run)
    {
        foreach (var leg in run.Result?.Legs ?? [])
            yield return Leg(leg);
        if (run.Inputs is { } inputs)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{inputs.Trades:N0} trades in {inputs.BookSequences.Count:N0} books of {inputs.Scope}, hierarchy {inputs.HierarchyVersion}, {Market(inputs)}, snapshot {Short(inputs.SnapshotHash)}.");
        }

        if (run.Progress is { } progress)
        {
            var work = progress.RevaluationsDone > 0
                ? string.Create(CultureInfo.InvariantCulture, $", {progress.RevaluationsDone:N0} revaluations ({progress.PricingSeconds:N2} s of pricing threads)")
                : string.Empty;
            var resumed = progress.ItemsResumed > 0 ? string.Create(CultureInfo.InvariantCulture, $", {progress.ItemsResumed:N0} of {progress.ItemsTotal:N0} shards taken over from before a restart") : string.Empty;
            yield return string.Create(CultureInfo.InvariantCulture, $"{progress.ElapsedSeconds:N2} s{work}{resumed}.");
        }

        if (run.ResultHash.Length > 0)
            yield return $"{run.RunId}: result {Short(run.ResultHash)}, manifest {Short(run.ManifestHash)}. The same bits again: riskgrid rerun {run.RunId}";
    }

    /// <summary>The first digits of a hash.</summary>
    public static string Short(string hash) => hash.Length <= HashShown ? hash : hash[..HashShown];

    private static string Leg(RunLeg leg)
    {
        var dropped = leg.Dropped > 0 ? string.Create(CultureInfo.InvariantCulture, $", {leg.Dropped:N0} dropped") : string.Empty;
        return string.Create(CultureInfo.InvariantCulture, $"{leg.Name}: {leg.Scenarios:N0} scenarios{dropped}, set {Short(leg.ScenarioSetHash)}.");
    }

    private static string Market(RunInputs inputs) => inputs.AsOf is { } point
        ? $"market{(point.Valuation is { } at ? $" at {at.ToInstant()}" : string.Empty)} (epoch {point.Epoch}, sequence {point.Sequence})"
        : "market";

    private static int Level(string path) => path == "/" ? 0 : path.Count(c => c == '/');
}
