using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RiskGrid.Kernels;
using RiskGrid.Model;
using RiskGrid.Protocol.V1;
using RiskGrid.Risk;
using RunSpec = RiskGrid.Risk.Runs.RunSpec;

namespace RiskGrid.Grains.Runs;

/// <summary>A book as a run froze it.</summary>
/// <param name="Sequence">The book's sequence: which trades.</param>
/// <param name="SheetHash">Hash of the sheet that they make.</param>
internal sealed record FrozenBook(long Sequence, string SheetHash);

/// <summary>A leg as a run froze it.</summary>
/// <param name="Name">e.g. <c>1d</c>.</param>
/// <param name="ScenarioSet">Canonical JSON of the scenario set.</param>
/// <param name="ScenarioSetHash">Its hash.</param>
internal sealed record FrozenLeg(string Name, string ScenarioSet, string ScenarioSetHash);

/// <summary>The earlier of the two states that a P&amp;L explain compares.</summary>
/// <param name="Books">Its books, those of the later state's scope.</param>
/// <param name="SnapshotHash">Its market.</param>
internal sealed record FrozenStart(ImmutableSortedDictionary<string, FrozenBook> Books, string SnapshotHash);

/// <summary>All that a run's numbers depend on: the same manifest gives the same bits on any machine. Immutable.</summary>
internal sealed record RunManifest
{
    private const int Format = 1;

    /// <summary>The version of the revaluation's rules in this program.</summary>
    public const string PresentRevaluation = PreparedSheet.Version;

    /// <summary>What is computed, with every default filled in and without what changes no number.</summary>
    public required RunSpec Spec { get; init; }

    public required long HierarchyVersion { get; init; }

    /// <summary>The books in scope by id.</summary>
    public required ImmutableSortedDictionary<string, FrozenBook> Books { get; init; }

    public required string SnapshotHash { get; init; }

    public required MarketPoint AsOf { get; init; }

    public required string Reporting { get; init; }

    /// <summary>Empty when no scenario comes from history.</summary>
    public required string PanelHash { get; init; }

    public required ImmutableArray<FrozenLeg> Legs { get; init; }

    /// <summary>Where a P&amp;L explain starts; null for all other runs.</summary>
    public FrozenStart? Start { get; init; }

    public string KernelVersion { get; init; } = NativeKernels.Version;

    public string RevaluationVersion { get; init; } = PresentRevaluation;

