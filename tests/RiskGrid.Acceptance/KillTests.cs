using System.Diagnostics;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Client.Rpc;
using RiskGrid.Ledger.Sqlite;
using RiskGrid.Model;
using Xunit.Abstractions;

namespace RiskGrid.Acceptance;

/// <summary>Acknowledged means durable, applied exactly once: with a server that is killed over and over.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Seed = 20260130;
    private const int Kills = 50;
    private const int Writers = 4;
    private static readonly string[] Books = ["KILL-A", "KILL-B", "KILL-C"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Every_acknowledged_command_is_there_once_after_fifty_kills_and_the_rollups_agree_with_the_ledger()
    {
        using var folder = new TemporaryFolder();
        var ledger = folder.File("ledger.db");
        var history = SmallHistory.WriteTo(folder);
        var random = new Random(Seed);
        var server = await ServerProcess.StartAsync(ledger, "--history", history);
        var watch = Stopwatch.StartNew();
        try
        {
            using var client = new RiskGridClient(server.Grpc, new RpcChannelOptions { MaxRetryDelay = TimeSpan.FromMilliseconds(200) });
            await client.PutHierarchyAsync([SmallMarket.Node("KILL", "desk", "FIRM"), .. Books.Select(b => SmallMarket.Node(b, "book", "KILL"))]);
            var writers = Enumerable.Range(0, Writers).Select(w => new BookingStream(client, Books, $"W{w}", Seed + w)).ToList();
            var writing = writers.Select(w => Task.Run(w.RunAsync)).ToList();
            for (var kill = 0; kill < Kills; kill++)
            {
                // At a random point of the stream: between none and some commands after the server came back.
                var until = Acknowledged(writers) + random.Next(60);
                await Eventually.HoldsAsync(
                    () => Task.FromResult(Acknowledged(writers) >= until || writing.Exists(w => w.IsFaulted)), Patience,
                    () => $"the server acknowledges commands after kill {kill}; it says: {server.Errors}");
                await server.KillAsync();
                await server.DisposeAsync();
                server = await RestartAsync(ledger, history, server.Grpc);
            }

            foreach (var writer in writers)
                writer.Stop();
            await Task.WhenAll(writing);
            output.WriteLine($"seed {Seed}: {Kills} kills in {watch.Elapsed.TotalSeconds:N0} s, {Acknowledged(writers):N0} commands acknowledged");
            Assert.True(Acknowledged(writers) > Kills, "commands were booked between the kills");

            var model = new BookingModel(writers.SelectMany(w => w.Acknowledged));
            await CheckRollupsAsync(client, model);
            Assert.Equal(0, await server.TerminateAsync());
            await CheckLedgerAsync(ledger, model);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static int Acknowledged(List<BookingStream> writers) => writers.Sum(w => w.AcknowledgedCount);

    // On the same port, so that clients find it again. The port may be taken for a moment by somebody's outgoing connection.
    private static async Task<ServerProcess> RestartAsync(string ledger, string history, Uri grpc)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return await ServerProcess.StartOnAsync(grpc.Port, ledger, "--history", history);
            }
            catch (InvalidOperationException e) when (watch.Elapsed < Patience && e.Message.Contains("in use", StringComparison.Ordinal))
            {
            }
        }
    }

    private static async Task CheckRollupsAsync(RiskGridClient client, BookingModel model)
    {
        await SmallMarket.PublishAsync(client, SmallMarket.Quotes());
        var rollups = await client.GetRollupAsync("/KILL", depth: -1, settled: true, Patience);
        var prices = new Dictionary<(double Strike, Protocol.V1.OptionType Type), double>();
        foreach (var trade in model.Live.DistinctBy(t => t.Contract))
            prices[trade.Contract] = (await client.PriceTradeAsync(trade.Id)).Greeks.Price;
        foreach (var rollup in rollups)
        {
            var live = model.Live.Where(t => rollup.NodeId == "KILL" || t.Book == rollup.NodeId).ToList();
            Assert.True(
                live.Count == rollup.Coverage.Trades,
                $"{rollup.Path} covers {rollup.Coverage.Trades} trades; {live.Count} acknowledged ones are on it");
            Assert.Equal(rollup.Coverage.Trades, rollup.Coverage.Priced);
            var sequence = rollup.NodeId == "KILL" ? Books.Sum(model.SequenceOf) : model.SequenceOf(rollup.NodeId);
            Assert.True(sequence == rollup.LedgerSequence, $"{rollup.Path} stands at sequence {rollup.LedgerSequence}, the acknowledged commands make {sequence}");
            var value = live.Sum(t => t.Quantity * 100 * prices[t.Contract]);
            var scale = live.Sum(t => Math.Abs(t.Quantity) * 100 * prices[t.Contract]);
            Assert.True(Math.Abs(value - rollup.Measures.Mtm) <= 1e-12 * scale, $"{rollup.Path} is worth {rollup.Measures.Mtm:R}, its trades {value:R}");
        }
    }

    private static async Task CheckLedgerAsync(string path, BookingModel model)
    {
        await using var ledger = await SqliteLedger.OpenAsync(path, TimeProvider.System, null, CancellationToken.None);
        var position = await ledger.ReadPositionAsync(CancellationToken.None);
        foreach (var book in Books)
        {
            Assert.Equal(model.SequenceOf(book), position[NodeId.Parse(book)]);
            var state = await ledger.ReadBookAsync(NodeId.Parse(book), null, CancellationToken.None);
            Assert.Equal(
                model.Live.Where(t => t.Book == book).OrderBy(t => t.Id, StringComparer.Ordinal).Select(t => (t.Id, t.Version, t.Quantity)),
                state.Trades.Select(t => (t.Id.Value, t.Version, t.Terms.Quantity)));
        }

        foreach (var (trade, commands) in model.Commands)
        {
            var events = await ledger.ReadTradeAsync(TradeId.Parse(trade), CancellationToken.None);
            Assert.Equal(
                commands.Select((c, i) => (c.Command.CommandId, (long)i + 1)),
                events.Select(e => (e.CommandId.Value, e.Trade.Version)));
        }
    }
}
