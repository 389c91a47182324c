using System.Globalization;
using RiskGrid.Ledger.Postgres;
using RiskGrid.Testing;

namespace RiskGrid.Ledger.Tests.Postgres;

/// <summary>Servers that stop and die, and writers that are killed: nothing acknowledged is lost, nothing is applied twice.</summary>
public sealed class PostgresFaultTests
{
    private const int Seed = 4713;

    [Fact]
    public async Task Through_stops_and_kills_of_the_server_nothing_acknowledged_is_lost_or_doubled_and_the_ledger_goes_on()
    {
        await using var server = await TestServers.PostgresAsync();
        var address = PostgresDatabase.AddressOf(server, "postgres");
        await using var ledger = await PostgresLedger.OpenAsync(address, null, CancellationToken.None);
        string[] books = ["B1", "B2", "B3"];
        using var enough = new CancellationTokenSource();
        var acknowledged = new int[books.Length];
        var refused = 0;
        var writing = books.Select((book, index) => Task.Run(() => WriteAsync(book, index))).ToList();

        foreach (var fault in new Func<Task>[] { () => server.KillAsync(), () => server.StopAsync(), () => server.KillAsync() })
        {
            await ProgressAsync();
            var before = Volatile.Read(ref refused);
            await fault();
            await UntilAsync(() => Volatile.Read(ref refused) > before, "nobody has noticed that the server is gone");
            await server.StartAsync();
        }

        await ProgressAsync();
        await enough.CancelAsync();
        await Task.WhenAll(writing);
        for (var index = 0; index < books.Length; index++)
        {
            var batches = await LedgerChild.WholeBatchesAsync(ledger, books[index], "after the restarts");
            Assert.Equal(acknowledged[index], batches);
        }

        Assert.Equal(0, (await ledger.RebuildAsync(CancellationToken.None)).Differences);

        async Task WriteAsync(string book, int index)
        {
            var epoch = await ledger.TakeEpochAsync(book);
            var replies = new Dictionary<int, string>();
            while (!enough.IsCancellationRequested)
            {
                try
                {
                    var text = LedgerChild.Text(await ledger.AppendAsync(LedgerChild.Batch(book, epoch, acknowledged[index]), CancellationToken.None));
                    replies.Add(acknowledged[index], text);
                    Interlocked.Increment(ref acknowledged[index]);
                }
                catch (LedgerUnavailableException down)
                {
                    Assert.Contains(ledger.Address, down.Message, StringComparison.Ordinal);
                    Interlocked.Increment(ref refused);
                    await Task.Yield();
                }
            }

            // Each reply is the stored one, also where it came only to a retry.
            foreach (var (number, reply) in replies)
                Assert.Equal(reply, LedgerChild.Text(await ledger.AppendAsync(LedgerChild.Batch(book, epoch, number), CancellationToken.None)));
        }

        Task ProgressAsync()
        {
            var wanted = acknowledged.Select(a => a + 10).ToArray();
            return UntilAsync(() => acknowledged.Zip(wanted).All(p => p.First >= p.Second), "the writers do not get on");
        }
    }

    [Fact]
    public async Task After_every_kill_of_a_writing_process_each_acknowledged_command_is_there_once_and_each_batch_whole_or_absent()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var ledger = await PostgresLedger.OpenAsync(database.Address, null, CancellationToken.None);
        var random = new Random(Seed);
        var next = new Dictionary<string, int>(StringComparer.Ordinal) { ["B1"] = 0, ["B2"] = 0, ["B3"] = 0 };
        for (var kill = 0; kill < 5; kill++)
        {
            var when = $"kill {kill}, seed {Seed}";
            using var child = ChildProcess.Start(typeof(LedgerChild).Assembly, ["stream", database.Address, .. next.Select(b => $"{b.Key}={Math.Max(0, b.Value - 1)}")]);
            for (var wanted = random.Next(5, 60); wanted > 0;)
            {
                var line = await child.ReadLineAsync();
                Assert.True(line is not null, $"{when}: the child ended by itself: {child.Errors()}");
                wanted -= Note(line) ? 1 : 0;
            }

            foreach (var line in await child.KillAsync())
                _ = Note(line);
            foreach (var (book, acknowledged) in next)
            {
                // Taking the book waits for what the child may still have under way.
                await ledger.TakeEpochAsync(book);
                Assert.InRange(await LedgerChild.WholeBatchesAsync(ledger, book, when), acknowledged, acknowledged + 1);
            }
        }

        Assert.Equal(0, (await ledger.RebuildAsync(CancellationToken.None)).Differences);

        bool Note(string line)
        {
            if (line.Split(' ', 4) is not ["ack", var book, var number, _])
                return false;
            next[book] = Math.Max(next[book], int.Parse(number, CultureInfo.InvariantCulture) + 1);
            return true;
        }
    }

    [Fact]
    public async Task A_server_that_answers_nothing_is_unavailable_in_bounded_time()
    {
        await using var server = await TestServers.PostgresAsync();
        var address = PostgresDatabase.AddressOf(server, "postgres");

        // What writes a lot is done by a ledger that has the time for it.
        await using var patient = await PostgresLedger.OpenAsync(address, null, CancellationToken.None);
        var epoch = await patient.TakeEpochAsync("B1");
        var options = new PostgresLedgerOptions { ConnectTimeout = TimeSpan.FromSeconds(1), CommandTimeout = TimeSpan.FromSeconds(1) };
        await using var ledger = await PostgresLedger.OpenAsync(address, options, CancellationToken.None);
        await server.PauseAsync();
        try
        {
            await Assert.ThrowsAsync<LedgerUnavailableException>(() => ledger.ReadBookAsync("B1").WaitAsync(TimeSpan.FromSeconds(20)));
            await Assert.ThrowsAsync<LedgerUnavailableException>(
                () => ledger.AppendOneAsync("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1"))).WaitAsync(TimeSpan.FromSeconds(20)));
        }
        finally
        {
            await server.ResumeAsync();
        }

        await UntilAsync(async () =>
        {
            try
            {
                return (await ledger.AppendOneAsync("B1", epoch, Make.Booking("c1", "T1", Make.Terms("B1")))).Reply.Length > 0;
            }
            catch (LedgerUnavailableException)
            {
                return false;
            }
        }, "the ledger does not go on");
        Assert.Single(await ledger.ReadTradeAsync("T1"));
    }

    private static Task UntilAsync(Func<bool> condition, string missing) => UntilAsync(() => Task.FromResult(condition()), missing);

    private static async Task UntilAsync(Func<Task<bool>> condition, string missing)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(60), missing);
            await Task.Delay(5);
        }
    }
}
