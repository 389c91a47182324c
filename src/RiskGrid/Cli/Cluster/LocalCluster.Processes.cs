using System.Text.Json;
using RiskGrid.Client;

namespace RiskGrid.Cli.Cluster;

/// <content>Starts silos and gateways, and waits for them.</content>
internal sealed partial class LocalCluster
{
    private Task<ClusterMember> StartGatewayAsync(int number, int grpcPort, int httpPort, CancellationToken cancellationToken) =>
        StartAsync("gateway", $"gateway-{number}", [$"--grpc-port={grpcPort}", $"--http-port={httpPort}"], cancellationToken);

    private Task<ClusterMember> StartSiloAsync(CancellationToken cancellationToken)
    {
        int number;
        lock (this)
        {
            _file = _file with { SilosMade = _file.SilosMade + 1 };
            number = _file.SilosMade;
        }

        string[] history = _file.History is { } panel ? [$"--history={panel}"] : [];
        return StartAsync("silo", $"silo-{number}", [$"--threads={_file.SiloThreads}", .. history], cancellationToken);
    }

    private async Task<ClusterMember> StartAsync(string role, string name, string[] options, CancellationToken cancellationToken)
    {
        var (output, errors) = (Path.Combine(Folder, "logs", $"{name}.json"), Path.Combine(Folder, "logs", $"{name}.log"));
        var program = Path.Combine(AppContext.BaseDirectory, "riskgrid.dll");
        var process = LocalProcess.Start(output, errors, [
            Environment.ProcessPath!, .. IsDotnet ? (string[])["exec", program] : [], role, "--config", ConfigFile, "--name", name, "--json", .. options]);
        Keep(new ClusterMember(role, name, process, null, null));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ReadyLimit);
        while (true)
        {
            var text = System.IO.File.Exists(output) ? await System.IO.File.ReadAllTextAsync(output, cancellationToken) : "";
            if (text.EndsWith("}\n", StringComparison.Ordinal))
            {
                using var document = JsonDocument.Parse(text);
                if (document.RootElement.GetProperty("pid").GetInt32() != process.Id)
                    throw new InvalidDataException($"{output} was written by another process; end what still runs in {Folder}, then run the command again");
                return Keep(new ClusterMember(role, name, process, AddressOf(document, "grpc"), AddressOf(document, "http")));
            }

            if (!process.IsAlive || limit.IsCancellationRequested)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new InvalidDataException($"{name} {(process.IsAlive ? "was not ready in time" : "ended before it was ready")}; its log is {errors} and ends with: {LastLine(errors)}");
            }

            await Task.Delay(20, cancellationToken);
        }
    }

    private static bool IsDotnet => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";

    private ClusterMember Keep(ClusterMember member)
    {
        lock (this)
        {
            _file = _file with { Members = [.. _file.Members.Where(m => m.Name != member.Name).Append(member).OrderBy(m => m.Role, StringComparer.Ordinal).ThenBy(m => m.Name.Length).ThenBy(m => m.Name, StringComparer.Ordinal)] };
            _file.Write(Folder);
        }

        return member;
    }

    // Ready is a gateway that says so, and silos that own every partition of every kind between them.
    private async Task WaitUntilReadyAsync(int silos, CancellationToken cancellationToken)
    {
        if (Gateways.Count == 0)
            return;
        using var client = new RiskGridClient(Gateways);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ReadyLimit);
        await client.WaitUntilServingAsync(ReadyLimit, cancellationToken);
        await foreach (var cluster in client.WatchClusterAsync(TimeSpan.FromMilliseconds(100), null, limit.Token))
        {
            if (cluster.Silos.Count >= silos && ClusterTable.PartitionsOwned(cluster) == ClusterTable.PartitionsInAll(cluster))
                return;
        }
    }

    private static Uri? AddressOf(JsonDocument document, string name) =>
        document.RootElement.TryGetProperty(name, out var address) && address.GetString() is { } text ? new Uri(text) : null;

    private static string LastLine(string file) =>
        System.IO.File.Exists(file) ? System.IO.File.ReadLines(file).LastOrDefault(line => line.Length > 0) ?? "nothing" : "nothing";
}
