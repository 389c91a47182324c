using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using RiskGrid.Cli.Output;
using RiskGrid.Client;
using RiskGrid.Demo;
using RiskGrid.Gateway.Rpc;
using RiskGrid.Grains.Nodes;
using RiskGrid.Hosting;
using RiskGrid.Pricing.Chains;
using RiskGrid.Protocol.V1;
using RiskGrid.Risk;

namespace RiskGrid.Cli.Commands;

/// <summary><c>riskgrid demo</c>: the whole way in one process, from the option chain to the firm's VaR.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var books = new Option<int>("--books") { Description = "How many books to show, those with the largest VaR first.", DefaultValueFactory = _ => 12 };
        var ledger = new Option<string?>("--ledger") { Description = "Keep the ledger in this file instead of a temporary one; it must not exist yet." };
        var (data, json, level) = (CommonOptions.Data(), CommonOptions.Json(), CommonOptions.LogLevel("warning"));
        var command = new Command("demo", "Loads the whole listed S&P 500 option market, books it, prices it and shows the firm's risk.") { books, ledger, data, json, level };
        command.SetAction((parsed, cancel) => CommandLine.GuardAsync(
            async token =>
            {
                using var logs = Terminal.CreateLogging(parsed.GetRequiredValue(level));
                if (parsed.GetValue(ledger) is { } kept && File.Exists(kept))
                    throw new UsageException($"--ledger: {kept} exists already; the demo books into a ledger of its own");
                var stages = new Stages(TimeProvider.System);
                var start = TimeProvider.System.GetTimestamp();
                var temporary = Directory.CreateTempSubdirectory("riskgrid-demo-");
                try
                {
                    var path = parsed.GetValue(ledger) ?? Path.Combine(temporary.FullName, "ledger.db");
                    var outcome = await stages.ShowAsync(() => RunAsync(stages, parsed.GetRequiredValue(data), path, logs, token));
                    var total = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
                    if (parsed.GetValue(json))
                        Terminal.WriteJson(ToJson(outcome, stages, total));
                    else
                        Show(outcome, stages, total, parsed.GetValue(books));
                    return CommandLine.Done;
                }
                finally
                {
                    temporary.Delete(recursive: true);
                }
            },
            cancel));
        return command;
    }

    private static async Task<Outcome> RunAsync(Stages stages, string data, string ledger, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        // The two files have nothing to do with each other: one core reads each.
        var reading = stages.RunAsync("history", "Read 18 years of history, make the scenarios", _ => Task.Run(
            () =>
            {
                var history = SampleFiles.ReadHistory(SampleData.History(data));
                return (Panel: history, Scenarios: SampleFiles.Scenarios(history));
            },
            cancellationToken));
        var chain = await stages.RunAsync("calibrate", "Read the option chain, fit forwards, rates and smiles", progress => Task.Run(
            () => ChainCalibration.Calibrate(
                SampleFiles.ReadChain(SampleData.Chain(data)), SampleFiles.ChainAsOf, new CalibrationBar(progress)),
            cancellationToken));
        var (panel, scenarios) = await reading;
        var sample = new SampleMarket(chain, panel, HierarchyGrain.Firm);
        await using var server = await stages.RunAsync("start", "Start ledger, grid and gateway", _ => RiskServer.StartAsync(
            new RiskServerOptions { Ledger = ledger, Scenarios = scenarios, History = panel, Gateway = new GatewayOptions { GrpcPort = 0, HttpPort = 0 } }, logs, cancellationToken));
        using var client = new RiskGridClient(server.GrpcAddress!);
        await sample.SendAsync(stages, client, "demo", cancellationToken);
        var rollups = await stages.RunAsync("risk", $"Price, revalue {scenarios.Count:N0} scenarios, roll up to the firm", _ => client.GetRollupAsync(
            "/", depth: -1, settled: true, TimeSpan.FromMinutes(5), cancellationToken));
        return new Outcome(chain, scenarios, sample.TradeCount, rollups);
    }

    private static void Show(Outcome outcome, Stages stages, double total, int books)
    {
        var chain = outcome.Chain;
        var terminal = Terminal.Out;
        Terminal.WriteLine();
        terminal.Write(RollupTable.Create(outcome.Rollups, books, terminal.Profile.Width));
        foreach (var remark in RollupTable.Remarks(outcome.Rollups[0]))
            Terminal.WriteLine(remark);
        Terminal.WriteLine($"Market as of {chain.AsOf}: spot {chain.Spot:N2}, {chain.Slices.Length} slices; arbitrage beyond bid/ask {chain.ArbitrageBefore.Total:N0} quoted, {chain.ArbitrageAfter.Total:N0} marked.");
        Terminal.WriteLine($"Scenarios: {outcome.Scenarios.Count:N0} days, {outcome.Scenarios.Dropped.Length} dropped, {outcome.Scenarios.MultiSession} spanning several sessions.");
        Terminal.WriteLine($"Firm VaR is not the sum of its desks': {Var(outcome.Rollups[0]):N0} against {outcome.Rollups.Where(r => r.Kind == "desk" && r.Path != "/").Sum(Var):N0}.");
        Terminal.WriteLine(string.Join(", ", stages.Timings.Select(t => $"{t.Name} {t.Milliseconds:N0} ms")) + $"; {total:N0} ms in all.");
        Terminal.WriteLine("What this is not: moves of 2004-2022 applied to two markets of different dates, long everybody's open interest (README, Limits).");
    }

    private static double Var(Rollup rollup) => rollup.Tail?.Var991D ?? 0;

    private static JsonObject ToJson(Outcome outcome, Stages stages, double total)
    {
        var chain = outcome.Chain;
        var firm = outcome.Rollups[0];
        var timings = new JsonObject(stages.Timings.Select(t => KeyValuePair.Create(t.Name, (JsonNode?)JsonValue.Create(t.Milliseconds)))) { ["total"] = total };
        return new JsonObject
        {
            ["as_of"] = chain.AsOf.ToString(),
            ["trades"] = new JsonObject
            {
                ["loaded"] = outcome.Trades,
                ["priced"] = firm.Coverage.Priced,
                ["failed"] = firm.Coverage.Failed,
                ["quarantined"] = chain.Quarantined.Length,
                ["blank_open_interest"] = chain.BlankOpenInterest,
            },
            ["market"] = new JsonObject
            {
                ["spot"] = chain.Spot,
                ["contracts"] = chain.Contracts.Length,
                ["slices"] = chain.Slices.Length,
                ["status"] = new JsonObject(chain.StatusCounts.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)JsonValue.Create(s.Value)))),
                ["named_slices"] = new JsonArray([.. chain.NamedSlices.Select(s => (JsonNode)new JsonObject { ["slice"] = s.Slice, ["reason"] = s.Reason })]),
                ["arbitrage_before"] = new JsonObject { ["butterflies"] = chain.ArbitrageBefore.Butterflies, ["calendars"] = chain.ArbitrageBefore.Calendars },
                ["arbitrage_after"] = new JsonObject { ["butterflies"] = chain.ArbitrageAfter.Butterflies, ["calendars"] = chain.ArbitrageAfter.Calendars },
            },
            ["scenarios"] = new JsonObject
            {
                ["used"] = outcome.Scenarios.Count,
                ["multi_session"] = outcome.Scenarios.MultiSession,
                ["hash"] = outcome.Scenarios.Hash,
                ["dropped"] = new JsonArray([.. outcome.Scenarios.Dropped.Select(d => (JsonNode)new JsonObject { ["date"] = d.Date.ToString("uuuu-MM-dd", null), ["reason"] = d.Reason })]),
            },
            ["nodes"] = new JsonArray([.. outcome.Rollups.Select(r => (JsonNode)RollupJson.Node(r))]),
            ["timings"] = timings,
        };
    }

    private sealed record Outcome(
        CalibratedChain Chain, HistoricalScenarioSet Scenarios, int Trades, IReadOnlyList<Rollup> Rollups);

}
