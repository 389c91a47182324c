using System.Globalization;
using RiskGrid.Acceptance.Processes;
using RiskGrid.Client;
using RiskGrid.Cluster.Tests.Booking;
using RiskGrid.Cluster.Tests.Processes;
using RiskGrid.Ledger;
using RiskGrid.Protocol.V1;
using Xunit.Abstractions;

namespace RiskGrid.Cluster.Tests;

/// <summary>Acknowledged means durable, applied exactly once: through silos that are killed and frozen and servers that restart while clients book.</summary>
/// <remarks>A soak, of which the tests do <see cref="UsualTime"/>. <c>./riskgrid test --soak MINUTES</c> does more (<c>RISKGRID_SOAK_MINUTES</c>);
/// <c>RISKGRID_SOAK=150000</c> does so many commands with a fixed number of faults, of silos alone; <c>RISKGRID_SEED</c> makes other choices.</remarks>
[Collection(ClusterServers.Collection)]
public sealed class ExactlyOnceTests(ClusterServers servers, ITestOutputHelper output) : IDisposable
{
    private const int UsualSeed = 20261122;
    private const int FaultsOverCommands = 16;
    private const int Clients = 4;
    private const int Silos = 3;
    private static readonly TimeSpan UsualTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(10);
    private static readonly string[] Desks = ["XO-NORTH", "XO-SOUTH"];
    private static readonly string[] Books = [.. Enumerable.Range(0, 12).Select(i => $"XO-{i:00}")];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Narration _narration = new(output);

    public void Dispose() => _narration.Dispose();

