using RiskGrid.Acceptance;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Client.Rpc;
using RiskGrid.Cluster.Tests.Processes;
using RiskGrid.Ledger;
using RiskGrid.Model;

namespace RiskGrid.Cluster.Tests.Rows;

/// <summary>Clients that book, amend, move and cancel without end on books of their own, each command sent until it is answered.</summary>
internal sealed class Bookers : IAsyncDisposable
{
    private const int Seed = 20260130;
    private readonly TestCluster _cluster;
    private readonly string _desk;
    private readonly string[] _books;
    private readonly RiskGridClient _client;
    private readonly List<BookingStream> _streams;
    private readonly List<Task> _writing;

    private Bookers(TestCluster cluster, string desk, string[] books, RiskGridClient client, int writers)
    {
        (_cluster, _desk, _books, _client) = (cluster, desk, books, client);
        _streams = [.. Enumerable.Range(0, writers).Select(w => new BookingStream(client, books, $"{desk}-{w}", Seed + w))];
        _writing = [.. _streams.Select(s => Task.Run(s.RunAsync))];
    }

    public int Acknowledged => _streams.Sum(s => s.AcknowledgedCount);

    /// <summary>Makes a desk with three books and begins.</summary>
    public static async Task<Bookers> StartAsync(TestCluster cluster, string desk, int writers = 2)
    {
        var client = cluster.Connect(new RpcChannelOptions { MaxRetryDelay = TimeSpan.FromMilliseconds(200) });
        string[] books = [$"{desk}-A", $"{desk}-B", $"{desk}-C"];
        await client.PutHierarchyAsync([SmallMarket.Node(desk, "desk", "FIRM"), .. books.Select(b => SmallMarket.Node(b, "book", desk))]);
        var bookers = new Bookers(cluster, desk, books, client, writers);
        await bookers.MoreAsync(20);
        return bookers;
    }

    /// <summary>Waits for more acknowledgements.</summary>
    public async Task<TimeSpan> MoreAsync(int commands, TimeSpan? within = null)
    {
        var until = Acknowledged + commands;
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await _cluster.WaitUntilAsync(
            async () =>
            {
                if (_writing.Find(w => w.IsFaulted) is { } failed)
                    await failed;
                return Acknowledged >= until;
            },
            within ?? TimeSpan.FromSeconds(60),
            () => $"{commands} more commands are acknowledged; there are {Acknowledged} of {until}");
        return watch.Elapsed;
    }

    /// <summary>Ends the streams: ledger and rollups hold what was acknowledged, each once, and nothing else.</summary>
    public async Task StopAndCheckAsync()
    {
        foreach (var stream in _streams)
            stream.Stop();
        await Task.WhenAll(_writing);
        var model = new BookingModel(_streams.SelectMany(s => s.Acknowledged));
        await CheckLedgerAsync(model);
        var rollups = await _client.GetRollupAsync($"/{_desk}", depth: -1, settled: true, TimeSpan.FromMinutes(1));
        foreach (var rollup in rollups)
        {
            var live = model.Live.Count(t => rollup.NodeId == _desk || t.Book == rollup.NodeId);
            var sequence = rollup.NodeId == _desk ? _books.Sum(model.SequenceOf) : model.SequenceOf(rollup.NodeId);
            Assert.True(
                (rollup.Coverage.Trades, rollup.Coverage.Priced, rollup.LedgerSequence) == (live, live, sequence),
                $"{rollup.Path}: {rollup.Coverage.Trades} trades, {rollup.Coverage.Priced} priced, sequence {rollup.LedgerSequence}; acknowledged are {live} and {sequence}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in _streams)
            stream.Stop();
        _client.Dispose();
        await Task.WhenAll(_writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task CheckLedgerAsync(BookingModel model)
    {
        await using var ledger = await Ledgers.OpenAsync(_cluster.Database.OriginalString, TimeProvider.System, CancellationToken.None);
        var position = await ledger.ReadPositionAsync(CancellationToken.None);
        foreach (var book in _books)
        {
            Assert.Equal(model.SequenceOf(book), position.GetValueOrDefault(NodeId.Parse(book)));
            var state = await ledger.ReadBookAsync(NodeId.Parse(book), null, CancellationToken.None);
            Assert.Equal(
                model.Live.Where(t => t.Book == book).OrderBy(t => t.Id, StringComparer.Ordinal).Select(t => (t.Id, t.Version, t.Quantity)),
                state.Trades.Select(t => (t.Id.Value, t.Version, t.Terms.Quantity)));
        }

        foreach (var (trade, commands) in model.Commands.TakeLast(200))
        {
            var events = await ledger.ReadTradeAsync(TradeId.Parse(trade), CancellationToken.None);
            Assert.Equal(commands.Select((c, i) => (c.Command.CommandId, (long)i + 1)), events.Select(e => (e.CommandId.Value, e.Trade.Version)));
        }
    }
}
