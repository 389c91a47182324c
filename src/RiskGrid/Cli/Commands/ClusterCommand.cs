using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;
using RiskGrid.Cli.Cluster;
using RiskGrid.Client;
using RiskGrid.Client.Rpc;
using RiskGrid.Protocol.Rpc;
using Spectre.Console;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid cluster</c>: a cluster of local processes for trying things out.</summary>
internal static class ClusterCommand
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    private const string Name = "cluster";

    /// <summary>Whether a command is one of these.</summary>
    public static bool IsPart(CommandResult command) => command.Parent is CommandResult { Command.Name: Name };

    public static Command Create() => new(Name, "A cluster of processes on this machine: servers, silos and gateways, all in one directory.")
    {
        Up(), Add(), Status(), Kill(), Stop(), Down(),
    };

    private static Option<string> Directory() => new("--dir") { Description = "Where the cluster keeps everything.", DefaultValueFactory = _ => "riskgrid-cluster" };

    private static LocalCluster In(string folder) => LocalCluster.In(Path.GetFullPath(folder));

    private static Command Up()
    {
        var silos = new Option<int>("--silos") { Description = "How many silos.", DefaultValueFactory = _ => 3 };
        var gateways = new Option<int>("--gateways") { Description = "How many gateways.", DefaultValueFactory = _ => 1 };
        var grpc = new Option<int>("--grpc-port") { Description = "gRPC port of the first gateway; the others, and 0, choose free ones.", DefaultValueFactory = _ => 7001 };
        var http = new Option<int>("--http-port") { Description = "HTTP port of the first gateway, in the same way.", DefaultValueFactory = _ => 7002 };
        var threads = new Option<int>("--silo-threads") { Description = "Compute threads of each silo; the machine's cores shared out unless given." };
        var history = new Option<string?>("--history") { Description = "History panel of the scenarios behind VaR and ES; the sample panel unless named." };
        var (dir, json) = (Directory(), CommonOptions.Json());
        var command = new Command("up", "Starts RabbitMQ, PostgreSQL, Redis, silos and gateways, and returns when they are ready.") { silos, gateways, grpc, http, threads, history, dir, json };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                var (count, doors) = (Within(parsed.GetValue(silos), "--silos", 1, 64), Within(parsed.GetValue(gateways), "--gateways", 1, 16));
                var share = parsed.GetValue(threads) is var given and not 0 ? Within(given, "--silo-threads", 1, 1024) : Math.Max(1, Environment.ProcessorCount / count);
                var panel = parsed.GetValue(history) is { } path ? Path.GetFullPath(path) : null;
                var plan = new ClusterPlan(
                    count, doors, Within(parsed.GetValue(grpc), "--grpc-port", 0, 65535), Within(parsed.GetValue(http), "--http-port", 0, 65535), share, panel);
                var cluster = new LocalCluster(Path.GetFullPath(parsed.GetRequiredValue(dir)));
                var stages = new Stages(TimeProvider.System);
                await stages.ShowAsync(async () =>
                {
                    await cluster.UpAsync(plan, stages, token);
                    return true;
                });
                if (parsed.GetValue(json))
                {
                    Terminal.WriteJson((await ReadAsync(cluster, null, token)).ToJson());
                    return CommandLine.Done;
                }

                var address = string.Join(',', cluster.Gateways.Select(g => g.GetLeftPart(UriPartial.Authority)));
                var there = parsed.GetResult(dir) is { Implicit: false } ? $" --dir {parsed.GetRequiredValue(dir)}" : "";
                Terminal.WriteLine($"{plan} run in {cluster.Folder}; gRPC on {address}.");
                Terminal.WriteLine($"Try:  riskgrid load --sample --address {address}");
                foreach (var next in new[] { "status --watch", "add", $"kill {count}", "down" })
                    Terminal.WriteLine($"      riskgrid cluster {next}{there}");
                return CommandLine.Done;
            },
            cancel));
        return command;
    }

    private static Command Add()
    {
        var gateway = new Option<bool>("--gateway") { Description = "A gateway on free ports in place of a silo." };
        var (dir, json) = (Directory(), CommonOptions.Json());
        var command = new Command("add", "Starts one more silo and returns when it has its share.") { gateway, dir, json };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                var member = await In(parsed.GetRequiredValue(dir)).AddAsync(parsed.GetValue(gateway) ? "gateway" : "silo", token);
                var does = member.Grpc is { } door ? $"speaks gRPC on {door.GetLeftPart(UriPartial.Authority)}" : "takes its share";
                Say(parsed.GetValue(json), member, $"{member.Name} runs as process {member.Process.Id} and {does}.");
                return CommandLine.Done;
            },
            cancel));
        return command;
    }

    private static Command Status()
    {
        var watch = new Option<bool>("--watch") { Description = "Go on until interrupted." };
        var (dir, json) = (Directory(), CommonOptions.Json());
        var command = new Command("status", "Shows silos, partitions, activations, queues and runs in flight.") { watch, dir, json };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                var folder = Path.GetFullPath(parsed.GetRequiredValue(dir));
                var cluster = LocalCluster.In(folder);
                using var client = cluster.Gateways.Count > 0 ? Connect(cluster) : null;
                if (!parsed.GetValue(watch))
                {
                    var table = await ReadAsync(cluster, client, token);
                    if (parsed.GetValue(json))
                        Terminal.WriteJson(table.ToJson());
                    else
                        Terminal.Out.Write(table.Render());
                    return CommandLine.Done;
                }

                try
                {
                    await (parsed.GetValue(json) ? WriteLinesAsync(folder, client, token) : ShowAsync(folder, client, token));
                }
                catch (OperationCanceledException) when (token.IsCancellationRequested)
                {
                    // Ctrl-C is how one leaves a live table.
                }

                return CommandLine.Done;
            },
            cancel));
        return command;
    }

    private static Command Kill()
    {
        var name = new Argument<string>("silo") { Description = "The silo's number or name; a gateway's name works too." };
        var (dir, json) = (Directory(), CommonOptions.Json());
        var command = new Command("kill", "Kills a silo as kill -9 does; the others take over what it held.") { name, dir, json };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                var member = In(parsed.GetRequiredValue(dir)).Find(parsed.GetRequiredValue(name));
                await member.Process.SignalAsync("KILL");
                await member.Process.EndsWithinAsync(AnswerLimit, token);
                Say(parsed.GetValue(json), member, $"{member.Name} (process {member.Process.Id}) is killed.");
                return CommandLine.Done;
            },
            cancel));
        return command;
    }

    private static Command Stop()
    {
        var name = new Argument<string>("silo") { Description = "The silo's number or name; a gateway's name works too." };
        var (dir, json) = (Directory(), CommonOptions.Json());
        var command = new Command("stop", "Stops a silo in good order: what it holds is handed over.") { name, dir, json };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                var member = In(parsed.GetRequiredValue(dir)).Find(parsed.GetRequiredValue(name));
                if (!await LocalCluster.StopAsync(member, token))
                    throw new InvalidDataException($"{member.Name} (process {member.Process.Id}) did not end in time; `riskgrid cluster kill {member.Name}` ends it");
                Say(parsed.GetValue(json), member, $"{member.Name} has {(member.Role == "silo" ? "handed over and " : "")}ended.");
                return CommandLine.Done;
            },
            cancel));
        return command;
    }

    private static Command Down()
    {
        var purge = new Option<bool>("--purge") { Description = "Delete the directory with the ledger and everything else." };
        var (dir, json) = (Directory(), CommonOptions.Json());
        var command = new Command("down", "Drains the silos, then stops the servers; the data stays for the next `cluster up`.") { purge, dir, json };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                var cluster = In(parsed.GetRequiredValue(dir));
                await cluster.DownAsync(parsed.GetValue(purge), token);
                if (parsed.GetValue(json))
                    Terminal.WriteJson(new JsonObject { ["dir"] = cluster.Folder, ["purged"] = parsed.GetValue(purge) });
                else
                    Terminal.WriteLine(parsed.GetValue(purge) ? $"The cluster is down and {cluster.Folder} deleted." : $"The cluster is down; {cluster.Folder} keeps its data.");
                return CommandLine.Done;
            },
            cancel));
        return command;
    }

    private static async Task WriteLinesAsync(string folder, RiskGridClient? client, CancellationToken cancellationToken)
    {
        while (true)
        {
            Console.Out.WriteLine((await ReadAsync(LocalCluster.In(folder), client, cancellationToken)).ToJson().ToJsonString(JsonSerializerOptions.Default));
            await Task.Delay(WatchInterval, cancellationToken);
        }
    }

    private static async Task ShowAsync(string folder, RiskGridClient? client, CancellationToken cancellationToken) =>
        await Terminal.Out.Live(new Text("asking ...")).StartAsync(async live =>
        {
            while (true)
            {
                live.UpdateTarget((await ReadAsync(LocalCluster.In(folder), client, cancellationToken)).Render());
                await Task.Delay(WatchInterval, cancellationToken);
            }
        });

    private static RiskGridClient Connect(LocalCluster cluster) =>
        new(cluster.Gateways, new RpcChannelOptions { DefaultTimeout = AnswerLimit });

    private static async Task<ClusterTable> ReadAsync(LocalCluster cluster, RiskGridClient? client, CancellationToken cancellationToken)
    {
        var servers = await cluster.ReadServersAsync(cancellationToken);
        using var own = client is null && cluster.Gateways.Count > 0 ? Connect(cluster) : null;
        try
        {
            return (client ?? own) is { } asked
                ? new ClusterTable(servers, cluster.File.Members, await asked.GetClusterAsync(cancellationToken), null)
                : new ClusterTable(servers, cluster.File.Members, null, null);
        }
        catch (RpcException e)
        {
            return new ClusterTable(servers, cluster.File.Members, null, e.Message);
        }
    }

    private static void Say(bool json, ClusterMember member, string text)
    {
        if (json)
            Terminal.WriteJson(new JsonObject { ["name"] = member.Name, ["role"] = member.Role, ["pid"] = member.Process.Id });
        else
            Terminal.WriteLine(text);
    }

    private static int Within(int value, string option, int least, int most) =>
        value >= least && value <= most ? value : throw new UsageException($"{option} must be between {least} and {most}, not {value}");
}