    [Fact]
    public async Task Every_acknowledged_command_is_applied_exactly_once_while_silos_are_killed_and_frozen_and_servers_restart()
    {
        var seed = Setting("RISKGRID_SEED") ?? UsualSeed;
        _narration.WriteLine($"seed {seed}");
        await using var cluster = await TestCluster.CreateAsync(servers);
        await Task.WhenAll(cluster.StartSilosAsync(Silos), cluster.StartGatewayAsync(), cluster.StartGatewayAsync());
        await cluster.WaitUntilReadyAsync();
        var clients = Enumerable.Range(0, Clients).Select(c => cluster.Connect(cluster.Gateways[c % 2])).ToList();
        try
        {
            await PrepareAsync(cluster, clients);
            var length = Length();
            var lanes = Lanes(seed, length);
            var rollups = await BookAsync(cluster, clients, lanes, length, seed);
            foreach (var process in cluster.Gateways.Concat(cluster.Silos).ToList())
                await process.StopAsync();
            await CheckAsync(cluster, lanes, rollups);
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    }

    private static SoakLength Length() => Setting("RISKGRID_SOAK") is { } commands
        ? new SoakLength(commands, null)
        : new SoakLength(null, Setting("RISKGRID_SOAK_MINUTES") is { } minutes ? TimeSpan.FromMinutes(minutes) : UsualTime);

    private static int? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private static async Task PrepareAsync(TestCluster cluster, List<RiskGridClient> clients)
    {
        await clients[0].PutHierarchyAsync(
        [
            .. Desks.Select(d => SmallMarket.Node(d, "desk", "FIRM")),
            .. Books.Select((b, i) => SmallMarket.Node(b, "book", Desks[i % Desks.Length])),
        ]);
        await SmallMarket.PublishAsync(clients[0], SmallMarket.Quotes());
        foreach (var client in clients)
        {
            // A gateway refuses what it does not know: each must have heard of the books.
            await cluster.WaitUntilAsync(
                async () => (await client.GetRollupAsync("/", depth: -1)).Count == 1 + Desks.Length + Books.Length, Patience, "every gateway knows every book");
        }
    }

    // Of each client, for every book one lane that only books new trades, so that such bookings are always under way everywhere, and one that does
    // everything.
    private static List<CommandLane> Lanes(int seed, SoakLength length)
    {
        var lanes = new List<CommandLane>();
        var all = Clients * Books.Length * 2;
        for (var client = 0; client < Clients; client++)
        {
            for (var book = 0; book < Books.Length; book++)
            {
                foreach (var (kind, others) in new[] { ("n", Array.Empty<string>()), ("m", Books) })
                {
                    var count = length.OfLane(lanes.Count, all);
                    lanes.Add(new CommandLane($"{client}-{book:00}{kind}", Books[book], others, SeedOf(seed, lanes.Count), count));
                }
            }
        }

        return lanes;
    }

    private static int SeedOf(int seed, int lane) => new Random(unchecked((seed * 31) + lane)).Next();

    private async Task<IReadOnlyList<Rollup>> BookAsync(TestCluster cluster, List<RiskGridClient> clients, List<CommandLane> lanes, SoakLength length, int seed)
    {
        var tally = new Tally(length, lanes.Count);
        using var failed = new CancellationTokenSource();
        var senders = lanes.Select((lane, i) => new LaneClient(clients[i * Clients / lanes.Count], lane, tally)).ToList();
        var sending = senders.Select(s => Task.Run(() => s.RunAsync(failed.Token))).ToList();
        var driver = new FaultDriver(cluster, servers, senders, tally, _narration);
        var driving = length.Commands is null
            ? driver.RepeatAsync(FaultSchedule.ToEverything(seed), failed.Token)
            : driver.SpreadAsync([.. FaultSchedule.ToSilos(seed).Take(FaultsOverCommands)], failed.Token);
        var reporting = ReportAsync(tally, driver, failed.Token);
        var all = new List<Task>([.. sending, driving]);
        try
        {
            while (all.Count > 0)
            {
                var done = await Task.WhenAny(all);
                all.Remove(done);
                await done;
            }
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            throw new InvalidOperationException($"{e.Message}\n{cluster.Logs()}", e);
        }
        finally
        {
            await failed.CancelAsync();
            await ((Task)Task.WhenAll([.. sending, driving, reporting])).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _narration.WriteLine(Told(tally, driver));
        var made = lanes.Sum(l => l.Commands.Count);
        Assert.Equal(length.Commands ?? made, made);
        Assert.Equal(made, tally.Acknowledged);
        Assert.True(driver.Thaws > 0, "no new trade was being booked into a book of a frozen silo when it went on");
        return await SettledAsync(cluster, clients[0]);
    }

    private async Task ReportAsync(Tally tally, FaultDriver driver, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BetweenReports);
        while (await timer.WaitForNextTickAsync(cancellationToken))
            _narration.WriteLine(Told(tally, driver));
    }

    private static string Told(Tally tally, FaultDriver driver)
    {
        var seconds = tally.Length.Elapsed.TotalSeconds;
        return $"{seconds,7:N1} s, {tally.Share:P0}: {tally.Acknowledged:N0} commands acknowledged ({tally.Refused:N0} refused as foreseen), {tally.Acknowledged / seconds:N0} a second, "
            + $"{driver.Done.Values.Sum()} faults ({string.Join(", ", driver.Done.Where(d => d.Value > 0).Select(d => $"{d.Value} {d.Key}"))}), "
            + $"{driver.UnderWayAtThaws} new trades under way at {driver.Thaws} thaws, {tally.Retries:N0} commands sent again, failures seen: {tally.Failures}";
    }

    private static async Task<IReadOnlyList<Rollup>> SettledAsync(TestCluster cluster, RiskGridClient client)
    {
        await SmallMarket.PublishAsync(client, Evening());
        IReadOnlyList<Rollup> rollups = [];
        await cluster.WaitUntilAsync(
            async () =>
            {
                rollups = await client.GetRollupAsync("/", depth: -1, settled: true, Patience);
                return true;
            },
            Patience,
            "the rollups settle");
        return rollups;
    }

    // Another market than the one that the bookings were priced in.
    private static QuoteBatch Evening()
    {
        var batch = SmallMarket.Quotes();
        foreach (var quote in batch.Quotes.Where(q => q.Factor.StartsWith("IDX.", StringComparison.Ordinal)))
            quote.Value *= 1.0125;
        return batch;
    }

    private async Task CheckAsync(TestCluster cluster, List<CommandLane> lanes, IReadOnlyList<Rollup> rollups)
    {
        var facts = await LedgerFacts.ReadAsync(cluster.Database);
        LedgerCheck.Holds(facts, lanes);
        await using (var ledger = await Ledgers.OpenAsync(cluster.Database.OriginalString, TimeProvider.System, CancellationToken.None))
            await LedgerCheck.SheetsAsync(ledger, lanes, Books);
        foreach (var rollup in rollups.Where(r => r.Kind == "book"))
            Assert.Equal(facts.Books[rollup.NodeId].Sequence, rollup.LedgerSequence);

        using var folder = new TemporaryFolder();
        var copy = folder.File("copy.db");
        (await RiskGridProgram.RunAsync("ledger", "copy", cluster.Database.OriginalString, copy)).MustEndWith(0);
        await using var embedded = await ServerProcess.StartAsync(copy, "--history", SmallHistory.WriteTo(folder));
        using var client = embedded.Connect();
        await SmallMarket.PublishAsync(client, Evening());
        var rebuilt = await client.GetRollupAsync("/", depth: -1, settled: true, Patience);
        Assert.Equal(rollups.Select(BareRollup.Of), rebuilt.Select(BareRollup.Of));
        _narration.WriteLine($"{facts.Events.Count:N0} events, {facts.Live.Count:N0} live trades, {rollups.Count} rollups: as told, as stored and as computed again");
    }
}
