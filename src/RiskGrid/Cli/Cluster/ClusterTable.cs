using System.Text.Json.Nodes;
using RiskGrid.Grid;
using RiskGrid.Protocol.V1;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RiskGrid.Cli.Cluster;

/// <summary>How a local cluster stands: its servers, its processes, what they carry and what waits.</summary>
/// <param name="Servers">By kind.</param>
/// <param name="Members">What was started.</param>
/// <param name="Cluster">What a gateway says; null when none answers.</param>
/// <param name="Trouble">Why none answers; null when none runs.</param>
internal sealed record ClusterTable(
    IReadOnlyList<(string Kind, string Status, string Port)> Servers, IReadOnlyList<ClusterMember> Members, Protocol.V1.Cluster? Cluster, string? Trouble)
{
    /// <summary>Partitions that have an owner, all kinds together.</summary>
    public static int PartitionsOwned(Protocol.V1.Cluster cluster) => cluster.Silos.Sum(s => s.Partitions.Values.Sum(v => (int)v));

    /// <summary>Partitions that there are, all kinds together.</summary>
    public static int PartitionsInAll(Protocol.V1.Cluster cluster) => Partition.Count * Kinds(cluster).Count;

    public IRenderable Render()
    {
        var parts = new List<IRenderable> { Processes() };
        if (Cluster is { Silos.Count: 0 })
        {
            parts.Add(new Text("No silo runs: `riskgrid cluster add` starts one."));
        }
        else if (Cluster is not null)
        {
            parts.Add(Queues(Cluster));
            parts.Add(new Text($"{Cluster.Engine}: {PartitionsOwned()} of {PartitionsInAll(Cluster)} partitions owned, {(Cluster.HasRunsInFlight ? Cluster.RunsInFlight.ToString() : "?")} runs in flight"));
        }
        else if (Members.All(m => !m.Process.IsAlive))
        {
            parts.Add(new Text("The cluster is down: `riskgrid cluster up` starts it again, with its data."));
        }
        else
        {
            parts.Add(new Text(Trouble is null ? "No gateway runs: `riskgrid cluster add --gateway` starts one." : $"No gateway answers: {Trouble}"));
        }

        parts.Add(new Text(string.Join(", ", Servers.Select(s => $"{s.Kind} {s.Status}{(s.Port.Length > 0 ? $" on {s.Port}" : "")}"))));
        return new Rows(parts);
    }

    public JsonObject ToJson() => new()
    {
        ["servers"] = new JsonObject(Servers.Select(s => KeyValuePair.Create(s.Kind, (JsonNode?)new JsonObject { ["status"] = s.Status, ["port"] = int.TryParse(s.Port, out var port) ? port : null }))),
        ["processes"] = new JsonArray([.. Members.Select(Json)]),
        ["runs_in_flight"] = Cluster is { HasRunsInFlight: true } ? Cluster.RunsInFlight : null,
        ["partitions_owned"] = Cluster is null ? null : PartitionsOwned(),
        ["partitions"] = Cluster is null ? null : PartitionsInAll(Cluster),
        ["queues"] = Cluster is null ? null : new JsonObject(Cluster.Queues.Select(q => KeyValuePair.Create(q.Name, (JsonNode?)JsonValue.Create(q.Messages)))),
        ["trouble"] = Trouble ?? (Cluster is null ? "no gateway runs" : null),
    };

    private static List<string> Kinds(Protocol.V1.Cluster cluster) =>
        [.. cluster.Silos.SelectMany(s => s.Activations.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private JsonNode? Json(ClusterMember member)
    {
        var seen = Seen(member);
        return new JsonObject
        {
            ["name"] = member.Name,
            ["role"] = member.Role,
            ["pid"] = member.Process.Id,
            ["alive"] = member.Process.IsAlive,
            ["grpc"] = member.Grpc?.GetLeftPart(UriPartial.Authority),
            ["http"] = member.Http?.GetLeftPart(UriPartial.Authority),
            ["partitions"] = seen is null ? null : Counts(seen.Partitions),
            ["activations"] = seen is null ? null : Counts(seen.Activations),
            ["work_running"] = seen?.WorkRunning,
            ["work_concurrency"] = seen?.WorkConcurrency,
            ["silent_ms"] = seen?.SilentFor?.ToTimeSpan().TotalMilliseconds,
        };
    }

    private static JsonObject Counts(IDictionary<string, uint> counts) =>
        new(counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => KeyValuePair.Create(c.Key, (JsonNode?)JsonValue.Create(c.Value))));

    // What a process said before it was killed is heard for some seconds yet.
    private int PartitionsOwned() =>
        PartitionsOwned(Cluster!) - Members.Where(m => !m.Process.IsAlive).Sum(m => Heard(m)?.Partitions.Values.Sum(v => (int)v) ?? 0);

    private ClusterProcess? Seen(ClusterMember member) => member.Process.IsAlive ? Heard(member) : null;

    private ClusterProcess? Heard(ClusterMember member) =>
        Cluster?.Silos.Concat(Cluster.Gateways).FirstOrDefault(p => p.Name == member.Name && p.ProcessId == member.Process.Id);

    private Table Processes()
    {
        var kinds = Cluster is null ? [] : Kinds(Cluster);
        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in new[] { "process", "pid", "state", "partitions" }.Concat(kinds).Concat(["work", "silent", "address"]))
            table.AddColumn(new TableColumn(Markup.Escape(heading)).NoWrap());
        foreach (var member in Members)
        {
            var seen = Seen(member);
            var silo = seen is not null && member.Role == "silo";
            var state = !member.Process.IsAlive ? "gone" : seen is null ? "not seen" : "up";
            table.AddRow([
                member.Name,
                $"{member.Process.Id}",
                state,
                silo ? $"{seen!.Partitions.Values.Sum(v => (int)v)}" : "",
                .. kinds.Select(kind => silo ? $"{seen!.Activations.GetValueOrDefault(kind):N0}" : ""),
                silo ? $"{seen!.WorkRunning}/{seen.WorkConcurrency}" : "",
                seen?.SilentFor is { } silent ? $"{silent.ToTimeSpan().TotalSeconds:F1} s" : "",
                member.Grpc?.GetLeftPart(UriPartial.Authority) ?? "",
            ]);
        }

        table.Caption("activations by kind; work items running/at a time");
        return table;
    }

    private static Table Queues(Protocol.V1.Cluster cluster)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var queue in cluster.Queues)
            table.AddColumn(new TableColumn(Markup.Escape(queue.Name)).RightAligned().NoWrap());
        if (cluster.Queues.Count > 0)
            table.AddRow([.. cluster.Queues.Select(q => $"{q.Messages:N0}")]);
        table.Caption("messages that wait");
        return table;
    }
}