    /// <summary>The manifest's canonical JSON.</summary>
    public string ToJson()
    {
        var json = new JsonObject
        {
            ["as_of"] = CanonicalJson.Of(AsOf),
            ["books"] = ToJson(Books),
            ["format"] = Format,
            ["hierarchy_version"] = HierarchyVersion,
            ["kernel_version"] = KernelVersion,
            ["legs"] = new JsonArray([.. Legs.Select(l => new JsonObject
            {
                ["name"] = l.Name,
                ["scenario_set"] = JsonNode.Parse(l.ScenarioSet),
                ["scenario_set_hash"] = l.ScenarioSetHash,
            })]),
            ["panel"] = PanelHash,
            ["reporting_currency"] = Reporting,
            ["revaluation_version"] = RevaluationVersion,
            ["snapshot"] = SnapshotHash,
            ["spec"] = JsonNode.Parse(Spec.ToNumbersJson()),
        };
        if (Start is not null)
            json["start"] = new JsonObject { ["books"] = ToJson(Start.Books), ["snapshot"] = Start.SnapshotHash };
        return CanonicalJson.Write(json);
    }

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="ValidationException">It is none, or one of another format.</exception>
    public static RunManifest Parse(string json)
    {
        try
        {
            var node = JsonNode.Parse(json)!.AsObject();
            if (node["format"]?.GetValue<int>() is var format && format != Format)
                throw new ValidationException("manifest", $"it has format {format}; this program reads format {Format}");
            return new RunManifest
            {
                Spec = RunSpec.FromJson(node["spec"]!.ToJsonString()),
                HierarchyVersion = node["hierarchy_version"]!.GetValue<long>(),
                Books = ReadBooks(node["books"]!),
                Start = node["start"] is { } start ? new FrozenStart(ReadBooks(start["books"]!), start["snapshot"]!.GetValue<string>()) : null,
                SnapshotHash = node["snapshot"]!.GetValue<string>(),
                AsOf = CanonicalJson.Read<MarketPoint>(node["as_of"]!.ToJsonString()),
                Reporting = node["reporting_currency"]!.GetValue<string>(),
                PanelHash = node["panel"]!.GetValue<string>(),
                Legs = [.. node["legs"]!.AsArray().Select(l => new FrozenLeg(
                    l!["name"]!.GetValue<string>(), CanonicalJson.Write(l["scenario_set"]!), l["scenario_set_hash"]!.GetValue<string>()))],
                KernelVersion = node["kernel_version"]!.GetValue<string>(),
                RevaluationVersion = node["revaluation_version"]!.GetValue<string>(),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NullReferenceException
            or Google.Protobuf.InvalidProtocolBufferException or Google.Protobuf.InvalidJsonException)
        {
            throw new ValidationException("manifest", $"it cannot be read ({e.Message})");
        }
    }

    /// <summary>Refuses a manifest whose bits this program cannot make: code of another version would finish what it began.</summary>
    /// <exception cref="ValidationException">Kernels or revaluation have another version here.</exception>
    public void RequireVersions()
    {
        if (!string.Equals(KernelVersion, NativeKernels.Version, StringComparison.Ordinal))
            throw new ValidationException("kernel_version", $"the run began with kernels {KernelVersion}, this silo has {NativeKernels.Version}: start it anew");
        if (!string.Equals(RevaluationVersion, PresentRevaluation, StringComparison.Ordinal))
            throw new ValidationException("revaluation_version", $"the run began with {RevaluationVersion}, this silo has {PresentRevaluation}: start it anew");
    }

    /// <summary>What in this manifest differs from another, by address.</summary>
    public IEnumerable<RunDifference> DifferencesFrom(RunManifest before)
    {
        var (was, now) = (before.Fields().ToList(), Fields().ToDictionary(f => f.Key, f => f.Value, StringComparer.Ordinal));
        foreach (var (field, value) in was)
        {
            if (now.Remove(field, out var other) && string.Equals(value, other, StringComparison.Ordinal))
                continue;
            yield return new RunDifference { Address = field, Before = value, After = other ?? string.Empty };
        }

        foreach (var (field, value) in now.OrderBy(f => f.Key, StringComparer.Ordinal))
            yield return new RunDifference { Address = field, After = value };
    }

    /// <summary>The wire form of the main fields.</summary>
    public RunInputs ToWire(uint trades)
    {
        var inputs = new RunInputs
        {
            Scope = Spec.Path,
            HierarchyVersion = HierarchyVersion,
            SnapshotHash = SnapshotHash,
            AsOf = AsOf,
            ReportingCurrency = Reporting,
            PanelHash = PanelHash,
            KernelVersion = KernelVersion,
            RevaluationVersion = RevaluationVersion,
            Trades = trades,
        };
        foreach (var (id, book) in Books)
            inputs.BookSequences.Add(id, book.Sequence);
        return inputs;
    }

    private static JsonObject ToJson(ImmutableSortedDictionary<string, FrozenBook> books)
    {
        var json = new JsonObject();
        foreach (var (id, book) in books)
            json.Add(id, new JsonObject { ["sequence"] = book.Sequence, ["sheet"] = book.SheetHash });
        return json;
    }

    private static ImmutableSortedDictionary<string, FrozenBook> ReadBooks(JsonNode json) => json.AsObject().ToImmutableSortedDictionary(
        b => b.Key, b => new FrozenBook(b.Value!["sequence"]!.GetValue<long>(), b.Value["sheet"]!.GetValue<string>()), StringComparer.Ordinal);

    private IEnumerable<KeyValuePair<string, string>> Fields()
    {
        yield return new("kernel_version", KernelVersion);
        yield return new("revaluation_version", RevaluationVersion);
        yield return new("hierarchy_version", HierarchyVersion.ToString(CultureInfo.InvariantCulture));
        yield return new("snapshot", SnapshotHash);
        yield return new("panel", PanelHash);
        yield return new("reporting_currency", Reporting);
        yield return new("spec", Spec.ToNumbersJson());
        foreach (var (id, book) in Books)
            yield return new($"books.{id}", string.Create(CultureInfo.InvariantCulture, $"{book.Sequence} {book.SheetHash}"));
        if (Start is not null)
        {
            yield return new("start.snapshot", Start.SnapshotHash);
            foreach (var (id, book) in Start.Books)
                yield return new($"start.books.{id}", string.Create(CultureInfo.InvariantCulture, $"{book.Sequence} {book.SheetHash}"));
        }

        foreach (var leg in Legs)
            yield return new($"legs.{leg.Name}", leg.ScenarioSetHash);
    }
}
