using System.CommandLine;
using System.Text.Json;
using RiskGrid.Cli.Output;
using RiskGrid.Client;
using RiskGrid.Protocol.V1;
using Spectre.Console;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid watch [PATH]</c></summary>
internal static class WatchCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("path") { Description = "The node to watch.", DefaultValueFactory = _ => "/" };
        var depth = new Option<int>("--depth") { Description = "Levels below the node to watch; -1 watches all.", DefaultValueFactory = _ => 1 };
        var interval = new Option<uint>("--interval-ms") { Description = "Least time between two updates of a node.", DefaultValueFactory = _ => 250 };
        var updates = new Option<int>("--updates") { Description = "Stop after so many updates; 0 goes on until interrupted." };
        var address = CommonOptions.Address();
        var json = new Option<bool>("--json") { Description = "Print one JSON object a line for every update." };
        var command = new Command("watch", "Shows a node and those below it as the market moves.") { path, depth, interval, updates, address, json };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                using var client = new RiskGridClient(parsed.GetRequiredValue(address));

                // A server or a node that isn't there is an error, said before a table is begun; one that goes away later is waited for, and
                // that is said.
                await client.GetRollupAsync(parsed.GetRequiredValue(path), cancellationToken: token);
                var stream = client.SubscribeRollupsAsync(
                    parsed.GetRequiredValue(path),
                    parsed.GetValue(depth),
                    TimeSpan.FromMilliseconds(parsed.GetValue(interval)),
                    broken => Console.Error.WriteLine($"riskgrid: the connection broke ({broken.Message}); trying again"),
                    token);
                var most = parsed.GetValue(updates);
                try
                {
                    await (parsed.GetValue(json) ? WriteLinesAsync(stream, most) : ShowTableAsync(stream, most));
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

    private static async Task WriteLinesAsync(IAsyncEnumerable<Rollup> stream, int most)
    {
        var seen = 0;
        await foreach (var rollup in stream)
        {
            await Console.Out.WriteLineAsync(RollupJson.Node(rollup).ToJsonString(JsonSerializerOptions.Default));
            if (most > 0 && ++seen >= most)
                return;
        }
    }

    private static async Task ShowTableAsync(IAsyncEnumerable<Rollup> stream, int most)
    {
        var latest = new SortedDictionary<string, Rollup>(StringComparer.Ordinal);
        await Terminal.Out.Live(new Text("waiting for the first rollup ...")).StartAsync(async live =>
        {
            var seen = 0;
            await foreach (var rollup in stream)
            {
                latest[rollup.Path] = rollup;
                var top = latest.Values.First();
                var table = RollupTable.Create([.. latest.Values], books: Math.Max(4, Terminal.Out.Profile.Height - 12), Terminal.Out.Profile.Width);
                table.Title = new TableTitle($"market sequence {top.AsOf.Sequence:N0}, epoch {top.AsOf.Epoch}");
                live.UpdateTarget(table);
                if (most > 0 && ++seen >= most)
                    return;
            }
        });
    }
}
