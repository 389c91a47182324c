using System.Text.Json;

namespace RiskGrid.Cli.Cluster;

/// <summary>One process of a local cluster.</summary>
/// <param name="Role"><c>silo</c> or <c>gateway</c>.</param>
/// <param name="Name"><c>silo-1</c></param>
/// <param name="Process">The process that it is.</param>
/// <param name="Grpc">Where a gateway speaks gRPC.</param>
/// <param name="Http">Where a gateway speaks Connect, JSON and health.</param>
internal sealed record ClusterMember(string Role, string Name, LocalProcess Process, Uri? Grpc, Uri? Http);

/// <summary>What is known of a local cluster between two commands: <c>cluster.json</c> in its directory.</summary>
internal sealed record ClusterFile
{
    private const string FileName = "cluster.json";
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Compute threads of each silo.</summary>
    public required int SiloThreads { get; init; }

    /// <summary>Where the sample market is, for silos that are added; null for the checkout's.</summary>
    public string? History { get; init; }

    /// <summary>How many silos there were since <c>up</c>: a name is not used twice.</summary>
    public int SilosMade { get; init; }

    /// <summary>Gateways before silos, also what has gone since.</summary>
    public IReadOnlyList<ClusterMember> Members { get; init; } = [];

    /// <summary>Whether a directory holds a cluster.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <exception cref="UsageException">There is none, or it cannot be read.</exception>
    public static ClusterFile Read(string folder)
    {
        if (!IsIn(folder))
            throw new UsageException($"{folder} holds no cluster: start one with `riskgrid cluster up`, or name its directory with --dir");
        try
        {
            return JsonSerializer.Deserialize<ClusterFile>(File.ReadAllText(Path.Combine(folder, FileName)), Format)
                ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new UsageException($"{Path.Combine(folder, FileName)} can't be read: {e.Message}");
        }
    }

    /// <summary>Replaces the file in one step.</summary>
    public void Write(string folder)
    {
        var file = Path.Combine(folder, FileName);
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(this, Format));
        File.Move(file + ".new", file, overwrite: true);
    }
}
