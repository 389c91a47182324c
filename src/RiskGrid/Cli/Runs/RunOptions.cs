using System.CommandLine;
using System.Globalization;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Cli.Runs;

/// <summary>The options that every run has.</summary>
internal sealed class RunOptions
{
    private static readonly (string Name, QuantileRule Rule)[] Rules =
        [("floor", Protocol.V1.QuantileRule.Floor), ("linear", Protocol.V1.QuantileRule.Linear), ("harrell-davis", Protocol.V1.QuantileRule.HarrellDavis)];

    private readonly Option<string?> _runId = new("--run-id") { Description = "The run's name, 1 to 64 letters, digits, '-', '_', '.' and ':'; the same name and question again gives the same run." };
    private readonly Option<double> _deadline = new("--deadline") { Description = "Seconds after which the run gives up; 0 sets no limit." };
    private readonly Option<string?> _snapshot = new("--snapshot") { Description = "Hash of the market snapshot to compute at, e.g. of an earlier run; the market as it stands unless named." };
    private readonly Option<uint> _shard = new("--shard") { Description = "Scenarios computed at once; 0 leaves it to the server. Changes no bit of the result." };

    /// <summary>Only start the run, and print its name.</summary>
    public Option<bool> Detach { get; } = new("--detach") { Description = "Only start the run and print its name; `riskgrid runs NAME --wait` follows it." };

    /// <summary>Levels of nodes that are shown.</summary>
    public Option<int?> Depth { get; } = new("--depth") { Description = "Levels below the node to show, -1 for all; the table shows 1 unless named, the JSON document all." };

    /// <summary>Where to write the plot.</summary>
    public Option<string?> Plot { get; } = new("--plot") { Description = "Write a plot to this SVG file too." };

    public Option<IReadOnlyList<Uri>> Address { get; } = CommonOptions.Address();

    public Option<bool> Json { get; } = CommonOptions.Json();

    /// <summary>The argument of a run over a subtree.</summary>
    public static Argument<string> Path() => new("path") { Description = "The node: / is the firm, /INDEX a desk, /INDEX/SPX-2026-02-20 a book.", DefaultValueFactory = _ => "/" };

    public static Option<string[]> FactorClasses() => new("--classes")
    {
        Description = "Also with only one class of factors moving: any of spot,volatility,rates,fx.",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Option<string> Quantile() => new Option<string>("--quantile")
    {
        Description = "How a quantile is read from the ordered losses; floor unless named.",
    }.AcceptOnlyFromAmong([.. Rules.Select(r => r.Name)]);

    public static QuantileRule QuantileRule(ParseResult parsed, Option<string> option) =>
        parsed.GetValue(option) is { } name ? Rules.First(r => r.Name == name).Rule : Protocol.V1.QuantileRule.Unspecified;

    /// <summary>Adds the options of a run to a command.</summary>
    public void AddTo(Command command, bool plot)
    {
        foreach (var option in (Option[])[_runId, _deadline, _snapshot, _shard, Detach, Depth])
            command.Add(option);
        if (plot)
            command.Add(Plot);
        command.Add(Address);
        command.Add(Json);
    }

    /// <summary>The spec that the options ask for, without its kind.</summary>
    public RunSpec Build(ParseResult parsed, string path)
    {
        var deadline = parsed.GetValue(_deadline);
        if (!(deadline >= 0 && double.IsFinite(deadline)))
            throw new UsageException($"--deadline must be a number of seconds from 0, not {deadline.ToString(CultureInfo.InvariantCulture)}");
        return new RunSpec { Path = path, DeadlineSeconds = deadline, SnapshotHash = parsed.GetValue(_snapshot) ?? "", ScenariosPerShard = parsed.GetValue(_shard) };
    }

    /// <summary>The run's name: the one asked for, or a new one that tells kind and time.</summary>
    public string RunId(ParseResult parsed, string kind) => parsed.GetValue(_runId) ?? NewRunId(kind, TimeProvider.System);

    /// <summary>A new name, e.g. <c>var-20260130-211500-3f9a2c41</c>: it can be read aloud, and sorts by time within its kind.</summary>
    public static string NewRunId(string kind, TimeProvider time)
    {
        var now = time.GetUtcNow();
#pragma warning disable RS0030 // Not a result: a name.
        var unique = Guid.CreateVersion7(now).ToString("N")[^8..];
#pragma warning restore RS0030
        return string.Create(CultureInfo.InvariantCulture, $"{kind}-{now:yyyyMMdd-HHmmss}-{unique}");
    }
}
