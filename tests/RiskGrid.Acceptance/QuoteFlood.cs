using System.Diagnostics;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Protocol.V1;

namespace RiskGrid.Acceptance;

/// <summary>Ten thousand quotes a second for ten seconds on the sample portfolio, watched by a quick and a slow subscriber; then a fresh server
/// on a copy of the ledger with the final quotes. Run once for all tests that look at it.</summary>
public sealed class QuoteFlood : IAsyncLifetime
{
    public const int Seed = 7;
    public const int Rate = 10_000;
    public const int Seconds = 10;
    public const int Quotes = Rate * Seconds;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MemoryEvery = TimeSpan.FromMilliseconds(250);

    private readonly TemporaryFolder _folder = new();

    /// <summary>What <c>load --sample --json</c> said.</summary>
    internal ProgramResult Load { get; private set; } = null!;

    /// <summary>What <c>quotes replay --json</c> said.</summary>
    internal ProgramResult Replay { get; private set; } = null!;

    /// <summary>How the processors were while the quotes came: see <see cref="Processors"/>.</summary>
    internal (bool Saturated, string Text) Machine { get; private set; }

    internal RollupLog Quick { get; } = new();

    internal RollupLog Slow { get; } = new();

    /// <summary>How many updates each had received when the last quote was sent.</summary>
    internal (int Quick, int Slow) UpdatesDuring { get; private set; }

    /// <summary>Resident memory of the server over the replay: seconds since the first quotes, bytes.</summary>
    internal List<(double Seconds, long Bytes)> Memory { get; } = [];

    internal IReadOnlyList<Rollup> Settled { get; private set; } = [];

    /// <summary>What a server on a copy of the ledger says before anybody sends it a quote.</summary>
    internal IReadOnlyList<Rollup> Restarted { get; private set; } = [];

    /// <summary>What it says once it was sent the final quotes.</summary>
    internal IReadOnlyList<Rollup> FromScratch { get; private set; } = [];

    /// <summary>The server that was started afterwards; it stands at the final quotes.</summary>
    internal ServerProcess Fresh { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var ledger = _folder.File("ledger.db");
        GetMarketResponse market;
        var server = await ServerProcess.StartAsync(ledger);
        await using (server)
        {
            Load = await RiskGridProgram.RunAsync("load", "--sample", "--address", server.Address, "--json");
            Load.MustEndWith(0);
            using var client = server.Connect();
            await client.GetRollupAsync("/", depth: -1, settled: true, Patience);
            await FloodAsync(server, client);
            market = await client.GetMarketAsync();
            Assert.Equal(0, await server.TerminateAsync());
        }

        var copy = _folder.File("copy.db");
        File.Copy(ledger, copy);
        Fresh = await ServerProcess.StartAsync(copy);
        using var other = Fresh.Connect();
        Restarted = await other.GetRollupAsync("/", depth: -1, settled: true, Patience);
        await SmallMarket.PublishAsync(other, new QuoteBatch { Quotes = { market.Quotes }, Valuation = market.Point.Valuation });
        FromScratch = await other.GetRollupAsync("/", depth: -1, settled: true, Patience);
    }

    public async Task DisposeAsync()
    {
        if (Fresh is not null)
            await Fresh.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>All the quotes of a seed, at the rate, to a server.</summary>
    internal static Task<ProgramResult> ReplayAsync(ServerProcess server, int seed) => RiskGridProgram.RunAsync(
        "quotes", "replay", "--rate", $"{Rate}", "--seconds", $"{Seconds}", "--seed", $"{seed}", "--address", server.Address, "--json");

    private async Task FloodAsync(ServerProcess server, RiskGridClient client)
    {
        using var watching = new CancellationTokenSource();
        var floodOver = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var quick = Quick.FollowAsync(client, pauseAfterFirst: Task.CompletedTask, watching.Token);
        var slow = Slow.FollowAsync(client, pauseAfterFirst: floodOver.Task, watching.Token);
        await Eventually.HoldsAsync(
            () => Task.FromResult(Quick.Nodes == 77 && Slow.Count > 0), Patience, () => $"a new subscriber gets the latest rollup of each of 77 nodes, it got {Quick.Nodes}");

        var before = Quick.Count;
        var replay = ReplayAsync(server, Seed);
        await Eventually.HoldsAsync(
            () => Task.FromResult(Quick.Count > before || replay.IsCompleted), Patience, () => "the first quotes of the replay move a rollup");
        using var measuring = new CancellationTokenSource();
        var memory = MeasureAsync(server, measuring.Token);
        var processors = new Processors();
        Replay = await replay;
        Machine = (processors.AreSaturated, processors.ToString());
        await measuring.CancelAsync();
        await memory;
        UpdatesDuring = (Quick.Count, Slow.Count);
        floodOver.SetResult();

        Settled = await client.GetRollupAsync("/", depth: -1, settled: true, Patience);
        foreach (var (log, who) in new[] { (Quick, "quick"), (Slow, "slow") })
        {
            await Eventually.HoldsAsync(
                () => Task.FromResult(log.Holds(Settled)), TimeSpan.FromMinutes(1), () => $"the {who} subscriber's last rollups are the settled ones: {log.Missing(Settled)}");
        }

        await watching.CancelAsync();
        await Task.WhenAll(quick, slow);
    }

    private async Task MeasureAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        using var tick = new PeriodicTimer(MemoryEvery);
        try
        {
            while (await tick.WaitForNextTickAsync(cancellationToken))
                Memory.Add((clock.Elapsed.TotalSeconds, server.ResidentBytes()));
        }
        catch (OperationCanceledException)
        {
            // The replay is over.
        }
    }
}
